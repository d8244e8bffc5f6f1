import assert from "node:assert/strict";
import { appendFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, suite, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Output } from "../../../server/src/cli/output.ts";
import { runCommandLine } from "../../../server/src/cli/run.ts";
import { sinceInstant } from "../../../server/src/cli/since.ts";
import { createNodeHost } from "../../../server/src/host/hostNode.ts";
import type { Report } from "../../../server/src/report/report.ts";
import type { DenialReport } from "../../../server/src/report/denialReport.ts";
import { styleFor } from "../../../server/src/report/terminal.ts";

const directory = mkdtempSync(join(tmpdir(), "nginx-selinux-denials-"));
after(() => rmSync(directory, { recursive: true }));
const host = createNodeHost(join(import.meta.dirname, "../../../server/policies"), () => undefined);

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs the command line; the output is closed when `enough` says so. */
async function run(args: readonly string[], input = "", enough: (out: string) => boolean = () => false): Promise<Ran> {
  let out = "";
  let err = "";
  const output: Output = {
    get closed() {
      return enough(out);
    },
    add: (text) => {
      out += text;
      return false;
    },
    flush: () => Promise.resolve(),
  };
  const console = {
    host,
    directory,
    out: output,
    style: styleFor(false),
    interactive: false,
    input: () => Promise.resolve(new Uint8Array()),
    inputText: async function* () {
      yield* [input.slice(0, 40), input.slice(40)];
    },
    complain: (line: string) => void (err += `${line}\n`),
    draw: () => undefined,
  };
  const code = await runCommandLine(args, console, {
    version: "1.2.3",
    serve: () => Promise.resolve(),
    assist: () => Promise.resolve(),
  });
  return { code, out, err };
}

const record = (port: number, serial = 77): string =>
  `type=AVC msg=audit(1769000001.250:${serial}): avc:  denied  { name_connect } for  pid=4411 comm="nginx" dest=${port} scontext=system_u:system_r:httpd_t:s0 tcontext=system_u:object_r:${port === 8080 ? "http_cache_port_t" : "unreserved_port_t"}:s0 tclass=tcp_socket permissive=0`;

const log = (name: string, ...lines: readonly string[]): string => {
  const path = join(directory, name);
  writeFileSync(path, lines.map((line) => `${line}\n`).join(""));
  return path;
};

const site = log(
  "site.conf",
  "events {}",
  "http {",
  "  server {",
  "    location / { proxy_pass http://127.0.0.1:8080; }",
  "  }",
  "}",
);
const jsonOf = (out: string): DenialReport => JSON.parse(out);

