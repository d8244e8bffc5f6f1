/** How a run ends: its exit code with findings, where it cannot run, and where the input is broken or the reader gone. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { suite, test } from "node:test";
import type { Report } from "../../../server/src/report/report.ts";
import { cli, conf, createCliDirectory, proxyTo } from "../../support/cliDirectory.ts";
import type { Ran } from "../../support/commandLine.ts";

const { directory, write, run, spawn } = createCliDirectory();

suite("how a run ends", () => {
  test("a finding at or above --fail-on is exit code 1, below it 0, none 0", async () => {
    const denied = write("fail/denied.conf", proxyTo("127.0.0.1:3000"));
    const clean = write("fail/clean.conf", proxyTo("127.0.0.1:53"));
    const unknown = write("fail/unknown.conf", proxyTo("127.0.0.1:$arg_port"));
    const codes = await Promise.all([
      run(["check", denied, "--policy", "rhel9"]),
      run(["check", clean, "--policy", "rhel9", "--fail-on", "hint"]),
      run(["check", unknown, "--policy", "rhel9"]),
      run(["check", unknown, "--policy", "rhel9", "--fail-on", "hint"]),
    ]);
    assert.deepEqual(
      codes.map((each) => each.code),
      [1, 0, 0, 1],
    );
  });

  test("the process exits with the code of the run", async () => {
    const denied = write("process.conf", proxyTo("127.0.0.1:3000"));
    const [found, cannot, version] = await Promise.all([
      spawn(["check", denied, "--policy", "rhel9"]),
      spawn(["check", "missing.conf"]),
      spawn(["--version"]),
    ]);
    assert.deepEqual([found.code, cannot.code, version.code], [1, 2, 0]);
    assert.match(version.out, /^\d+\.\d+\.\d+\n$/);
  });

  test("an unknown boolean or domain is exit code 2 with the nearest names", async () => {
    const path = write("names.conf", proxyTo("127.0.0.1:3000"));
    const [boolean, domain] = await Promise.all([
      run(["check", path, "--policy", "rhel9", "--boolean", "httpd_can_network_conect=on"]),
      run(["check", path, "--policy", "rhel9", "--domain", "httpd_tt"]),
    ]);
    assert.equal(boolean.code, 2);
    assert.match(boolean.err, /no boolean "httpd_can_network_conect".*httpd_can_network_connect/);
    assert.equal(domain.code, 2);
    assert.match(domain.err, /domain "httpd_tt".*httpd_t/);
  });

  test("what cannot run is exit code 2 with one clear line and nothing on standard output", async () => {
    mkdirSync(join(directory, "bad/dir"), { recursive: true });
    const nginx = write("bad/nginx.conf", proxyTo("127.0.0.1:3000"));
    const notJson = write("bad/policy.json", "{");
    const cases: readonly (readonly [readonly string[], RegExp])[] = [
      [["check", "bad/missing.conf"], /missing\.conf: No such file or directory/],
      [["check", "bad/dir"], /bad\/dir: there is no configuration of nginx in it/],
      [["check", nginx, "--max-file-size", "0.00001"], /larger than the limit/],
      [["check", nginx, "--root", "bad", "--policy", "live"], /no live policy in .*bad: SELinux is not there/],
      [["check", nginx, "--policy", "rhel6"], /no bundled policy "rhel6".*rhel/],
      [["check", nginx, "--policy", "bad/none.json"], /cannot read the policy .*No such file/],
      [["check", nginx, "--policy", notJson], /cannot be used as a policy/],
      [["check", nginx, "--policy", "bad/dir"], /bad\/dir/],
      [["check", nginx, "--polcy", "rhel9"], /no option "--polcy".*--policy/],
      [["check", nginx, "--format", "xml"], /--format needs one of text, json/],
      [["check", nginx, "--boolean", "x"], /--boolean needs NAME=on or NAME=off/],
      [["check", nginx, "--policy"], /--policy needs a value/],
      [["check", nginx, "more.conf"], /No such file/],
      [["chek"], /no command "chek".*check/],
      [["explain", "tcp/0"], /cannot explain "tcp\/0"/],
      [["explain", "tcp/70000"], /cannot explain/],
      [["parse", "bad/missing.conf"], /missing\.conf: No such file/],
      [["parse", "bad/dir"], /Is a directory/],
      [["check", "--root", "bad/none"], /--root bad\/none: No such file/],
    ];
    await Promise.all(
      cases.map(async ([args, message]) => {
        const { code, out, err } = await run(args);
        assert.equal(code, 2, args.join(" "));
        assert.equal(out, "", args.join(" "));
        assert.match(err, message, args.join(" "));
        assert.ok(!err.includes("    at "), err);
      }),
    );
  });

  test("bad includes are findings of nginx-syntax at the include, and nothing else is lost", async () => {
    write("inc/cycle.conf", "include cycle.conf;\n");
    mkdirSync(join(directory, "inc/folder"), { recursive: true });
    const path = write(
      "inc/nginx.conf",
      conf(
        "  include cycle.conf;\n  include missing.conf;\n  include folder;\n  include none*.conf;\n  server { location / { proxy_pass http://127.0.0.1:3000; } }",
      ),
    );
    const { out, code } = await run(["check", path, "--policy", "rhel9", "--format", "json"]);
    const report: Report = JSON.parse(out);
    assert.equal(code, 1);
    const said = report.findings.filter((each) => each.rule === "nginx-syntax").map((each) => each.message);
    assert.equal(said.length, 3);
    assert.ok(said.some((each) => each.startsWith("nginx refuses this: include cycle")));
    assert.ok(said.some((each) => /open\(\) ".*missing\.conf" failed \(2: No such file or directory\)/.test(each)));
    assert.ok(said.some((each) => /failed \(21: Is a directory\)/.test(each)));
    assert.equal(report.findings.filter((each) => each.rule === "connect-port").length, 1);
    assert.ok(
      report.findings.every(
        (each) => each.rule !== "nginx-syntax" || (each.access === null && each.fixes.length === 0),
      ),
    );
  });

  test("a nest of 100,000 blocks, NUL bytes and a pipe instead of a file end with a message, not with a crash", async () => {
    const deep = write("deep.conf", "a {".repeat(100_000));
    const nul = write(
      "nul.conf",
      `events {}\nhttp { server { location / { proxy_pass http://127.0.0.1:30\u000000; } } }\n`,
    );
    const [nest, zeros, device] = await Promise.all([
      run(["check", deep, "--policy", "rhel9"]),
      run(["check", nul, "--policy", "rhel9"]),
      run(["check", "/dev/zero", "--policy", "rhel9"]),
    ]);
    assert.equal(nest.code, 1);
    assert.match(nest.out, /unexpected end of file, expecting "}"/);
    assert.ok(zeros.code === 0 || zeros.code === 1);
    assert.ok(!zeros.err.includes("internal error"));
    assert.equal(device.code, 2);
    assert.match(device.err, /Not a regular file/);
  });

  test("a reader that goes away ends the output quietly", async () => {
    const many = Array.from(
      { length: 2000 },
      (_, i) => `  server { location / { proxy_pass http://127.0.0.1:${3000 + i}; } }`,
    );
    const path = write("many.conf", conf(many.join("\n")));
    const { err, code } = await new Promise<Ran>((resolve) => {
      const child = execFile(
        "/bin/sh",
        ["-c", `"${process.execPath}" "${cli}" check "${path}" --policy rhel9 | head -n 1`],
        (_, out, err) => resolve({ code: child.exitCode ?? -1, out, err }),
      );
    });
    assert.equal(code, 0);
    assert.ok(!/EPIPE|Error/.test(err), err);
  });
});
