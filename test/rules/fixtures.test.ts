/**
 * Every fixture under test/fixtures/rules is a whole nginx configuration whose expectations are comments below the line:
 * `#   ^^^^ error connect-port`. Exactly these findings must come, at exactly these places. In the head, `# policy: NAME`
 * and `# boolean: NAME=on`; and `# host: ...` (see test/support/hostFixture.ts) for one that runs on a live host. Below
 * `# file: NAME` the lines that begin with `#|` are a file that lies beside it, its expectations among them.
 */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { nameOf } from "../../server/src/base/paths.ts";
import { analyzeInSteps } from "../../server/src/analysis/analysis.ts";
import { collect } from "../../server/src/analysis/collected.ts";
import { isPlaced } from "../../server/src/analysis/finding.ts";
import { whyContainer } from "../../server/src/analysis/whyContainer.ts";
import { createLanguageService } from "../../server/src/languageService.ts";
import { plainSurroundings } from "../../server/src/workspace/surroundings.ts";
import { lineIndexOf } from "../../server/src/nginx/tree/lineIndexes.ts";
import { loadConfiguration } from "../../server/src/nginx/load/loadConfiguration.ts";
import { ruleInfos } from "../../server/src/rules/index.ts";
import { policyOf } from "../../server/src/selinux/model.ts";
import { defaultSettings } from "../../server/src/shared/settings.ts";
import { printedReport } from "../support/printedReport.ts";
import { bundledText, releases } from "../support/bundledPolicies.ts";
import { hostFixture } from "../support/hostFixture.ts";
import { createMemoryHost } from "../support/memoryHost.ts";
import { assertForm } from "../support/messageForm.ts";
import { memoryReader } from "../support/memoryReader.ts";
import { informed, release } from "./situation.ts";

const directory = new URL("../fixtures/rules/", import.meta.url);
const main = "/etc/nginx/nginx.conf";

interface Fixture {
  readonly text: string;
  readonly policy: string;
  readonly booleans: ReadonlyMap<string, boolean>;
  readonly host: readonly string[];
  readonly expected: readonly string[];
  /** Texts of the files beside it, by their names. */
  readonly files: ReadonlyMap<string, string>;
}

function parseFixture(text: string): Fixture {
  const expected: string[] = [];
  const booleans = new Map<string, boolean>();
  const host: string[] = [];
  const files = new Map<string, string>();
  let policy = "";
  let judged = -1;
  let file = "";
  for (const [number, line] of text.split("\n").entries()) {
    const head = /^# (policy|boolean): ([\w.]+)(?:=(on|off))?$/.exec(line);
    file = /^# file: (\S+)$/.exec(line)?.[1] ?? file;
    if (line.startsWith("#|")) {
      const beside = files.get(file) ?? "";
      const said = /^#\|(\s*)(\^+) (\w+) ([a-z-]+)$/.exec(line);
      if (said === null) files.set(file, `${beside}${line.slice(2)}\n`);
      else {
        const [, { length: start } = "", { length: width } = "", severity = "", rule = ""] = said;
        const above = beside.split("\n").length - 2;
        expected.push(`${file}, ${place(above, start, start + width, severity, rule)}`);
      }
      continue;
    }
    const told = /^# host: (.+)$/.exec(line)?.[1];
    if (told !== undefined) host.push(told);
    const mark = /^\s*#\s*(\^+) (\w+) ([a-z-]+)$/.exec(line);
    if (head?.[1] === "policy") policy = head[2] ?? "";
    else if (head?.[1] === "boolean") booleans.set(head[2] ?? "", head[3] === "on");
    if (mark === null) {
      judged = number;
      continue;
    }
    const start = line.indexOf("^");
    expected.push(place(judged, start, start + (mark[1]?.length ?? 0), mark[2] ?? "", mark[3] ?? ""));
  }
  return { text, policy, booleans, host, files, expected: expected.sort() };
}

