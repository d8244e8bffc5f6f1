import assert from "node:assert/strict";
import { test } from "node:test";
import { commandsFor, isSurelyWritable } from "../../../server/src/fixes/commands.ts";
import type { Change } from "../../../server/src/selinux/policy.ts";
import { tinyPolicy } from "../../support/tinyPolicy.ts";
import { anyFileIn } from "../../../server/src/selinux/decideFile.ts";

const policy = tinyPolicy({
  ports: ["tcp 8081 transproxy_port_t", "tcp 3000-3001 ntop_port_t"],
  labels: ["/var/cache/nginx(/.*)? httpd_cache_t"],
  booleans: { httpd_graceful_shutdown: false },
});

function run(change: Change, restore: string | null = null): readonly string[] {
  const commands = commandsFor(policy, { changes: [change], restore });
  assert.ok(commands.ok);
  return commands.run;
}

function port(low: number, high: number): Change {
  return { kind: "port", protocol: "tcp", low, high, type: "http_port_t" };
}

function context(spec: string): Change {
  return { kind: "fileContext", spec, fileKind: "any", type: "httpd_var_run_t" };
}

test("a port is added unless the policy has a record of exactly it", () => {
  assert.deepEqual(run(port(3000, 3000)), ["sudo semanage port -a -t http_port_t -p tcp 3000"]);
  assert.deepEqual(run(port(8081, 8081)), ["sudo semanage port -m -t http_port_t -p tcp 8081"]);
  assert.deepEqual(run(port(3000, 3001)), ["sudo semanage port -m -t http_port_t -p tcp 3000-3001"]);
  assert.deepEqual(run(port(8080, 8082)), ["sudo semanage port -a -t http_port_t -p tcp 8080-8082"]);
});

test("a file context is added unless the policy has exactly its spec, and labels on disk are reset after it", () => {
  assert.deepEqual(run(context("/var/run/myapp(/.*)?"), "/run/myapp"), [
    "sudo semanage fcontext -a -t httpd_var_run_t '/var/run/myapp(/.*)?'",
    "sudo restorecon -Rv /run/myapp",
  ]);
  assert.deepEqual(run(context("/var/cache/nginx(/.*)?")), [
    "sudo semanage fcontext -m -t httpd_var_run_t '/var/cache/nginx(/.*)?'",
  ]);
});

test("a kind of file becomes the letter of semanage", () => {
  const socket: Change = { kind: "fileContext", spec: "/run/a", fileKind: "sock", type: "httpd_var_run_t" };
  assert.deepEqual(run(socket), ["sudo semanage fcontext -a -f s -t httpd_var_run_t /run/a"]);
});

test("undo puts a boolean back to what it was", () => {
  const commands = commandsFor(policy, {
    changes: [{ kind: "boolean", name: "httpd_graceful_shutdown", value: true }],
    restore: null,
  });
  assert.ok(commands.ok);
  assert.deepEqual(commands.undo, ["sudo setsebool -P httpd_graceful_shutdown off"]);
});

test("operands are quoted, and one that cannot be is refused with the reason", () => {
  assert.deepEqual(run({ kind: "label", path: "/run/it's $x", type: "httpd_var_run_t" }), [
    String.raw`sudo chcon -t httpd_var_run_t '/run/it'\''s $x'`,
  ]);
  for (const path of ["/run/a\nb", "-rf"]) {
    const commands = commandsFor(policy, {
      changes: [{ kind: "label", path, type: "httpd_var_run_t" }],
      restore: null,
    });
    assert.ok(!commands.ok && commands.reason !== "");
  }
  const hostile = commandsFor(policy, {
    changes: [{ kind: "boolean", name: "x; rm -rf /", value: true }],
    restore: null,
  });
  assert.deepEqual(hostile.ok && hostile.run, ["sudo setsebool -P 'x; rm -rf /' on"]);
});

test("a label that is reset is given back, unless only files below the path had another one", () => {
  const path = "/var/cache/nginx";
  const change: Change = { kind: "restore", path };
  const moved = commandsFor(policy.with([{ kind: "label", path, type: "user_home_t" }]), {
    changes: [change],
    restore: path,
  });
  assert.deepEqual(moved.ok && [moved.run, moved.undo], [
    [`sudo restorecon -Rv ${path}`],
    [`sudo chcon -t user_home_t ${path}`],
  ]);
  const whole = (type: string) =>
    commandsFor(
      policy.with([
        { kind: "label", path, type: "user_home_t" },
        { kind: "label", path: anyFileIn(path), type },
      ]),
      { changes: [change], restore: path },
    );
  const alike = whole("user_home_t");
  assert.deepEqual(alike.ok && alike.undo, [`sudo chcon -R -t user_home_t ${path}`]);
  const mixed = whole("var_t");
  assert.deepEqual(mixed.ok && mixed.undo, []);
  const inside = commandsFor(policy, { changes: [change], restore: path });
  assert.deepEqual(inside.ok && [inside.run, inside.undo], [[`sudo restorecon -Rv ${path}`], []]);
});

test("what is surely writable can be written", () => {
  const equal = tinyPolicy({ equivalences: ["/run /var/run"] });
  const type = "httpd_var_run_t";
  const texts = ["/srv/a(/.*)?", "/srv/it's a(/.*)?", "/srv/a\u0007b", "/run/a", "-a", "", "/srv/a\u202eb"];
  let sure = 0;
  for (const spec of texts)
    for (const restore of [null, ...texts])
      for (const makeDirectory of [null, ...texts]) {
        const asked = {
          changes: [{ kind: "fileContext", spec, fileKind: "any", type }] as const,
          restore,
          makeDirectory,
        };
        if (!isSurelyWritable(equal, asked)) continue;
        sure++;
        assert.ok(commandsFor(equal, asked).ok, JSON.stringify(asked));
      }
  assert.equal(sure, 2 * 4 * 4);
});
