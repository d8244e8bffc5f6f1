import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Writable } from "node:stream";
import { after, suite, test } from "node:test";
import { releaseNames } from "../../../server/src/base/bundledReleases.ts";
import { createOutput } from "../../../server/src/cli/output.ts";
import { runCommandLine } from "../../../server/src/cli/run.ts";
import { styleFor } from "../../../server/src/report/terminal.ts";
import { writeLiveTree } from "../../support/liveDirectory.ts";
import { webPolicy } from "../../support/policies/webPolicy.ts";
import { createNodeHost } from "../../../server/src/host/hostNode.ts";
import type { Report } from "../../../server/src/report/report.ts";
import { bundledText } from "../../support/bundledPolicies.ts";

const cli = join(import.meta.dirname, "../../../server/src/cli.ts");
const host = createNodeHost(join(import.meta.dirname, "../../../server/policies"), () => undefined);
const directory = mkdtempSync(join(tmpdir(), "nginx-selinux-cli-"));
after(() => rmSync(directory, { recursive: true }));

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs the command line in this process, with the test's directory as the working directory. */
async function run(args: readonly string[]): Promise<Ran> {
  const chunks: string[] = [];
  let err = "";
  const stream = new Writable({
    decodeStrings: false,
    write(chunk: string, _encoding, done) {
      chunks.push(chunk);
      done();
    },
  });
  const code = await runCommandLine(
    args,
    {
      host,
      directory,
      out: createOutput(stream),
      style: styleFor(false),
      input: () => Promise.resolve(new Uint8Array()),
      inputText: async function* () {},
      interactive: false,
      complain: (line) => void (err += `${line}\n`),
      draw: () => undefined,
    },
    { version: "1.2.3", serve: () => Promise.resolve(), assist: () => Promise.resolve() },
  );
  return { code, out: chunks.join(""), err };
}

/** Runs the command line as a process of its own. */
function spawn(args: readonly string[]): Promise<Ran> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [cli, ...args], { cwd: directory }, (_, out, err) =>
      resolve({ code: child.exitCode ?? -1, out, err }),
    );
  });
}

/** Writes a file below the test's directory and gives its path. */
const write = (name: string, content: string | Uint8Array): string => {
  const path = join(directory, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return path;
};

const conf = (inside: string): string => `events {}\nhttp {\n${inside}\n}\n`;
const proxyTo = (address: string): string => conf(`  server { location / { proxy_pass http://${address}; } }`);

/** What the test looks at of a SARIF log. */
interface SarifLog {
  readonly version: string;
  readonly runs: readonly [
    {
      readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string }[] } };
      readonly results: readonly [
        {
          readonly ruleId: string;
          readonly level: string;
          readonly locations: readonly [
            {
              readonly physicalLocation: {
                readonly artifactLocation: { readonly uri: string };
                readonly region: { readonly startColumn: number; readonly endColumn: number };
              };
            },
          ];
        },
      ];
    },
  ];
}