suite("explain of a line", () => {
  test("names the place, the fix, and what was not understood", async () => {
    const { code, out } = await run(
      ["explain", "-", "--policy", "rhel9", "--config", site],
      `${record(8080)}\navc:  denied  nothing\n`,
    );
    assert.equal(code, 1);
    assert.match(out, /site\.conf:4 \(proxy_pass\)/);
    assert.match(out, /sudo setsebool -P httpd_can_network_relay on/);
    assert.match(out, /line 2: not understood/);
  });

  test("gives the documented JSON", async () => {
    const { out } = await run(["explain", record(8080), "--policy", "rhel9", "--config", site, "--format", "json"]);
    const { schema, policy, denials, notUnderstood } = jsonOf(out);
    assert.equal(schema, 1);
    assert.equal(policy.name, "rhel9");
    assert.deepEqual(notUnderstood, []);
    const [denial] = denials;
    assert.ok(denial !== undefined);
    const { message, because, fixes, places, ...rest } = denial;
    assert.deepEqual(rest, {
      lines: [1],
      log: null,
      form: "avc",
      time: "2026-01-21T12:53:21.250Z",
      lastTime: "2026-01-21T12:53:21.250Z",
      count: 1,
      process: "nginx",
      nginx: true,
      source: "httpd_t",
      target: "http_cache_port_t",
      class: "tcp_socket",
      permissions: ["name_connect"],
      protocol: "tcp",
      host: null,
      port: 8080,
      path: null,
      name: null,
      permissive: false,
      cause: "selinux",
      verdict: "refused",
    });
    assert.match(message, /^tcp port 8080 \(http_cache_port_t\): SELinux refused nginx's connection/);
    assert.ok(because.length > 0);
    assert.equal(fixes.find((fix) => fix.preferred)?.id, "boolean");
    assert.deepEqual(places, [
      {
        file: site,
        range: { start: { line: 3, character: 35 }, end: { line: 3, character: 49 } },
        directive: "proxy_pass",
        certainty: "certain",
      },
    ]);
  });

  test("ends with 0 where nothing is refused now, and with 2 where there is no refusal at all", async () => {
    assert.equal(
      (await run(["explain", record(8080), "--policy", "rhel9", "--boolean", "httpd_can_network_relay=on"])).code,
      0,
    );
    const nothing = await run(["explain", "hello nginx world"]);
    assert.equal(nothing.code, 2);
    assert.match(nothing.err, /there is no refusal in these lines/);
  });

  test("of a configuration that cannot be read ends with 2", async () => {
    assert.equal((await run(["explain", record(8080), "--config", join(directory, "missing.conf")])).code, 2);
  });

  test("makes the module, and leaves out what a module must not give", async () => {
    const secret = record(8080)
      .replace(/tcontext=.*/, "tcontext=system_u:object_r:shadow_t:s0 tclass=file")
      .replace("name_connect", "read")
      .replace("dest=8080", 'name="shadow"');
    const { out } = await run(["explain", "-", "--policy", "rhel9", "--format", "cil"], `${record(8080)}\n${secret}\n`);
    assert.match(out, /^\(allow httpd_t http_cache_port_t \(tcp_socket \(name_connect\)\)\)$/m);
    assert.match(out, /^; 2026-01-21T12:53:21\.250Z tcp port 8080/m);
    assert.match(out, /^; left out: \(allow httpd_t shadow_t/m);
    assert.doesNotMatch(out, /^\(allow httpd_t shadow_t/m);
  });
});

test("a refusal and the check of the same configuration prefer the same fix", async () => {
  const pair = log(
    "pair.conf",
    "events {}",
    "http {",
    "  server {",
    "    location /a { proxy_pass http://127.0.0.1:8080; }",
    "    location /b { proxy_pass http://127.0.0.1:9777; }",
    "    location /c { proxy_pass http://unix:/run/cats/web.sock; }",
    "  }",
    "}",
  );
  const lines = [
    record(8080),
    record(9777),
    'type=AVC msg=audit(1769000001.250:79): avc:  denied  { write } for  pid=4411 comm="nginx" name="web.sock" dev="tmpfs" ino=5 scontext=system_u:system_r:httpd_t:s0 tcontext=system_u:object_r:var_run_t:s0 tclass=sock_file permissive=0',
  ];
  const { out } = await run(
    ["explain", "-", "--policy", "rhel9", "--config", pair, "--format", "json"],
    `${lines.join("\n")}\n`,
  );
  const checked = await run(["check", pair, "--policy", "rhel9", "--format", "json"]);
  const report: Report = JSON.parse(checked.out);
  const { denials } = jsonOf(out);
  assert.equal(denials.length, 3);
  for (const { places, fixes, message } of denials) {
    const line = places[0]?.range.start.line;
    const finding = report.findings.find(({ range }) => range.start.line === line);
    assert.ok(finding !== undefined, message);
    assert.deepEqual(preferredOf(fixes), preferredOf(finding.fixes), message);
    assert.equal(fixes[0]?.preferred, true, message);
  }
});

const preferredOf = (fixes: Report["findings"][number]["fixes"]): readonly string[] | undefined =>
  fixes.find(({ preferred }) => preferred)?.commands;

suite("denials", () => {
  test("of a log counts equal refusals, and leaves out other programs of the host", async () => {
    const path = log(
      "audit.log",
      record(8080, 1),
      record(8080, 2),
      record(8080, 3).replace("httpd_t", "sshd_t").replace("nginx", "sshd"),
    );
    const { code, out } = await run(["denials", path, "--policy", "rhel9", "--config", site, "--format", "json"]);
    assert.equal(code, 1);
    const { denials } = jsonOf(out);
    assert.deepEqual(
      denials.map(({ count, log: name }) => [count, name]),
      [[2, path]],
    );
  });

  test("says once what concerns many files of a directory, and each of them in JSON", async () => {
    const files = ["a", "b", "c", "d", "e"].map(
      (name, i) =>
        `2026/01/21 10:02:0${i} [error] 31#31: *${i} open() "/srv/www/${name}.html" failed (13: Permission denied), client: 192.0.2.1`,
    );
    const path = log("many.log", ...files, files[0] ?? "", files[1]?.replace("/srv/www", "/srv/other") ?? "");
    const { out } = await run(["denials", path, "--policy", "rhel9"]);
    assert.match(
      out,
      /also b\.html, c\.html, d\.html and 1 more in \/srv\/www\n +seen 6 times, 2026-01-21T10:02:00 to 2026-01-21T10:02:04;/,
    );
    assert.match(out, /^\S+ \/srv\/other\/b\.html /mu);
    const json = await run(["denials", path, "--policy", "rhel9", "--format", "json"]);
    assert.equal(jsonOf(json.out).denials.length, 6);
  });

  test("since a time leaves out what is older", async () => {
    const path = log("old.log", record(8080));
    const { code, out } = await run(["denials", path, "--policy", "rhel9", "--since", "1h", "--format", "json"]);
    assert.equal(code, 0);
    assert.deepEqual(jsonOf(out).denials, []);
    assert.equal((await run(["denials", path, "--since", "soon"])).code, 2);
  });

  test("of a copy of another machine reads its logs, and the error logs that its configuration names", async () => {
    const root = join(directory, "machine");
    mkdirSync(join(root, "etc/nginx"), { recursive: true });
    mkdirSync(join(root, "var/log/audit"), { recursive: true });
    mkdirSync(join(root, "srv"), { recursive: true });
    writeFileSync(
      join(root, "etc/nginx/nginx.conf"),
      "error_log /srv/e.log;\nevents {}\nhttp { server { listen 8899; } }\n",
    );
    writeFileSync(join(root, "var/log/audit/audit.log"), `${record(8123)}\n`);
    writeFileSync(
      join(root, "srv/e.log"),
      "2026/01/21 10:02:03 [emerg] 31#31: bind() to 0.0.0.0:8899 failed (13: Permission denied)\n",
    );
    const { out } = await run(["denials", "--root", root, "--policy", "rhel9", "--format", "json"]);
    const { denials, unread } = jsonOf(out);
    assert.deepEqual(denials.map(({ port }) => port).sort(), [8123, 8899]);
    assert.deepEqual(
      denials.find(({ port }) => port === 8899)?.places.map(({ directive }) => directive),
      ["listen"],
    );
    assert.deepEqual(unread, []);
  });

  test("of a file that is not there says so", async () => {
    const { code, out, err } = await run(["denials", join(directory, "none.log"), "--policy", "rhel9"]);
    assert.equal(code, 2);
    assert.match(err, /no log was read/);
    assert.match(out, /not read: .*none\.log: there is no such file/);
  });

  test("follows a log through its rotation, to the end of the old file, and where it is cut", async () => {
    const path = log("follow.log", record(8080));
    let shown = "";
    let isOver = false;
    const ran = run(["denials", path, "--policy", "rhel9", "--follow"], "", (out) => {
      shown = out;
      return isOver || out.includes("tcp port 7005");
    });
    const isShown = async (port: number): Promise<void> => {
      for (let looks = 0; !shown.includes(`tcp port ${port} `); looks++) {
        assert.ok(looks < 1000, `port ${port} is not shown:\n${shown}`);
        await sleep(20);
      }
    };
    try {
      await isShown(8080);
      const half = record(7001);
      appendFileSync(path, half.slice(0, 90));
      await sleep(400);
      appendFileSync(path, `${half.slice(90)}\n`);
      await isShown(7001);
      appendFileSync(path, `${record(7002)}\n`);
      renameSync(path, `${path}.1`);
      // What comes after the cut is shorter than what was there: however late it is looked at, the cut is seen.
      writeFileSync(path, `${"\n".repeat(1000)}${record(7003)}\n`);
      await isShown(7002);
      await isShown(7003);
      writeFileSync(path, "");
      await sleep(400);
      appendFileSync(path, `${record(7004)}\n`);
      await isShown(7004);
      appendFileSync(path, `${record(7005)}\n`);
      await isShown(7005);
    } finally {
      // Where one is not shown, the run ends all the same.
      isOver = true;
    }
    const { code, out } = await ran;
    assert.equal(code, 1);
    for (const port of [8080, 7001, 7002, 7003, 7004, 7005])
      assert.equal(out.split(`refused tcp port ${port} `).length, 2, `${port}`);
    assert.doesNotMatch(out, /not understood/);
  });
});

test("a time in words", () => {
  const now = new Date(2026, 0, 21, 10, 0, 0).getTime();
  assert.equal(sinceInstant("10m", now), now - 600_000);
  assert.equal(sinceInstant("today", now), new Date(2026, 0, 21).getTime());
  assert.equal(sinceInstant("2026-01-15 10:30", now), new Date(2026, 0, 15, 10, 30).getTime());
});

test("nothing of a line drives the terminal, in any format", async () => {
  const hostile =
    'type=AVC msg=audit(1769000001.250:77): avc:  denied  { read } for  pid=1 comm=6E67696E78 path=2F646174612F1B5B33316D0A2428726562 scontext=a:b:httpd_t:s0 tcontext=a:b:default_t:s0 tclass=file\n2026/01/21 10:02:03 [crit] 31#31: *7 open() "/data/\u001b[31m$(reboot)\u202e" failed (13: Permission denied)';
  for (const format of ["text", "json", "cil"]) {
    const { out } = await run(["explain", "-", "--policy", "rhel9", "--format", format], hostile);
    assert.match(out.replaceAll("\n", ""), /^[^\p{Cc}\p{Cf}]*$/u, format);
  }
});
