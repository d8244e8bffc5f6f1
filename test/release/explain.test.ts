/**
 * `explain TARGET --config FILE` and `check FILE` of the packaged command line: the same fixes for every target of the sample,
 * of the fixtures, and of `../shared/cases` where that is; and the first fix leaves nothing of its target refused.
 */
import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { after, suite, test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { packages, root } from "../../scripts/packages/product.ts";
import { analyzeInSteps, type Analysis } from "../../server/src/analysis/analysis.ts";
import { collect } from "../../server/src/analysis/collected.ts";
import { findingAbout, targetAccesses } from "../../server/src/analysis/targets.ts";
import { createNodeHost } from "../../server/src/host/hostNode.ts";
import { createLanguageService } from "../../server/src/languageService.ts";
import { offersOf } from "../../server/src/offers/offeredFixes.ts";
import type { Report, ReportAccess, ReportFix } from "../../server/src/report/report.ts";
import { defaultSettings } from "../../server/src/shared/settings.ts";
import { plainSurroundings } from "../../server/src/workspace/surroundings.ts";
import { machinePath } from "./installed.ts";

const folder = mkdtempSync(join(tmpdir(), "nginx-selinux-explain-"));
after(() => rmSync(folder, { recursive: true }));
execFileSync("tar", ["-xzf", packages.npm, "-C", folder]);
const program = join(folder, "package/dist/cli.cjs");

interface Answer {
  readonly access: Pick<ReportAccess, "source">;
  readonly kind: string;
  readonly protocol: string;
  readonly port?: number | null;
  readonly path?: string | null;
  readonly fixes: readonly ReportFix[];
}

/** What the command line prints. It ends with 1 where `check` has findings. */
function run(args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { cwd: folder, env: { PATH: machinePath, HOME: folder }, maxBuffer: 1 << 26 };
    execFile("node", [program, ...args], options, (error, stdout, stderr) => {
      if (error === null || error.code === 1) resolve(stdout);
      else reject(new Error(`${args.join(" ")}: ${stderr}`));
    });
  });
}

/** As `explain` takes it; null for what it takes no target of. */
function targetOf({ protocol, port, path }: ReportAccess): string | null {
  if (protocol === "process") return null;
  if (protocol === "unix") return path === null ? null : `unix:${path}`;
  if (protocol === "file") return path;
  return port === null ? null : `${protocol}/${port}`;
}

/** True for an answer about the same access, wherever the configuration makes it. */
function isAbout({ kind, protocol, port, path, access: { source } }: Answer, access: ReportAccess): boolean {
  return (
    kind === access.kind &&
    protocol === access.protocol &&
    (port ?? null) === access.port &&
    (path ?? null) === access.path &&
    source === access.source
  );
}

function told(fixes: readonly ReportFix[]): readonly unknown[] {
  return fixes.map(({ id, commands, undo, preferred }) => ({ id, commands, undo, preferred }));
}

/** Holds `explain` to `check`, for every finding about a target. Gives the number of findings compared. */
async function compare(main: string, policy: string): Promise<number> {
  const report: Report = JSON.parse(
    await run(["check", "--policy", policy, "--container", "no", "--format", "json", main]),
  );
  const explained = new Map<string, readonly Answer[]>();
  let compared = 0;
  for (const { access, message, fixes } of report.findings) {
    const target = access === null ? null : targetOf(access);
    if (access === null || target === null) continue;
    let answers = explained.get(target);
    if (answers === undefined) {
      const args = ["explain", "--policy", policy, "--config", main, "--format", "json", target];
      const given: { readonly answers: readonly Answer[] } = JSON.parse(await run(args));
      answers = given.answers;
      explained.set(target, answers);
    }
    const same = answers.filter((answer) => isAbout(answer, access)).map((answer) => told(answer.fixes));
    assert.ok(
      same.some((each) => isDeepStrictEqual(each, told(fixes))),
      `${target}: ${message}\ncheck: ${JSON.stringify(told(fixes), null, 1)}\nexplain: ${JSON.stringify(same, null, 1)}`,
    );
    compared++;
  }
  return compared;
}

const host = createNodeHost(join(root, "server/policies"), () => undefined);

