import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { yamlLines, yamlString } from "../../../../server/src/fixes/plan/writeYaml.ts";
import { portcons, portRecords } from "../../../../server/src/fixes/plan/portRecords.ts";
import { inexpressible } from "../../../../server/src/fixes/plan/changes.ts";
import { commentText } from "../../../../server/src/fixes/plan/planWords.ts";
import { analysed, site, textOfPlan } from "../../../support/planned.ts";
import { tinyPolicy } from "../../../support/tinyPolicy.ts";
import { release } from "../../../rules/situation.ts";

test("a text of YAML is in double quotes, printable, and marked where Ansible would take it for an expression", () => {
  assert.equal(yamlString("http_port_t"), '"http_port_t"');
  assert.equal(yamlString("no"), '"no"');
  assert.equal(yamlString('a"b\\c'), String.raw`"a\"b\\c"`);
  assert.equal(yamlString("a\nb\té🙂"), String.raw`"a\x0ab\x09\xe9\U0001f642"`);
  assert.equal(yamlString("{{ x }}"), '!unsafe "{{ x }}"');
  assert.equal(yamlString("{ x }"), '"{ x }"');
});

test("mappings and lists of YAML are indented by their depth", () => {
  assert.deepEqual(yamlLines([{ name: "x", loop: ["a", "b"], when: { raw: "y" } }, { name: "z" }]), [
    '- name: "x"',
    "  loop:",
    '    - "a"',
    '    - "b"',
    "  when: y",
    '- name: "z"',
  ]);
});

const label = (low: number, high = low) => ({ kind: "port", protocol: "tcp", low, high, type: "http_port_t" }) as const;

test("labels of ports overlap nowhere, and neighbours join unless the policy has a record of exactly one or of both", () => {
  const policy = tinyPolicy({ ports: ["tcp 8081 transproxy_port_t", "tcp 3000-3001 ntop_port_t"] });
  const records = (...changes: Parameters<typeof label>[]): readonly string[] =>
    portRecords(
      policy,
      changes.map((ports) => label(...ports)),
    ).map(({ low, high }) => `${low}-${high}`);
  assert.deepEqual(records([4002], [4000], [4001]), ["4000-4002"]);
  assert.deepEqual(records([4000, 4010], [4005, 4020], [4007]), ["4000-4020"]);
  assert.deepEqual(records([8080], [8081], [8082]), ["8080-8080", "8081-8081", "8082-8082"]);
  assert.deepEqual(records([3000], [3001]), ["3000-3000", "3001-3001"]);
});

test("a module labels what it can with effect: no port that has a record, no range around a narrower one", () => {
  const policy = tinyPolicy({ ports: ["tcp 8081 transproxy_port_t", "tcp 1024-65535 unreserved_port_t"] });
  const { module, command } = portcons(policy, [label(4000, 4002), label(8080, 8082)]);
  assert.deepEqual(
    module.map(({ low, high }) => `${low}-${high}`),
    ["4000-4002", "8080-8080", "8082-8082"],
  );
  assert.deepEqual(command, [label(8081)]);
});

test("names of a policy that are no identifiers, and specs that semanage would split, are refused", () => {
  assert.equal(inexpressible({ kind: "boolean", name: "httpd_x", value: true }), null);
  assert.notEqual(inexpressible({ kind: "boolean", name: "x; reboot", value: true }), null);
  assert.notEqual(inexpressible({ ...label(80), type: "a b" }), null);
  const spec = (text: string) => ({ kind: "fileContext", spec: text, fileKind: "any", type: "x_t" }) as const;
  assert.equal(inexpressible(spec("/run/a(/.*)?")), null);
  for (const text of ["/run/a b", "/run/a'b", '/run/a"b', "/run/a\nb", "-x"])
    assert.notEqual(inexpressible(spec(text)), null, text);
});

test("any text is one visible comment line", () => {
  assert.equal(commentText("a\nb\u2028c\u202ed"), String.raw`a\u{a}b\u{2028}c\u{202e}d`);
  assert.ok(commentText("x".repeat(5000)).length < 1000);
});

