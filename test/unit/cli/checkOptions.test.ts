/** Options of `check` that decide what counts, where it goes, and under which policies. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, suite, test } from "node:test";
import { runCli, type Ran } from "../../support/commandLine.ts";

const directory = mkdtempSync(join(tmpdir(), "nginx-selinux-options-"));
after(() => rmSync(directory, { recursive: true }));

const refused = "events {}\nhttp { server { location / { proxy_pass http://127.0.0.1:3000; } } }\n";
writeFileSync(join(directory, "nginx.conf"), refused);

const check = (...args: readonly string[]): Promise<Ran> =>
  runCli(directory, [
    "check",
    "--container",
    "no",
    ...(args.includes("--policy") ? [] : ["--policy", "rhel9"]),
    ...args,
    "nginx.conf",
  ]);

interface Json {
  readonly findings: readonly { readonly rule: string; readonly severity: string }[];
}
const findings = ({ out }: Ran): readonly string[] => {
  const report: Json = JSON.parse(out);
  return report.findings.map(({ rule, severity }) => `${severity} ${rule}`);
};

suite("--severity and --fail-on", () => {
  test("a rule matters as much as is said, and off is silent", async () => {
    assert.deepEqual(findings(await check("--format", "json")), ["error connect-port"]);
    const lower = await check("--format", "json", "--severity", "connect-port=hint");
    assert.deepEqual([lower.code, ...findings(lower)], [0, "hint connect-port"]);
    const off = await check("--format", "json", "--severity=connect-port=off", "--fail-on", "hint");
    assert.deepEqual([off.code, ...findings(off)], [0]);
  });

  test("with --fail-on none findings never change the exit code", async () => {
    assert.equal((await check()).code, 1);
    assert.equal((await check("--fail-on", "none")).code, 0);
    assert.equal((await runCli(directory, ["check", "--fail-on", "none", "missing.conf"])).code, 2);
  });

  test("mistakes are named", async () => {
    assert.match(
      (await check("--severity", "conect-port=off")).err,
      /no rule "conect-port".*Did you mean connect-port/,
    );
    assert.match((await check("--severity", "connect-port=loud")).err, /RULE=LEVEL with one of error, .*off/);
  });
});

suite("--baseline", () => {
  const baseline = join(directory, "known.json");

  test("what is listed does not count, wherever its line moves; what is new does", async () => {
    const written = await check("--write-baseline", "known.json");
    assert.deepEqual([written.code, /1 findings are listed/.test(written.err)], [0, true]);
    assert.deepEqual(JSON.parse(readFileSync(baseline, "utf8")), {
      format: "nginx-selinux-baseline",
      version: 1,
      findings: [{ rule: "connect-port", target: "connect tcp 3000", file: "nginx.conf" }],
    });
    writeFileSync(join(directory, "nginx.conf"), `\n\n# moved\n${refused}`);
    const known = await check("--baseline", "known.json");
    assert.deepEqual([known.code, known.out.startsWith("No findings")], [0, true]);
    writeFileSync(
      join(directory, "nginx.conf"),
      refused.replace("events {}", "events {}\n").replace("server {", "server { listen 25;"),
    );
    const fresh = await check("--baseline", "known.json", "--format", "json");
    assert.deepEqual([fresh.code, ...findings(fresh)], [1, "error listen-port"]);
    writeFileSync(join(directory, "nginx.conf"), refused);
  });

  test("SARIF has what is known as suppressed from outside", async () => {
    const { out } = await check("--baseline", "known.json", "--format", "sarif");
    assert.deepEqual(out.match(/"suppressions":\[[^\]]+\]/g), [
      '"suppressions":[{"kind":"external","justification":"listed in known.json"}]',
    ]);
  });

  test("the list names files relative to itself, so that it holds in another checkout and from another directory", async () => {
    mkdirSync(join(directory, "ci"));
    writeFileSync(join(directory, "ci", "known.json"), readFileSync(baseline));
    const other = await runCli(join(directory, "ci"), [
      "check",
      "--policy",
      "rhel9",
      "--baseline",
      "../known.json",
      "../nginx.conf",
    ]);
    assert.equal(other.code, 0, other.out);
  });

  test("a file that is no list is refused with the reason", async () => {
    assert.match((await check("--baseline", "nginx.conf")).err, /baseline .*nginx\.conf: /);
    assert.match((await check("--baseline", "missing.json")).err, /baseline .*missing\.json: .*No such file/);
    writeFileSync(join(directory, "odd.json"), '{"format":"nginx-selinux-baseline","version":2,"findings":[]}');
    assert.match((await check("--baseline", "odd.json")).err, /newer version/);
    writeFileSync(
      join(directory, "odd.json"),
      '{"format":"nginx-selinux-baseline","version":1,"findings":[{"rule":1}]}',
    );
    assert.match((await check("--baseline", "odd.json")).err, /lacks rule, target or file/);
  });
});

suite("--output, --quiet and --color", () => {
  test("the report goes to the file, and nothing to standard output", async () => {
    const { out, code } = await check("--output", "report.json", "--format", "json");
    assert.deepEqual([out, code], ["", 1]);
    assert.deepEqual(findings({ out: readFileSync(join(directory, "report.json"), "utf8"), err: "", code: 1 }), [
      "error connect-port",
    ]);
  });

  test("what is no file is not replaced", async () => {
    mkdirSync(join(directory, "folder"));
    const { code, err } = await check("-o", "folder");
    assert.equal(code, 2);
    assert.match(err, /--output folder: it is no file/);
  });

  test("quiet says nothing but errors on standard error", async () => {
    assert.equal((await check("--quiet")).err, "");
    assert.match((await check()).err, /^policy: /);
    assert.match((await runCli(directory, ["check", "-q", "missing.conf"])).err, /missing\.conf/);
  });

  test("colours are forced and forbidden", async () => {
    assert.match((await check("--color", "always")).out, /\u001b\[31m/);
    assert.doesNotMatch((await check("--color=never")).out, /\u001b/);
  });
});

suite("several policies", () => {
  test("text has a column for each, and says what distinguishes them", async () => {
    const { out, code } = await check("--policy", "rhel7", "--policy", "rhel9");
    assert.equal(code, 1);
    const lines = out.split("\n");
    assert.match(lines[0] ?? "", /^rhel7 +rhel9 +finding$/);
    assert.match(out, /^error +error +nginx\.conf:2:\d+: .*3000.*\[connect-port\]$/m);
    assert.match(out, /^rhel9 finds what rhel7 finds\.$/m);
    assert.match(out, /^rhel7: 1 error, against RHEL 7\.$/m);
  });

  test("what only the newer release refuses stands out", async () => {
    writeFileSync(
      join(directory, "web.conf"),
      "events {}\nhttp { server { location / { proxy_pass http://127.0.0.1:8008; } } }\n",
    );
    const { out, code } = await runCli(directory, ["check", "--policy", "rhel7", "--policy", "rhel10", "web.conf"]);
    assert.equal(code, 1);
    assert.match(out, /^- +error +web\.conf:2:\d+: /m);
    assert.match(out, /^rhel10 finds 1 that rhel7 does not, and lacks 0 that rhel7 has\.$/m);
  });

  test("JSON has a report for each; for one policy it is that report", async () => {
    const { out } = await check("--policy", "rhel7", "--policy=rhel9", "--format", "json");
    const value: {
      readonly schema: number;
      readonly reports: readonly { readonly policy: { readonly name: string } }[];
    } = JSON.parse(out);
    assert.equal(value.schema, 1);
    assert.deepEqual(
      value.reports.map(({ policy }) => policy.name),
      ["rhel7", "rhel9"],
    );
    assert.ok("findings" in JSON.parse((await check("--format", "json")).out));
  });

  test("GitLab's and GitHub's reports say which policy refuses", async () => {
    const { out } = await check("--policy", "rhel7", "--policy", "rhel9", "--format", "gitlab");
    const entries: readonly { readonly description: string; readonly fingerprint: string }[] = JSON.parse(out);
    assert.deepEqual(
      entries.map(({ description }) => /\((\w+)\)$/m.exec(description)?.[1]),
      ["rhel7", "rhel9"],
    );
    assert.equal(new Set(entries.map(({ fingerprint }) => fingerprint)).size, 2);
    assert.match(
      (await check("--policy", "rhel7", "--policy", "rhel9", "--format", "github")).out,
      /title=SELinux%3A connect-port \(rhel9\)/,
    );
  });

  test("a plan is for one policy", async () => {
    const { code, err } = await check("--policy", "rhel7", "--policy", "rhel9", "--format", "script");
    assert.equal(code, 2);
    assert.match(err, /--format script is for one --policy/);
  });
});

suite("--format gitlab", () => {
  test("has what GitLab asks for, and the fingerprint stays when the line moves", async () => {
    const entries = async (): Promise<readonly Readonly<Record<string, unknown>>[]> =>
      JSON.parse((await check("--format", "gitlab")).out);
    const [before] = await entries();
    assert.deepEqual(Object.keys(before ?? {}), ["description", "check_name", "fingerprint", "severity", "location"]);
    assert.deepEqual([before?.["check_name"], before?.["severity"]], ["connect-port", "critical"]);
    assert.deepEqual(before?.["location"], { path: "nginx.conf", lines: { begin: 2, end: 2 } });
    writeFileSync(join(directory, "nginx.conf"), `# a line\n${refused}`);
    const [moved] = await entries();
    assert.deepEqual(moved?.["location"], { path: "nginx.conf", lines: { begin: 3, end: 3 } });
    assert.equal(moved?.["fingerprint"], before?.["fingerprint"]);
    writeFileSync(join(directory, "nginx.conf"), refused);
  });
});
