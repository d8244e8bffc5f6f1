/**
 * Plans of whole configurations with the real tools in a private root: each script and each module installs, the policy
 * on disk then clears the findings, a second run has nothing to do, and the undo brings the findings back.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { bindPortFixes, connectSocketFixes } from "../../server/src/fixes/offer.ts";
import { ansibleText } from "../../server/src/fixes/plan/ansible.ts";
import { partsFor, planOfParts } from "../../server/src/fixes/plan/planFor.ts";
import { modulePlanOf, planOf } from "../../server/src/offers/planAnalysis.ts";
import { findOracle } from "../support/oracle.ts";
import { analysed, site, textOfPlan } from "../support/planned.ts";
import { policyIn } from "../support/policyIn.ts";
import { createPrivateRoot } from "../support/privateRoot.ts";
import type { PrivateRoot } from "../support/privateRoot.ts";

const found = findOracle();

/** Why there can be no private root here, or false. */
function skipReason(): string | false {
  if (!("oracle" in found)) return found.skip;
  const root = createPrivateRoot(found.oracle);
  if (typeof root === "string") {
    assert.notEqual(process.env["ORACLE"], "required", `ORACLE=required, but a private root ${root}`);
    return root;
  }
  root.remove();
  return false;
}

const skip = skipReason();

/** A private root with stand-ins for what only a host with SELinux in its kernel has. */
function privateHost(): PrivateRoot {
  assert.ok("oracle" in found);
  const root = createPrivateRoot(found.oracle);
  assert.ok(typeof root !== "string");
  for (const [tool, body] of [
    ["getenforce", "echo Enforcing"],
    ["systemctl", "echo $*"],
    ["curl", "echo 200"],
    ["ausearch", "exit 1"],
  ] as const) {
    const file = join(root.path, "bin", tool);
    writeFileSync(file, `#!/bin/sh\n${body}\n`);
    chmodSync(file, 0o755);
  }
  return root;
}

async function refusals(root: PrivateRoot, text: string): Promise<readonly string[]> {
  const { findings } = await analysed(await policyIn(root.policyDirectory), text);
  return findings.flatMap(({ rule, key, verdict }) =>
    verdict?.decision?.verdict === "denied" ? [`${rule} ${key}`] : [],
  );
}

/** Everything that a plan may change, as the policy on disk has it. */
async function records(root: PrivateRoot): Promise<unknown> {
  const { ports, booleans } = (await policyIn(root.policyDirectory)).facts;
  const local = join(root.policyDirectory, "contexts/files/file_contexts.local");
  const contexts = existsSync(local) ? readFileSync(local, "utf8") : "";
  return {
    ports,
    booleans,
    contexts: contexts
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("#"))
      .sort(),
  };
}

const ports = [3000, 3001, 3002, 4811, 4812, 8080, 8081, 8118, 443, 5432, 45000, 8205];
const everything = `worker_rlimit_nofile 10000;\n${site(
  [...ports.map((port) => `127.0.0.1:${port}`), "unix:/run/myapp/web.sock"],
  [
    "    listen 127.0.0.1:8888;",
    "    listen 127.0.0.1:8200-8210;",
    "    access_log /opt/myapp/logs/access.log;",
    `    location /odd { proxy_pass "http://unix:/run/it's (an) [odd] \\"one\\" & more/web.sock"; }`,
    `    location /nested { proxy_pass "http://unix:/run/myapp/run/web.sock"; }`,
  ].join("\n"),
)}`;

for (const { what, text, prepare } of [
  { what: "one port", text: site(["127.0.0.1:3000"]) },
  { what: "everything at once", text: everything },
  {
    what: "what an administrator has begun",
    text: site(["127.0.0.1:3000", "127.0.0.1:8080", "127.0.0.1:4811", "unix:/run/myapp/web.sock"], "    listen 8888;"),
    prepare: [
      "semanage port -a -t ntop_port_t -p tcp 3000",
      "semanage port -m -t ntop_port_t -p tcp 8080",
      "semanage port -a -t http_port_t -p tcp 8888",
      "semanage fcontext -a -t var_run_t '/run/myapp(/.*)?'",
      "setsebool -P httpd_can_network_relay off",
    ],
  },
] satisfies readonly { what: string; text: string; prepare?: readonly string[] }[]) {
  test(`the script for ${what} works, once and again, and so does its undo`, { skip }, async () => {
    const root = privateHost();
    try {
      prepare?.forEach(root.run);
      const before = await refusals(root, text);
      const recorded = await records(root);
      const analysis = await analysed(await policyIn(root.policyDirectory), text);
      const plan = planOf(analysis);
      assert.ok(plan.steps.length > 0);
      const script = join(root.path, "plan.sh");
      writeFileSync(script, textOfPlan("script", analysis));
      assert.match(root.run(`sh ${script}`), /one transaction for semanage/);
      assert.deepEqual(await refusals(root, text), before.slice(0, plan.uncleared.length));
      const again = root.run(`sh ${script}`);
      assert.match(again, /nothing to do/);
      assert.doesNotMatch(again, /transaction|installing/);
      root.run(`sh ${script} --undo`);
      assert.deepEqual(await refusals(root, text), before);
      assert.deepEqual(await records(root), recorded);
      assert.match(root.run(`sh ${script} --undo`), /nothing to do/);
    } finally {
      root.remove();
    }
  });
}

/** The commands in the head of a module, behind a line that begins so. */
function commandsIn(text: string, heading: string): readonly string[] {
  const lines = text.split("\n");
  const start = lines.findIndex((line) => line.startsWith(`; ${heading}`)) + 1;
  assert.ok(start > 0);
  const rest = lines.slice(start);
  return rest
    .slice(
      0,
      rest.findIndex((line) => !line.startsWith(";   ")),
    )
    .map((line) => line.slice("; ".length).trim());
}

