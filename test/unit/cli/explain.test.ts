/** `explain TARGET`: the same answers as `check`, from the same evaluator. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, suite, test } from "node:test";
import { runCommandLine } from "../../../server/src/cli/run.ts";
import { createNodeHost } from "../../../server/src/host/hostNode.ts";
import type { Report, ReportFix } from "../../../server/src/report/report.ts";
import { styleFor } from "../../../server/src/report/terminal.ts";

const root = join(import.meta.dirname, "../../..");
const directory = mkdtempSync(join(tmpdir(), "nginx-selinux-explain-"));
after(() => rmSync(directory, { recursive: true }));
const host = createNodeHost(join(root, "server/policies"), () => undefined);

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function run(...args: readonly string[]): Promise<Ran> {
  let out = "";
  let err = "";
  const console = {
    host,
    directory,
    out: {
      closed: false,
      add: (text: string) => {
        out += text;
        return false;
      },
      flush: () => Promise.resolve(),
    },
    style: styleFor(false),
    interactive: false,
    input: () => Promise.resolve(new Uint8Array()),
    inputText: async function* () {
      yield* [];
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

interface Answer {
  readonly kind: string;
  readonly verdict: string;
  readonly message: string | null;
  readonly target: string | null;
  readonly file?: string;
  readonly access: { readonly source: string; readonly certainty: string };
  readonly because: readonly string[];
  readonly fixes: readonly ReportFix[];
}

async function answers(target: string, ...more: readonly string[]): Promise<readonly Answer[]> {
  const { out, err, code } = await run("explain", target, "--policy", "rhel9", "--format", "json", ...more);
  assert.equal(code, 0, err);
  const { schema, answers: given }: { schema: number; answers: readonly Answer[] } = JSON.parse(out);
  assert.equal(schema, 1);
  return given;
}

async function check(config: string): Promise<Report> {
  const { out } = await run("check", config, "--policy", "rhel9", "--format", "json");
  const report: Report = JSON.parse(out);
  return report;
}

function commandsOf(fixes: readonly ReportFix[]): readonly unknown[] {
  return fixes.map(({ id, commands, undo, preferred, edits }) => ({ id, commands, undo, preferred, edits }));
}

const config = join(directory, "nginx.conf");
writeFileSync(
  config,
  `events {}
http {
  upstream app { server unix:/run/myapp/app.sock; server 127.0.0.1:3000; }
  server {
    listen 8081;
    root /data/www;
    access_log /data/logs/access.log;
    location / { proxy_pass http://app; }
    location /php { fastcgi_pass unix:/run/myapp/app.sock; }
    location /other { proxy_pass http://127.0.0.1:8081; }
  }
}
`,
);

suite("explain of a target", () => {
  test("says of a port what connecting and listening need", async () => {
    for (const target of ["tcp/3000", "127.0.0.1:3000", "[::1]:3000", "localhost:3000"]) {
      const given = await answers(target);
      assert.deepEqual(
        given.map(({ kind, verdict, target: type }) => [kind, verdict, type]),
        [
          ["connect", "denied", "ntop_port_t"],
          ["bind", "allowed", "ntop_port_t"],
        ],
      );
    }
  });

  test("says of a path what reading and writing need, and nothing of its own place", async () => {
    const [read, write, ...more] = await answers("/data/www");
    assert.deepEqual(
      [read?.kind, read?.verdict, write?.kind, write?.verdict, more],
      ["read", "denied", "write", "denied", []],
    );
    assert.match(read?.fixes[0]?.commands[0] ?? "", /httpd_sys_content_t '\/data\/www/);
    assert.equal(read?.file, undefined);
    assert.deepEqual(
      (await answers("/var/log/nginx/site.log")).map(({ kind, verdict }) => [kind, verdict]),
      [
        ["read", "allowed"],
        ["append", "allowed"],
      ],
    );
  });

  test("offers for a socket only fixes that clear its label and its process", async () => {
    const [answer] = await answers("unix:/run/myapp/app.sock");
    assert.equal(answer?.target, "var_run_t");
    assert.ok(answer.fixes.length > 1);
    for (const { commands } of answer.fixes) assert.ok(commands.some((each) => each.includes("connectto")));
  });

  test("prints the page of a rule", async () => {
    const { out } = await run("explain", "connect-peer");
    assert.match(out, /^# Unix socket whose service .* \(connect-peer\)\n/);
    assert.match(out, /## What to do/);
    const { rule }: { rule: { id: string; page: string } } = JSON.parse(
      (await run("explain", "connect-peer", "--format", "json")).out,
    );
    assert.equal(rule.id, "connect-peer");
    assert.ok(out.endsWith(`${rule.page.trimEnd()}\n`));
  });

  test("tells what it takes, and the nearest rule", async () => {
    for (const target of ["tcp/0", "tcp/70000", "127.0.0.1:70000", "x", "connect-prt"]) {
      const { code, err } = await run("explain", target);
      assert.equal(code, 2);
      assert.match(err, /cannot explain ".*": give tcp\/3000/);
    }
    assert.match((await run("explain", "connect-prt")).err, /connect-port/);
  });
});

suite("explain within a configuration", () => {
  test("answers for the accesses that it makes, each distinct one once, with their places", async () => {
    const sockets = await answers("unix:/run/myapp/app.sock", "--config", config);
    assert.deepEqual(
      sockets.map(({ file, verdict }) => [file, verdict]),
      [
        [config, "denied"],
        [config, "denied"],
      ],
    );
    const { out } = await run("explain", "tcp/3000", "--policy", "rhel9", "--config", config);
    assert.match(out, /^connect to tcp port 3000 as httpd_t: denied, at nginx\.conf:3:58\n/);
  });

  test("answers for a target of none of them beside them", async () => {
    const given = await answers("tcp/9001", "--config", config);
    assert.deepEqual(
      given.map(({ kind, file }) => [kind, file]),
      [
        ["connect", undefined],
        ["bind", undefined],
      ],
    );
    for (const { fixes } of given) for (const { edits } of fixes) assert.equal(edits, undefined);
  });

  test("gives the fixes of check, for every target of the sample and of this configuration", async () => {
    let compared = 0;
    for (const main of [join(root, "sample/nginx/nginx.conf"), config]) {
      for (const { access, message, fixes } of (await check(main)).findings) {
        if (access === null) continue;
        const { protocol, port, path } = access;
        const target = protocol === "unix" ? `unix:${path}` : protocol === "file" ? path : `${protocol}/${port}`;
        if (target === null || protocol === "process") continue;
        const answer = (await answers(target, "--config", main)).find((each) => each.message === message);
        assert.deepEqual(commandsOf(answer?.fixes ?? []), commandsOf(fixes), `${target}: ${message}`);
        compared++;
      }
    }
    assert.ok(compared >= 6, `only ${compared} findings were compared`);
  });
});
