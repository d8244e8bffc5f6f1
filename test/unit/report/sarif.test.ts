/** The SARIF log: what the 2.1.0 schema demands of the parts that are used, and GitHub's limits. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, suite, test } from "node:test";
import { gzipSync } from "node:zlib";
import { runCli } from "../../support/commandLine.ts";
import { sarifMistakes } from "../../support/sarifSchema.ts";

const directory = mkdtempSync(join(tmpdir(), "nginx-selinux-sarif-"));
after(() => rmSync(directory, { recursive: true }));

/** A site with a refusal behind an upstream, a silenced one, and names that need encoding. */
mkdirSync(join(directory, "a b"));
writeFileSync(
  join(directory, "nginx.conf"),
  'events {}\nhttp {\n  include "a b/*.conf";\n  server { location / { proxy_pass http://app; } }\n}\n',
);
writeFileSync(
  join(directory, "a b", "ümläut%.conf"),
  "upstream app { server 127.0.0.1:3000; }\nserver {\n  # selinux-ignore listen-port ours, see the role\n  listen 25;\n}\n",
);

interface Log {
  readonly runs: readonly {
    readonly tool: {
      readonly driver: { readonly version: string; readonly rules: readonly { readonly id: string }[] };
    };
    readonly automationDetails: { readonly id: string };
    readonly results: readonly Result[];
    readonly invocations: readonly { readonly toolExecutionNotifications: readonly unknown[] }[];
  }[];
}

interface Result {
  readonly ruleId: string;
  readonly ruleIndex: number;
  readonly level: string;
  readonly locations: readonly { readonly physicalLocation: { readonly artifactLocation: { readonly uri: string } } }[];
  readonly relatedLocations: readonly { readonly message: { readonly text: string } }[];
  readonly partialFingerprints: Readonly<Record<string, string>>;
  readonly suppressions: readonly { readonly kind: string; readonly justification: string }[];
}

async function logOf(args: readonly string[]): Promise<Log> {
  const { out } = await runCli(directory, ["check", "--container", "no", "--format", "sarif", ...args, "nginx.conf"]);
  const log: Log = JSON.parse(out);
  assert.deepEqual(sarifMistakes(log), []);
  return log;
}

suite("SARIF", () => {
  test("is valid, and names the version, the rule, the place and what leads there", async () => {
    const [run] = (await logOf(["--policy", "rhel9"])).runs;
    assert.ok(run);
    assert.equal(run.tool.driver.version, "1.2.3");
    assert.equal(run.automationDetails.id, "nginx-selinux/rhel9/");
    const refused = run.results.find(({ ruleId }) => ruleId === "connect-port");
    assert.ok(refused);
    assert.equal(run.tool.driver.rules[refused.ruleIndex]?.id, "connect-port");
    assert.equal(refused.level, "error");
    assert.equal(refused.locations[0]?.physicalLocation.artifactLocation.uri, "a%20b/%C3%BCml%C3%A4ut%25.conf");
    assert.deepEqual(
      refused.relatedLocations.map(({ message }) => message.text),
      ["proxy_pass"],
    );
    assert.deepEqual(refused.suppressions, []);
  });

  test("holds what a comment silences, with the reason", async () => {
    const [run] = (await logOf(["--policy", "rhel9"])).runs;
    const silenced = run?.results.filter(({ suppressions }) => suppressions.length > 0) ?? [];
    assert.deepEqual(
      silenced.map(({ ruleId, suppressions }) => [ruleId, ...suppressions]),
      [["listen-port", { kind: "inSource", justification: "ours, see the role" }]],
    );
  });

  test("a finding keeps its fingerprint when its line moves", async () => {
    const before = (await logOf(["--policy", "rhel9"])).runs[0]?.results ?? [];
    const site = join(directory, "nginx.conf");
    writeFileSync(
      site,
      '# a line\nevents {}\nhttp {\n\n  include "a b/*.conf";\n  server { location / { proxy_pass http://app; } }\n}\n',
    );
    const after = (await logOf(["--policy", "rhel9"])).runs[0]?.results ?? [];
    const prints = (results: readonly Result[]): readonly string[] =>
      results.map((result) => JSON.stringify(result.partialFingerprints)).toSorted();
    assert.deepEqual(prints(after), prints(before));
    assert.equal(new Set(prints(after)).size, after.length);
  });

  test("several policies are runs that do not replace one another", async () => {
    const { runs } = await logOf(["--policy", "rhel7", "--policy", "rhel9"]);
    assert.deepEqual(
      runs.map(({ automationDetails }) => automationDetails.id),
      ["nginx-selinux/rhel7/", "nginx-selinux/rhel9/"],
    );
  });

  test("hosts that share a short name are told apart", async () => {
    const snapshot = readFileSync(join(import.meta.dirname, "../../fixtures/policies/snapshot-0.1.json"), "utf8");
    const given = ["a", "b"].flatMap((host) => {
      writeFileSync(join(directory, `${host}.json`), snapshot.replace("The shop's host", host));
      return ["--policy", `./${host}.json`];
    });
    const { runs } = await logOf(given);
    assert.deepEqual(
      runs.map(({ automationDetails }) => automationDetails.id),
      ["nginx-selinux/shop#1/", "nginx-selinux/shop#2/"],
    );
    const { out } = await runCli(directory, [
      "check",
      "--container",
      "no",
      "--format",
      "gitlab",
      ...given,
      "nginx.conf",
    ]);
    assert.match(out, /\(shop#1\)[^]*\(shop#2\)/);
  });

  test("more policies than GitHub takes runs are a mistake", async () => {
    const check = (count: number) => {
      const policies = Array.from({ length: count }, (_, i) => ["--policy", `./host${i}.json`]).flat();
      return runCli(directory, ["check", "--format", "sarif", ...policies, "nginx.conf"]);
    };
    const { code, err } = await check(21);
    assert.equal(code, 2);
    assert.match(err, /--format sarif takes 20 policies, and these are 21/);
    assert.doesNotMatch((await check(20)).err, /takes 20/);
  });

  test("of more findings than GitHub takes, the most severe are left", async () => {
    const many = Array.from({ length: 25_100 }, (_, i) => `location /${i} { proxy_pass http://127.0.0.1:3000; }`);
    writeFileSync(
      join(directory, "many.conf"),
      `events {}\nhttp { server { listen 3001; location = / { proxy_pass http://$host; } ${many.join("\n")} } }\n`,
    );
    const { out } = await runCli(directory, ["check", "--policy", "rhel9", "--format", "sarif", "many.conf"]);
    const log: Log = JSON.parse(out);
    const [run] = log.runs;
    assert.equal(run?.results.length, 25_000);
    assert.ok(run.results.every(({ level }) => level === "error"));
    assert.match(JSON.stringify(run.invocations), /\d+ less severe findings are left out/);
    assert.ok(gzipSync(out).length < 10_000_000, "GitHub takes 10 MB, compressed");
  });
});
