/** What is printed: the findings of `check` in every format, and the answers of `explain` and `parse`. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { Report } from "../../../server/src/report/report.ts";
import { conf, createCliDirectory, proxyTo } from "../../support/cliDirectory.ts";

const { write, run, spawn } = createCliDirectory();

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

suite("what the command line prints", () => {
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
});