/** Replays the first fix of every finding that commands alone clear. Gives the number of replays. */
async function replay(main: string, policy: string): Promise<number> {
  const settings = { ...defaultSettings, policy };
  const service = createLanguageService(host, { ...plainSurroundings, settingsFor: () => settings });
  const { analysis } = await service.analyzeFile(main);
  let replayed = 0;
  for (const finding of analysis.findings) {
    const [first] = offersOf(analysis)(finding);
    if (first === undefined || first.edits.length > 0 || first.fix.outside !== undefined) continue;
    // What a root shell would make gets its label once it is there: no policy without the file shows that.
    if (finding.severity === "information") continue;
    const { context, configuration } = analysis;
    const changed = { ...context, policy: context.policy.with(first.fix.changes) };
    const left = whole(analyzeInSteps(collect(configuration), { context: changed, severity: new Map() })).findings;
    // That a root shell would make a file with another label still is an information once the service may make it.
    const same = left.filter(
      (each) =>
        each.key === finding.key &&
        finding.rules.some((rule) => each.rules.includes(rule)) &&
        each.severity !== "information",
    );
    assert.deepEqual(
      same.map(({ message }) => message),
      [],
      `after ${first.fix.commands.join("; ")}`,
    );
    replayed++;
  }
  return replayed;
}

function whole(steps: Generator<void, Analysis, void>): Analysis {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** The configurations of a directory whose names begin so; none where it is missing. */
function configurations(directory: string, start = ""): readonly string[] {
  if (!existsSync(directory)) return [];
  const names = readdirSync(directory).filter((name) => name.startsWith(start) && name.endsWith(".conf"));
  return names.toSorted().map((name) => join(directory, name));
}

const rules = [
  "connect-port",
  "connect-socket",
  "connect-peer",
  "listen-port",
  "listen-socket",
  "read-path",
  "write-path",
];
const own = [
  join(root, "sample/nginx/nginx.conf"),
  ...rules.flatMap((rule) => configurations(join(root, "test/fixtures/rules", rule), "fires-")),
];
const others = configurations(join(root, "../shared/cases"));

suite("explain and check agree, and the first fix works", { concurrency: 2 }, () => {
  let replays = 0;
  for (const main of [...own, ...others]) {
    test(relative(root, main), async () => {
      const policy = main.includes("rhel7") ? "rhel7" : "rhel9";
      const compared = await compare(main, policy);
      if (own.includes(main)) assert.ok(compared > 0, "nothing was compared");
      const replayed = await replay(main, policy);
      replays += replayed;
    });
  }
  after(() => assert.ok(replays > 0, "nothing was replayed"));
});

/** Targets that no configuration holds, each with the smallest configuration that does. */
const alone: readonly (readonly [target: string, access: string, line: string])[] = [
  ["unix:/run/myapp/app.sock", "connect", "location / { proxy_pass http://unix:/run/myapp/app.sock; }"],
  ["tcp/8081", "connect", "location / { proxy_pass http://127.0.0.1:8081; }"],
  ["tcp/8081", "bind", "listen 8081; return 204;"],
];

suite("explain of a target alone", { concurrency: 2 }, () => {
  for (const [target, kind, line] of alone) {
    test(`${kind} ${target}`, async () => {
      const main = join(folder, `${kind}-${target.replaceAll(/\W/gu, "-")}.conf`);
      writeFileSync(main, `events {}\nhttp { access_log off; server { ${line} } }\n`);
      const given: { readonly answers: readonly Answer[] } = JSON.parse(
        await run(["explain", "--policy", "rhel9", "--format", "json", target]),
      );
      const report: Report = JSON.parse(
        await run(["check", "--policy", "rhel9", "--container", "no", "--format", "json", main]),
      );
      const answer = given.answers.find((each) => each.kind === kind);
      const finding = report.findings.find(({ access }) => access?.kind === kind && access.protocol !== "file");
      assert.ok(answer !== undefined && finding !== undefined && answer.fixes.length > 0);
      // Without a configuration there is nothing to edit.
      assert.deepEqual(told(answer.fixes), told(finding.fixes.filter(({ edits }) => edits === undefined)));
      await replayAlone(target, kind);
    });
  }
});

/** Replays the first fix of a target that no file holds: the same question is answered `allowed` then. */
async function replayAlone(target: string, kind: string): Promise<void> {
  const settings = { ...defaultSettings, policy: "rhel9" };
  const service = createLanguageService(host, { ...plainSurroundings, settingsFor: () => settings });
  const accesses = targetAccesses(target)?.filter((access) => access.kind === kind) ?? [];
  const [answer] = await service.analyzeTarget(accesses, null, `${folder}/x`);
  assert.ok(answer !== undefined);
  const { analysis, access } = answer;
  const finding = findingAbout(access, analysis);
  const [first] = finding === null ? [] : offersOf(analysis)(finding);
  assert.ok(finding !== null && first?.preferred === true);
  const after = analysis.evaluator.under(analysis.context.policy.with(first.fix.changes));
  assert.equal(after.refusal(access, finding.rules), null);
}
