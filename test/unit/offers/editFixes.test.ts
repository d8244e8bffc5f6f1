import assert from "node:assert/strict";
import { test } from "node:test";
import { createLanguageService } from "../../../server/src/languageService.ts";
import { plainSurroundings } from "../../../server/src/workspace/surroundings.ts";
import type { Report, ReportFinding, ReportFix } from "../../../server/src/report/report.ts";
import { defaultSettings } from "../../../server/src/shared/settings.ts";
import { printedReport } from "../../support/printedReport.ts";
import { bundledText, releases, type Release } from "../../support/bundledPolicies.ts";
import { createMemoryHost } from "../../support/memoryHost.ts";

const main = "/etc/nginx/nginx.conf";

async function check(text: string, release: Release): Promise<Report> {
  const host = createMemoryHost({ [main]: text }, (name) => {
    const found = releases.find((each) => each === name);
    return found === undefined ? undefined : bundledText(found);
  });
  const settings = { ...defaultSettings, policy: release };
  return printedReport(createLanguageService(host, { ...plainSurroundings, settingsFor: () => settings }), main);
}

const http = (...lines: readonly string[]): string => `events {}\nhttp {\n${lines.join("\n")}\n}\n`;

/** The fixes of a finding that edit. */
function editsOf(finding: ReportFinding): readonly ReportFix[] {
  return finding.fixes.filter(({ edits }) => edits !== undefined);
}

/** The text with the edits of a fix made, the last first. */
function applied(text: string, { edits = [] }: ReportFix): string {
  const lines = text.split("\n");
  for (const { range, newText } of edits.toReversed()) {
    const line = lines[range.start.line] ?? "";
    lines[range.start.line] = line.slice(0, range.start.character) + newText + line.slice(range.end.character);
  }
  return lines.join("\n");
}

async function titles(text: string, release: Release, rule: string): Promise<readonly string[]> {
  const { findings } = await check(text, release);
  return findings
    .filter((finding) => finding.rule === rule)
    .flatMap((finding) => editsOf(finding).map((fix) => fix.title));
}

const peerModule = [
  "printf '%s\\n' '(allow httpd_t unconfined_service_t (unix_stream_socket (connectto)))' > nginx_connectto_unconfined_service_t.cil",
  "sudo semodule -i nginx_connectto_unconfined_service_t.cil",
];

test("a socket directly in /run moves to a directory of its own, with the label that it needs on each release", async () => {
  const text = http("server { location / { proxy_pass http://unix:/run/blog.sock; } }");
  for (const [release, spec] of [
    ["rhel8", "/var/run/blog(/.*)?"],
    ["rhel9", "/var/run/blog(/.*)?"],
    ["rhel10", "/run/blog(/.*)?"],
    ["fedora", "/run/blog(/.*)?"],
  ] as const) {
    const { findings } = await check(text, release);
    const found = findings.find(({ rule }) => rule === "connect-socket");
    const [move] = found === undefined ? [] : editsOf(found);
    assert.deepEqual(move?.commands, [
      `sudo semanage fcontext -a -t httpd_var_run_t '${spec}'`,
      // The service that listens is the same there. On RHEL 8 nginx may connect to it.
      ...(release === "rhel8" ? [] : peerModule),
      "sudo mkdir -p /run/blog",
      "sudo restorecon -Rv /run/blog",
    ]);
    assert.equal(move.edits?.[0]?.newText, "unix:/run/blog/blog.sock");
    assert.equal(move.preferred, false);
  }
  assert.deepEqual(await titles(text, "rhel7", "connect-socket"), [], "any run file can be reached there");
});

test("php-fpm's socket moves to php-fpm's directory, which needs no command", async () => {
  const text = http("server { location / { fastcgi_pass unix:/run/php-fpm.sock; } }");
  const { findings } = await check(text, "rhel9");
  const [move, ...more] = findings.flatMap(editsOf);
  assert.equal(move?.edits?.[0]?.newText, "unix:/run/php-fpm/php-fpm.sock");
  assert.deepEqual([move.commands, more], [[], []]);
  assert.deepEqual((await check(applied(text, move), "rhel9")).findings, []);
});

test("a place that is written with a variable is not edited, nor any other of the same target", async () => {
  const listed = http(
    "map $host $backend { default unix:/run/blog.sock; }",
    "server { location / { proxy_pass http://unix:/run/blog.sock; } location /b { proxy_pass http://$backend; } }",
  );
  assert.deepEqual(await titles(listed, "rhel9", "connect-socket"), []);
});