for (const { what, text } of [
  { what: "two ports", text: site(["127.0.0.1:4811", "127.0.0.1:5432"]) },
  { what: "everything at once", text: everything },
]) {
  test(`the module for ${what} installs and is removed by the commands in its head`, { skip }, async () => {
    const root = privateHost();
    try {
      const before = await refusals(root, text);
      const analysis = await analysed(await policyIn(root.policyDirectory), text);
      const plan = modulePlanOf(analysis);
      assert.ok(plan.labels.length > 0);
      const cil = textOfPlan("cil", analysis);
      writeFileSync(join(root.path, "nginx_site.cil"), cil);
      for (const command of commandsIn(cil, "Install")) root.run(`cd ${root.path} && ${command}`);
      assert.deepEqual(await refusals(root, text), before.slice(0, plan.uncleared.length));
      const { facts } = await policyIn(root.policyDirectory);
      for (const { low, type } of plan.labels)
        assert.ok(facts.ports.some((record) => record.low === low && record.type === type));
      for (const command of commandsIn(cil, "Remove")) root.run(`cd ${root.path} && ${command}`);
      assert.deepEqual(await refusals(root, text), before);
    } finally {
      root.remove();
    }
  });
}

const ansible = "/usr/bin/ansible-playbook";
const skipAnsible =
  skip !== false ? skip : existsSync(ansible) ? false : "install ansible (scripts/oracle-setup.mjs does)";
if (skipAnsible !== false && process.env["ORACLE"] === "required")
  throw new Error(`ORACLE=required, but ${skipAnsible}`);

test("Ansible accepts the playbooks", { skip: skipAnsible }, async () => {
  const directory = mkdtempSync(join(tmpdir(), "nginx-selinux-ansible-"));
  const root = privateHost();
  try {
    const policy = await policyIn(root.policyDirectory);
    for (const [index, text] of [site(["127.0.0.1:3000"]), everything, site([])].entries()) {
      const file = join(directory, `${index}.yml`);
      writeFileSync(file, textOfPlan("ansible", await analysed(policy, text)));
      const out = execFileSync(ansible, ["--syntax-check", "-i", "localhost,", file], {
        encoding: "utf8",
        stdio: "pipe",
      });
      assert.match(out, /playbook: /);
    }
  } finally {
    root.remove();
    rmSync(directory, { recursive: true });
  }
});

/** What a host needs and a private root has not: a kernel with SELinux, systemd, the right to become root. */
function forPrivateRoot(playbook: string): string {
  return playbook
    .replace("become: true", "become: false")
    .replace(/ {4}- name: "The tools[^]*?(?=\n {4}- name)/u, "")
    .replaceAll(/( +)setype: .*/gu, "$&\n$1ignore_selinux_state: true")
    .replace(/ansible\.builtin\.service:\n.*\n.*/u, 'ansible.builtin.debug:\n        msg: "reload"');
}

test("a playbook labels exactly what is meant, and takes it back", { skip: skipAnsible }, async () => {
  const root = privateHost();
  try {
    writeFileSync(join(root.path, "bin/restorecon"), `#!/bin/sh\nprintf '%s\\n' "$@" >>${root.path}/restored\n`);
    chmodSync(join(root.path, "bin/restorecon"), 0o755);
    const paths = ['/run/it\'s {{ 1 }} "x" $HOME `id`', "/run/app {% raw %}", "/run/{# c #} \\x41"];
    const policy = await policyIn(root.policyDirectory);
    const context = { policy, source: "httpd_t", localPorts: [32768, 60999] as const };
    const targets = [
      {
        title: "a port",
        fixes: bindPortFixes(context, [{ kind: "bind-port", source: "httpd_t", protocol: "tcp", port: 8888 }]),
      },
      ...paths.map((path) => ({
        title: path,
        fixes: connectSocketFixes(context, { kind: "connect-socket", source: "httpd_t", path: `${path}/a.sock` }),
      })),
    ].map((target) => ({ ...target, ports: null, ask: null, clears: () => true, places: () => [], advice: "" }));
    const plan = planOfParts(context, partsFor({ context, targets, kept: () => [] }));
    const about = { configuration: paths.join("\n"), policy: "", source: "httpd_t", probe: null };
    writeFileSync(join(root.path, "plan.yml"), forPrivateRoot(ansibleText(plan, about, policy)));
    const play = `cd ${root.path} && HOME=${root.path} ansible-playbook -c local -i localhost, -e ansible_python_interpreter=/usr/bin/python3 plan.yml`;
    root.run(play);
    const specs = plan.steps.flatMap(({ change }) => (change.kind === "fileContext" ? [change.spec] : []));
    assert.equal(specs.length, paths.length);
    const labelled = root
      .run("semanage fcontext -l -C -n")
      .split("\n")
      .flatMap((line) => /^\S+/u.exec(line)?.[0] ?? []);
    assert.deepEqual(labelled.toSorted(), specs.toSorted());
    assert.match(root.run("semanage port -l -C -n"), /^http_port_t +tcp +8888$/mu);
    const restored = readFileSync(join(root.path, "restored"), "utf8")
      .split("\n")
      .filter((word) => word.startsWith("/"));
    assert.deepEqual(restored, paths.toSorted());
    root.run(`${play} -e nginx_selinux_state=absent`);
    assert.equal(root.run("semanage fcontext -l -C -n; semanage port -l -C -n").trim(), "");
  } finally {
    root.remove();
  }
});
