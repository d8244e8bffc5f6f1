/** What a configuration, a file name or a policy says never becomes a command of the CI service that reads the output. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { spawnSync } from "node:child_process";
import { after, suite, test } from "node:test";
import { formats } from "../../../server/src/report/formats.ts";
import { asLine, jsonWithoutCommands, withoutMarkers } from "../../../server/src/base/workflowCommands.ts";
import { runCli } from "../../support/commandLine.ts";

const directory = mkdtempSync(join(tmpdir(), "nginx-selinux-commands-"));
after(() => rmSync(directory, { recursive: true }));

const hostile = [
  "::stop-commands::x",
  "\n::stop-commands::x",
  "\r\n  ::error::x",
  "##[error]x",
  "##[stop-commands]x",
  "##vso[task.setvariable variable=a]b",
  "##teamcity[buildStatus]",
];

/** The lines in which a service finds a command: as actions/runner, Azure Pipelines and TeamCity read them. */
function commandsIn(text: string): readonly string[] {
  return text.split(/\r\n|\n|\r/).filter((line) => /^\s*::\S/.test(line) || /##(?:vso|teamcity)?\[/.test(line));
}

suite("commands of CI services", () => {
  test("are found by this test", () => {
    for (const text of hostile) assert.equal(commandsIn(`x\n${text}`).length, 1, text);
    assert.deepEqual(commandsIn("a::b\nlisten [::]:80\n## [x]"), []);
  });

  test("are made harmless in lines and in JSON, and other text is left alone", () => {
    for (const text of ["listen [::]:80", "a ## b", "fe80::1", "# [x]"]) {
      assert.equal(asLine(withoutMarkers(text)), text);
      assert.equal(JSON.parse(jsonWithoutCommands(JSON.stringify(text))), text);
    }
    for (const text of hostile) assert.equal(JSON.parse(jsonWithoutCommands(JSON.stringify(text))), text);
    assert.equal(jsonWithoutCommands('"####"'), String.raw`"#\u0023#\u0023"`);
  });

  const site = (name: string): string => {
    const inside = join(directory, name);
    mkdirSync(inside, { recursive: true });
    const path = `/srv/a ::error::b ##[error]c ::stop-commands::d`;
    writeFileSync(
      join(inside, "::error::x ##[y].conf"),
      `events {}\nhttp { server { listen 25; # ##[error]z\nroot "${path}"; location / { proxy_pass http://127.0.0.1:3000; proxy_store "${path}/s"; }\nset $a "\n  ::stop-commands::x"; listen 26; } }\n`,
    );
    return inside;
  };

  for (const { name } of formats)
    test(`are in no line of --format ${name}, but for its own`, async () => {
      const inside = site(name);
      const { out, err } = await runCli(inside, [
        "check",
        "--policy",
        "rhel7",
        "--all",
        "--format",
        name,
        "--",
        "::error::x ##[y].conf",
      ]);
      const found = commandsIn(out);
      if (name === "github") {
        assert.ok(found.length > 0);
        for (const line of found) assert.match(line, /^::(?:error|warning|notice) file=[^:]*,line=\d+/);
      } else assert.deepEqual(found, []);
      assert.deepEqual(commandsIn(err), []);
    });

  test("are in no line of standard error, whatever a file or an argument is called, and whatever a snapshot says", async () => {
    writeFileSync(
      join(directory, "s.json"),
      JSON.stringify({ format: "nginx-selinux-snapshot", version: "\n::stop-commands::x ##[error]y" }),
    );
    const many = [
      ["check", "--policy", "./s.json", "/etc/passwd"],
      ["check", "no\n::stop-commands::x"],
      ["check", "--\n::stop-commands::x"],
      ["check", "--policy", "./a\n##[error]b"],
      ["check", "--root", "\n::error::x"],
    ];
    for (const args of many) assert.equal((await runCli(directory, args)).code, 2);
    // The process itself writes standard error: one start of it for all of them.
    const entry = join(import.meta.dirname, "../../../server/src/cli.ts");
    const program = `for (const [i, args] of ${JSON.stringify(many)}.entries()) { process.argv = [process.argv[0], "", ...args]; await import(${JSON.stringify(entry)} + "?" + i); await new Promise((done) => setTimeout(done, 300)); }`;
    const { stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", program], {
      cwd: directory,
      encoding: "utf8",
    });
    assert.equal(stderr.match(/nginx-selinux: /g)?.length, many.length, stderr);
    assert.deepEqual(commandsIn(stderr), []);
  });
});