test("a backend of this host may use a port that is open already; one of another host may not be told to", async () => {
  const text = http(
    "upstream app { server 127.0.0.1:3000 weight=2; server localhost:3000; }",
    "server { location / { proxy_pass http://app; } }",
  );
  const { findings } = await check(text, "rhel7");
  const [fix] = findings.flatMap(editsOf);
  assert.deepEqual(
    fix?.edits?.map(({ newText }) => newText),
    ["8008", "8008"],
  );
  assert.equal(fix.solves, 2);
  assert.deepEqual((await check(applied(text, fix), "rhel7")).findings, []);
  const taken = http("server { listen 8008; location / { proxy_pass http://127.0.0.1:3000; } }");
  assert.match((await titles(taken, "rhel7", "connect-port"))[0] ?? "", /^Use port 8009/);
  const remote = http("server { location / { proxy_pass http://10.0.0.7:3000; } }");
  assert.deepEqual(await titles(remote, "rhel7", "connect-port"), []);
  assert.deepEqual(await titles(text, "rhel9", "connect-port"), [], "no web port is open there");
});

test("a port of the scheme is written out where it changes", async () => {
  const text = http("server { location / { proxy_pass http://[::1]/x; } }");
  const { findings } = await check(text, "rhel9");
  assert.deepEqual(findings.flatMap(editsOf), []);
  const smtp = "events {}\nstream { server { listen 40000; proxy_pass 127.0.0.1:5000; } }\n";
  const [fix] = (await check(smtp, "rhel7")).findings.flatMap(editsOf);
  assert.equal(
    fix === undefined ? "" : applied(smtp, fix).split("\n")[1],
    "stream { server { listen 40000; proxy_pass 127.0.0.1:8008; } }",
  );
});

test("a listen moves to an open port, HTTPS to one that looks like it, all its addresses together", async () => {
  const plain = http("server { listen 8888; listen [::]:8888; listen 127.0.0.1:8008; }");
  for (const release of releases) {
    const { findings } = await check(plain, release);
    const [fix] = findings.flatMap(editsOf);
    assert.deepEqual(
      fix?.edits?.map(({ newText }) => newText),
      ["8009", "8009"],
      release,
    );
    assert.deepEqual((await check(applied(plain, fix), release)).findings, []);
  }
  const range = http("server { listen 8886-8889; }");
  assert.deepEqual(await titles(range, "rhel9", "listen-port"), []);
  const own = http("server { listen 8888; } server { listen 80; location / { proxy_pass http://127.0.0.1:8888; } }");
  assert.deepEqual(await titles(own, "rhel9", "listen-port"), [], "nginx is its own backend there");
});

test("a socket becomes a port of this host, whatever follows it in a URL", async () => {
  const text = http(
    "server { location / { proxy_pass http://unix:/run/blog/blog.sock:/uri; } location /b { grpc_pass grpc://unix:/run/blog/blog.sock; } }",
  );
  const { findings } = await check(text, "rhel9");
  const fix = findings.flatMap(editsOf).find(({ id }) => id === "edit-tcp");
  assert.deepEqual(fix?.commands, ["sudo setsebool -P httpd_graceful_shutdown on"]);
  const after = applied(text, fix);
  assert.match(after, /http:\/\/127\.0\.0\.1:8008\/uri; .*grpc:\/\/127\.0\.0\.1:8008;/);
  const left = (await check(after, "rhel9")).findings;
  assert.deepEqual([...new Set(left.map(({ rule }) => rule))], ["connect-port"]);
  assert.ok(left.every(({ fixes }) => fixes[0]?.commands[0] === fix.commands[0]));
});

test("a container engine's socket is neither moved nor opened to every user over TCP", async () => {
  for (const path of ["/run/docker.sock", "/var/run/docker.sock", "/run/podman/podman.sock"]) {
    const text = http(`server { location / { proxy_pass http://unix:${path}:/v1; } }`);
    const { findings } = await check(text, "rhel9");
    assert.ok(findings.length > 0);
    assert.deepEqual(findings.flatMap(editsOf), []);
  }
});

test("a log goes where logs belong, under the application's name", async () => {
  const text = http("access_log /home/blog/logs/access.log combined;", "server { listen 80; }");
  const { findings } = await check(text, "rhel9");
  const [fix] = findings.filter(({ rule }) => rule === "write-path").flatMap(editsOf);
  assert.equal(fix?.edits?.[0]?.newText, "/var/log/nginx/blog-access.log");
  assert.deepEqual(fix.commands, []);
  assert.deepEqual(
    (await check(applied(text, fix), "rhel9")).findings.filter(({ rule }) => rule === "write-path"),
    [],
  );
});

test("what is named at very many places is no quick fix", async () => {
  const places = (count: number) =>
    http(
      "server {",
      ...Array.from({ length: count }, (_, i) => `location /${i} { proxy_pass http://unix:/run/a.sock; }`),
      "}",
    );
  assert.ok((await titles(places(50), "rhel9", "connect-socket")).length > 0);
  assert.deepEqual(await titles(places(101), "rhel9", "connect-socket"), []);
});