function place(line: number, start: number, end: number, severity: string, rule: string): string {
  return `line ${line + 1}, ${start}-${end}: ${severity} ${rule}`;
}

/** The findings of the configuration on a host that has a release's policy, with labels that are taken for its own. */
async function checkOnHost({ text, policy, host }: Fixture): Promise<readonly string[]> {
  const name = releases.find((each) => each === policy);
  assert.ok(name !== undefined);
  const configuration = await loadConfiguration(main, memoryReader({ [main]: text }));
  const mode = host.includes("mode permissive") ? "permissive" : "enforcing";
  const { facts } = informed(release(name), { source: "live", mode, exactLabels: true });
  const state = hostFixture(facts, host);
  const source =
    state.nginx.domain !== null && facts.domains.includes(state.nginx.domain) ? state.nginx.domain : "httpd_t";
  const container = whyContainer("auto", state, null);
  const context = {
    policy: policyOf(facts, state.changes),
    source,
    localPorts: state.localPorts,
    host: state,
    container,
    mounts: [],
  };
  const steps = analyzeInSteps(collect(configuration), { context, severity: new Map() });
  let step = steps.next();
  while (step.done !== true) step = steps.next();
  const { findings } = step.value;
  for (const { message } of findings) assertForm(message);
  return findings
    .filter(isPlaced)
    .map(({ file, span, severity, rule }) => {
      const tree = configuration.files[file]?.tree;
      assert.ok(tree !== undefined);
      const { start, end } = lineIndexOf(tree).rangeOf(span);
      return place(start.line, start.character, end.character, severity, rule);
    })
    .sort();
}

async function check(fixture: Fixture): Promise<readonly string[]> {
  if (fixture.host.length > 0) return checkOnHost(fixture);
  const { text, policy, booleans, files } = fixture;
  const beside = Object.fromEntries([...files].map(([name, content]) => [`/etc/nginx/${name}`, content]));
  const host = createMemoryHost({ [main]: text, ...beside }, (name) => {
    const release = releases.find((each) => each === name);
    return release === undefined ? undefined : bundledText(release);
  });
  const settings = { ...defaultSettings, policy, booleans };
  const service = createLanguageService(host, { ...plainSurroundings, settingsFor: () => settings });
  const { findings } = await printedReport(service, main);
  for (const { message } of findings) assertForm(message);
  return findings
    .map(({ file, range: { start, end }, severity, rule }) => {
      assert.equal(start.line, end.line);
      const where = place(start.line, start.character, end.character, severity, rule);
      return file === main ? where : `${nameOf(file)}, ${where}`;
    })
    .sort();
}

/** The rules but for the one whose findings are in the logs of a host, never in a configuration alone. */
const ids = ruleInfos.map(({ id }) => id).filter((id) => id !== "denied-in-audit-log");

for (const id of ids) {
  const names = readdirSync(new URL(`${id}/`, directory)).sort();

  test(`${id} has fixtures that fire and fixtures that stay silent`, () => {
    assert.ok(names.some((name) => name.startsWith("fires-")));
    assert.ok(names.some((name) => name.startsWith("ok-")));
    for (const name of names) assert.match(name, /^(fires|ok)-[a-z0-9-]+\.conf$/);
  });

  for (const name of names) {
    test(`${id}/${name} gives what its comments say`, async () => {
      const fixture = parseFixture(readFileSync(new URL(`${id}/${name}`, directory), "utf8"));
      assert.notEqual(fixture.policy, "", "the fixture names no policy");
      const own = fixture.expected.filter((line) => line.endsWith(` ${id}`));
      assert.equal(own.length > 0, name.startsWith("fires-"), "its name and its expectations disagree");
      assert.deepEqual(await check(fixture), fixture.expected);
    });
  }
}

test("there is no fixture for a rule that does not exist", () => {
  assert.deepEqual(readdirSync(directory).sort(), ids);
});