suite("the command line", () => {
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

  test("plans are whole texts on standard output, with the exit code of the findings", async () => {
    const path = write("plans/nginx.conf", proxyTo("127.0.0.1:3000"));
    const [script, ansible, cil] = await Promise.all(
      ["script", "ansible", "cil"].map((format) => run(["check", path, "--policy", "rhel9", "--format", format])),
    );
    assert.match(script?.out ?? "", /^#!\/bin\/sh\n[^]*\nport http_port_t tcp 3000 -\n/u);
    assert.match(ansible?.out ?? "", /^---\n- name: [^]*community\.general\.seport:/mu);
    assert.match(cil?.out ?? "", /^; [^]*\(portcon tcp 3000 \(system_u object_r nginx_site_port_t/u);
    assert.deepEqual([script?.code, ansible?.code, cil?.code], [1, 1, 1]);
  });

  test("GitHub gets a command a finding, with line and column from one and nothing that could end it", async () => {
    const path = write("github/a,b:c%.conf", proxyTo("127.0.0.1:3000"));
    const { out } = await run(["check", path, "--policy", "rhel9", "--format", "github"]);
    assert.match(
      out,
      /^::error file=github\/a%2Cb%3Ac%25\.conf,line=\d+,endLine=\d+,col=\d+,endColumn=\d+,title=SELinux%3A connect-port::tcp port 3000 \(ntop_port_t\): SELinux refuses/u,
    );
    assert.match(
      out,
      /%0Asudo semanage port -a -t http_port_t -p tcp 3000%0Asudo setsebool -P httpd_graceful_shutdown on\n$/u,
    );
  });

  test("SARIF names the rules, and places from one with a relative URI", async () => {
    const path = write("sarif/a b.conf", proxyTo("127.0.0.1:3000"));
    const { out } = await run(["check", path, "--policy", "rhel9", "--format", "sarif"]);
    const log: SarifLog = JSON.parse(out);
    assert.equal(log.version, "2.1.0");
    const [result] = log.runs[0].results;
    assert.equal(result.ruleId, "connect-port");
    assert.equal(result.level, "error");
    assert.ok(log.runs[0].tool.driver.rules.some(({ id }) => id === result.ruleId));
    const { artifactLocation, region } = result.locations[0].physicalLocation;
    assert.equal(artifactLocation.uri, "sarif/a%20b.conf");
    assert.equal(region.endColumn - region.startColumn, "127.0.0.1:3000".length);
  });

  test("JSON is the stable report, with the chain in via and the policy with its reason", async () => {
    const path = write(
      "json/nginx.conf",
      conf("  upstream app { server 127.0.0.1:3000; }\n  server { location / { proxy_pass http://app; } }"),
    );
    const { out, err } = await run(["check", path, "--policy", "rhel9", "--format", "json"]);
    const report: Report = JSON.parse(out);
    assert.deepEqual(Object.keys(report), ["schema", "policy", "container", "files", "notes", "findings"]);
    assert.equal(report.schema, 1);
    assert.deepEqual(report.files, [path]);
    assert.equal(report.policy.name, "rhel9");
    assert.equal(report.policy.source, "bundled");
    assert.equal(report.policy.mode, "assumed");
    assert.equal(report.policy.exactLabels, false);
    assert.match(err, /^policy: RHEL 9/);
    const [finding, ...more] = report.findings;
    assert.equal(more.length, 0);
    assert.deepEqual(Object.keys(finding ?? {}), [
      "rule",
      "severity",
      "message",
      "file",
      "range",
      "access",
      "because",
      "fixes",
    ]);
    assert.deepEqual(finding?.range, { start: { line: 2, character: 24 }, end: { line: 2, character: 38 } });
    assert.deepEqual(finding?.access, {
      kind: "connect",
      protocol: "tcp",
      host: "127.0.0.1",
      port: 3000,
      path: null,
      source: "httpd_t",
      target: "ntop_port_t",
      class: "tcp_socket",
      permission: "name_connect",
      certainty: "certain",
      via: [
        {
          file: path,
          range: { start: { line: 3, character: 42 }, end: { line: 3, character: 45 } },
          directive: "proxy_pass",
        },
      ],
    });
    assert.deepEqual(Object.keys(finding?.fixes[0] ?? {}), [
      "id",
      "title",
      "commands",
      "undo",
      "durable",
      "preferred",
      "opens",
      "opensBriefly",
      "solves",
    ]);
  });

  test("--all lists the allowed and the unknown accesses too", async () => {
    const path = write(
      "all.conf",
      conf(
        "  server { listen 80; location / { proxy_pass http://127.0.0.1:53; } location /x { proxy_pass http://127.0.0.1:$arg_p; } }",
      ),
    );
    const { out } = await run(["check", path, "--policy", "rhel9", "--format", "json", "--all"]);
    const report: Report = JSON.parse(out);
    assert.deepEqual(
      report.accesses?.map((each) => [each.kind, each.port, each.verdict]),
      [
        ["bind", 80, "allowed"],
        ["connect", 53, "allowed"],
        ["connect", null, "unknown"],
      ],
    );
    const text = await run(["check", path, "--policy", "rhel9", "--all"]);
    assert.match(text.out, /all\.conf:3:19: allowed: listen on tcp port 80/);
  });

  test("a configuration for a container is not judged, and every format says why", async () => {
    const path = write("boxed/nginx.conf", proxyTo("127.0.0.1:3000"));
    write("boxed/Dockerfile", "FROM nginx\nCOPY nginx.conf /etc/nginx/nginx.conf\n");
    const why = "Dockerfile, line 2, copies this configuration into an image";
    const base = ["check", path, "--policy", "rhel9"];
    const { code, out, err } = await run(base);
    assert.equal(code, 0);
    assert.match(err, /^container: Dockerfile, line 2, copies .*\(--container no checks it\)$/m);
    assert.match(
      out,
      /^1 cause at 1 place \(1 information\) in 1 file, \d+ accesses not checked, since this is for a container: Dockerfile, line 2,/m,
    );
    const report: Report = JSON.parse((await run([...base, "--all", "--format", "json"])).out);
    assert.equal(report.container, why);
    assert.deepEqual(
      report.findings.map(({ rule }) => rule),
      ["not-confined"],
    );
    assert.ok((report.accesses ?? []).length > 0);
    for (const { verdict, because } of report.accesses ?? []) {
      assert.equal(verdict, "unknown");
      assert.deepEqual(because, [`not checked, since this is for a container: ${why}`]);
    }
    assert.equal((await run([...base, "--container", "no"])).code, 1);
    assert.equal((await run([...base, "--container=auto", "--fail-on", "information"])).code, 1);
  });

  test("--container yes keeps the host's policy out, and another word is a mistake", async () => {
    const path = write("unboxed/nginx.conf", proxyTo("127.0.0.1:3000"));
    const base = ["check", path, "--policy", "rhel9"];
    assert.equal((await run(base)).code, 1);
    assert.equal((await run([...base, "--container", "yes"])).code, 0);
    const { code, err } = await run([...base, "--container", "on"]);
    assert.equal(code, 2);
    assert.match(err, /--container needs one of auto, yes, no, not "on"/);
  });

  test("text names the place, shows its line, and gives the commands; without a terminal there is no colour", async () => {
    const path = write(
      "text.conf",
      conf("\t\tserver { location /\u4e16\u754c { proxy_pass http://127.0.0.1:3000; } }"),
    );
    const { out } = await run(["check", path, "--policy", "rhel9"]);
    const lines = out.split("\n");
    assert.match(lines[0] ?? "", /^text\.conf:3:45: error: .*ntop_port_t.* \[connect-port\]$/);
    assert.equal(lines[1], "         server { location /\u4e16\u754c { proxy_pass http://127.0.0.1:3000; } }");
    assert.match(out, /sudo semanage port -a -t http_port_t -p tcp 3000\n/);
    assert.match(out, /\n1 cause at 1 place \(1 error\) in 1 file, 2 accesses checked against RHEL 9/);
    assert.ok(!out.includes("\u001b"));
  });

  test("a hostile file cannot send escapes to the terminal, and a long line is cut", async () => {
    const path = write(
      "hostile\u001b[2J.conf",
      conf(
        `  server { # ${"x".repeat(5000)} \u001b]0;owned\u0007 \u202e\n server_name ${"y".repeat(3000)}\u001b[31m\u202e; location / { proxy_pass http://127.0.0.1:3000/\u001b[31m; } }`,
      ),
    );
    const { out, err } = await spawn(["check", path, "--policy", "rhel9"]);
    for (const text of [out, err]) assert.ok(!/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/.test(text));
    assert.match(out, /hostile\\x1b\[2J\.conf/);
    assert.ok(
      out
        .split("\n")
        .slice(1, 3)
        .every((line) => line.length < 300),
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

  test("a what-if boolean decides", async () => {
    const path = write("whatif.conf", proxyTo("127.0.0.1:8080"));
    const [off, on] = await Promise.all([
      run(["check", path, "--policy", "rhel9"]),
      run(["check", path, "--policy", "rhel9", "--boolean", "httpd_can_network_relay=on"]),
    ]);
    assert.deepEqual([off.code, on.code], [1, 0]);
  });

  test("auto follows os-release of --root and says why, and a snapshot is read from its path", async () => {
    write(
      "root/etc/os-release",
      'ID="rocky"\nVERSION_ID="8.9"\nID_LIKE="rhel centos fedora"\nPRETTY_NAME="Rocky Linux 8.9"\n',
    );
    write("root/etc/nginx/nginx.conf", conf("  include /etc/nginx/conf.d/*.conf;"));
    const included = write(
      "root/etc/nginx/conf.d/a.conf",
      "server { location / { proxy_pass http://127.0.0.1:3000; } }\n",
    );
    const snapshot = write("snapshot.json", bundledText("rhel7"));
    const [rooted, written] = await Promise.all([
      run(["check", "--root", join(directory, "root"), "--format", "json"]),
      run(["check", write("snap.conf", proxyTo("127.0.0.1:9000")), "--policy", snapshot, "--format", "json"]),
    ]);
    const report: Report = JSON.parse(rooted.out);
    assert.equal(report.policy.name, "rhel8");
    assert.match(report.policy.reason ?? "", /Rocky Linux 8\.9, mapped to rhel8/);
    assert.match(rooted.err, /Rocky Linux 8\.9, mapped to rhel8/);
    assert.equal(report.findings[0]?.file, included);
    const other: Report = JSON.parse(written.out);
    assert.deepEqual([written.code, other.policy.source, other.policy.name], [0, "snapshot", "rhel7"]);
  });

  test("snapshot writes the policy of a host, and the file beside a configuration answers as the host does", async () => {
    const root = join(directory, "host");
    writeLiveTree(root, { policy: webPolicy(33), fileContexts: ["/srv(/.*)? system_u:object_r:content_t:s0"] });
    const nginx = write("shop/nginx.conf", proxyTo("127.0.0.1:50"));
    const target = join(directory, "shop/nginx-selinux.snapshot.json");
    const first = await run(["snapshot", "--root", root, "-o", target]);
    assert.deepEqual([first.code, first.out], [0, ""], first.err);
    assert.match(first.err, /Red Hat Enterprise Linux 9\.4 \(Plow\)/);
    const [live, written, printed, again] = await Promise.all([
      run(["check", nginx, "--root", root, "--policy", "live", "--format", "json"]),
      run(["check", nginx, "--policy", target, "--format", "json"]),
      run(["snapshot", "--root", root]),
      run(["snapshot", "--root", root, "--output", target]),
    ]);
    const [one, other]: readonly Report[] = [JSON.parse(live.out), JSON.parse(written.out)];
    assert.deepEqual([one?.policy.source, other?.policy.source], ["live", "snapshot"]);
    assert.deepEqual(
      one?.findings.map(({ rule, access }) => [rule, access?.target]),
      [["connect-port", "port_t"]],
    );
    assert.deepEqual(
      one?.findings.map(({ rule, access }) => [rule, access?.target]),
      other?.findings.map(({ rule, access }) => [rule, access?.target]),
    );
    assert.match(
      other?.policy.provenance ?? "",
      /^snapshot of Red Hat Enterprise Linux 9\.4 \(Plow\) on \d{4}-\d\d-\d\d: /,
    );
    assert.equal(printed.out, readFileSync(target, "utf8"));
    assert.equal(again.code, 0);
    const explained = await run(["explain", "tcp/8080", "--root", root, "--policy", "live"]);
    assert.match(explained.out, /httpd_t: allowed\n {4}why {2}tcp port 8080 has type db_port_t/);
    assert.match(explained.out, /until "semanage port -d -p tcp 8000-8100" has removed it/);
  });

  test("snapshot overwrites nothing but a snapshot, and writes none of what is one already", async () => {
    const root = join(directory, "host");
    writeLiveTree(root, { policy: webPolicy(33) });
    const precious = write("precious.json", '{ "precious": true }');
    const refused = await run(["snapshot", "--root", root, "-o", precious]);
    assert.equal(refused.code, 2);
    assert.match(refused.err, /precious\.json: it exists and is no snapshot/);
    assert.equal(readFileSync(precious, "utf8"), '{ "precious": true }');
    const folder = await run(["snapshot", "--root", root, "-o", directory]);
    assert.match(folder.err, /Is a directory/);
    const nowhere = await run(["snapshot", "--root", root, "-o", join(directory, "none/s.json")]);
    assert.match(nowhere.err, /cannot write in .*none/);
    const bundled = await run(["snapshot", "--policy", "rhel9"]);
    assert.match(bundled.err, /bundled: there is no host or policy file/);
    assert.deepEqual([folder.code, nowhere.code, bundled.code], [2, 2, 2]);
  });

  test("snapshot -o keeps the mode of the file, and writes nothing where a link leads", async () => {
    const root = join(directory, "host");
    writeLiveTree(root, { policy: webPolicy(33) });
    const target = join(directory, "kept.json");
    assert.equal((await run(["snapshot", "--root", root, "-o", target])).code, 0);
    for (const mode of [0o600, 0o664]) {
      chmodSync(target, mode);
      assert.equal((await run(["snapshot", "--root", root, "-o", target])).code, 0);
      assert.equal(statSync(target).mode & 0o777, mode);
    }
    const link = join(directory, "link.json");
    const leads = join(directory, "elsewhere.json");
    symlinkSync(leads, link);
    assert.equal((await run(["snapshot", "--root", root, "-o", link])).code, 0);
    assert.equal(existsSync(leads), false);
    assert.ok(lstatSync(link).isFile());
  });

  test("every bundled release answers by its name", async () => {
    const nginx = write("named/nginx.conf", proxyTo("127.0.0.1:3000"));
    for (const name of releaseNames) {
      const { out, code } = await run(["check", nginx, "--policy", name, "--format", "json"]);
      const { policy }: Report = JSON.parse(out);
      assert.deepEqual([code, policy.name, policy.reason], [1, name, `${name} was asked for`]);
      const explained = await run(["explain", "tcp/3000", "--policy", name]);
      assert.equal(explained.code, 0, explained.err);
    }
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

  test("explain says what connecting and listening need, and parse prints the tree", async () => {
    const file = write("tree.conf", 'user  "ngi\\"nx";\n');
    const [port, socket, tree] = await Promise.all([
      run(["explain", "tcp/3000", "--policy", "rhel9", "--format", "json"]),
      run(["explain", "unix:/run/php-fpm/www.sock", "--policy", "rhel10"]),
      run(["parse", file, "--encoding", "latin1"]),
    ]);
    const answer = JSON.parse(port.out);
    assert.deepEqual(
      answer.answers.map((each: { kind: string; verdict: string; target: string }) => [
        each.kind,
        each.verdict,
        each.target,
      ]),
      [
        ["connect", "denied", "ntop_port_t"],
        ["bind", "allowed", "ntop_port_t"],
      ],
    );
    assert.match(socket.out, /connect to unix socket \/run\/php-fpm\/www\.sock as httpd_t: allowed/);
    assert.deepEqual(JSON.parse(tree.out), {
      file,
      ok: true,
      problems: [],
      statements: [{ name: "user", args: ['ngi"nx'], line: 1, start: 0, end: 16, block: null, lua: null }],
    });
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