test("a script checks what it needs, makes one transaction, and ends with the proof", async () => {
  const script = textOfPlan(
    "script",
    await analysed(release("rhel9"), site(["127.0.0.1:3000", "unix:/run/app/a.sock"])),
  );
  const order = [
    "set -eu",
    "policycoreutils-python-utils",
    '"$(getenforce)" != Disabled',
    "port http_port_t tcp 3000 -",
    "boolean httpd_graceful_shutdown on off",
    "fcontext a httpd_var_run_t - /var/run/app(/.*)?",
    "semanage import",
    "restorecon -i -R -v /run/app",
    "systemctl reload-or-restart nginx",
    "http://127.0.0.1:80/",
    'ausearch -m avc -ts "$day" "$time"',
  ].map((part) => script.indexOf(part));
  assert.ok(!order.includes(-1), order.join());
  assert.deepEqual(
    order.toSorted((a, b) => a - b),
    order,
  );
  assert.equal(script.match(/semanage import </gu)?.length, 1);
  assert.match(script, /"nginx -t" alone is none/);
});

test("the request of the proof goes to an address of the configuration, with TLS where it speaks that", async () => {
  const probe = async (listen: string): Promise<string | undefined> => {
    const text = site(["127.0.0.1:3000"]).replace("listen 80;", listen);
    return /curl .* ('?https?:\S+) \|\|/u.exec(textOfPlan("script", await analysed(release("rhel9"), text)))?.[1];
  };
  assert.equal(await probe("listen 80;"), "http://127.0.0.1:80/");
  assert.equal(
    await probe("listen 10.0.0.1:8443 ssl; ssl_certificate a; ssl_certificate_key b;"),
    "https://10.0.0.1:8443/",
  );
  assert.equal(await probe("listen [::]:8080;"), "'http://[::1]:8080/'");
  assert.equal(await probe("listen unix:/run/nginx/a.sock;"), undefined);
});

test("where nothing is refused each format says so and changes nothing", async () => {
  const analysis = await analysed(release("rhel9"), site([]));
  for (const format of ["script", "ansible", "cil"] as const)
    assert.match(textOfPlan(format, analysis), /Nothing has to be changed for SELinux/);
  assert.doesNotMatch(textOfPlan("script", analysis), /semanage/);
});

test("where something is refused and nothing that lasts clears it, no format says that nothing has to be changed", async () => {
  const analysis = await analysed(release("rhel9"), site(["unix:/run/top.sock"]));
  for (const format of ["script", "ansible"] as const) {
    const text = textOfPlan(format, analysis);
    assert.doesNotMatch(text, /Nothing has to be changed/);
    assert.match(text, /There is nothing that a command can do/);
    assert.match(text, /What it does not clear:\n# - connect to unix socket \/run\/top\.sock/);
  }
});

test("a script installs its module once, in place of another one of its own", async () => {
  const script = textOfPlan("script", await analysed(release("rhel9"), site(["127.0.0.1:6379"])));
  const name = /nginx_site_[0-9a-f]{8}/u.exec(script)?.[0];
  assert.ok(name !== undefined, script);
  const directory = mkdtempSync(join(tmpdir(), "nginx-selinux-script-"));
  try {
    const stub = (tool: string, text: string): void => {
      writeFileSync(join(directory, tool), `#!/bin/sh\n${text}\n`);
      chmodSync(join(directory, tool), 0o755);
    };
    for (const tool of ["systemctl", "curl", "ausearch"]) stub(tool, ":");
    stub("id", "echo 0");
    stub("getenforce", "echo Enforcing");
    // Keeps the names of what is installed; its files may not be written to by another program.
    stub(
      "semodule",
      `list=${directory}/modules; touch $list
case $1 in -l) sed 's/$/ 1.0/' $list; exit;; esac
while [ $# -gt 0 ]; do
  case $1 in
    -r) grep -vx "$2" $list >$list.new || :; mv $list.new $list ;;
    -i) basename "$2" .cil >>$list; echo installed >>${directory}/calls ;;
  esac
  shift 2
done`,
    );
    writeFileSync(join(directory, "modules"), "abrt\nnginx_site_00000000\nnginx_site\n");
    const run = (...args: readonly string[]): string => {
      const { status, stdout, stderr } = spawnSync("sh", ["-c", script, "sh", ...args], {
        encoding: "utf8",
        env: { ...process.env, PATH: `${directory}:${process.env["PATH"] ?? ""}` },
      });
      assert.equal(status, 0, stderr);
      return stdout;
    };
    assert.match(run(), /installing the module/);
    assert.match(run(), /is installed already/);
    assert.equal(readFileSync(join(directory, "modules"), "utf8"), `abrt\n${name}\n`);
    assert.equal(readFileSync(join(directory, "calls"), "utf8"), "installed\n");
    run("--undo");
    assert.equal(readFileSync(join(directory, "modules"), "utf8"), "abrt\n");
  } finally {
    rmSync(directory, { recursive: true });
  }
});
