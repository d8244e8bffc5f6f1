import assert from "node:assert/strict";
import { test } from "node:test";
import type { CodeAction, Diagnostic } from "vscode-languageserver/node";
import {
  explainRequest,
  refreshRequest,
  snapshotRequest,
  trustNotification,
  verifyRequest,
  type ExplainResult,
  type SnapshotResult,
  type VerifyResult,
} from "../../server/src/shared/protocol.ts";
import { snapshotFacts } from "../../server/src/selinux/files/snapshot.ts";
import { bundledText, releases } from "../support/bundledPolicies.ts";
import { liveTree, statusPage, type LiveTree } from "../support/liveTree.ts";
import { startPair, type LspPair, type LspPairOptions } from "../support/lspPair.ts";
import { createMemoryHost, type MemoryHost } from "../support/memoryHost.ts";
import type { SyntheticPolicy } from "../support/policies/encoder.ts";
import { webPolicy } from "../support/policies/webPolicy.ts";

const main = "/etc/nginx/nginx.conf";
const uri = `file://${main}`;
/** 8100 is db_port_t in the small policy: a boolean opens it. */
const text = `events {}
http { server { location / { proxy_pass http://127.0.0.1:8100; } location /x { proxy_pass http://unix:/run/x.sock; } } }
`;
const selinuxfs = "/sys/fs/selinux";
const policy: SyntheticPolicy = {
  ...webPolicy(33),
  rules: [
    ...(webPolicy(33).rules ?? []),
    { kind: "allow", source: "httpd_t", target: "run_t", cls: "dir", permissions: ["search"] },
  ],
};
/** A running host that refuses the port: the boolean was turned off there. */
const usual: LiveTree = {
  policy,
  booleans: { connect_db: false },
  fileContexts: ["/var/run(/.*)? system_u:object_r:run_t:s0"],
  subsDist: ["/run /var/run"],
};
const policies = (name: string): string | undefined => {
  const release = releases.find((each) => each === name);
  return release === undefined ? undefined : bundledText(release);
};

const start = async (
  tree: Partial<LiveTree> | null = {},
  options: LspPairOptions = {},
): Promise<{ host: MemoryHost; pair: LspPair }> => {
  const files = tree === null ? {} : liveTree({ ...usual, ...tree });
  const host = createMemoryHost({ ...files, [main]: text }, policies);
  const pair = await startPair(host, { settings: {}, ...options });
  await pair.open(uri, text);
  return { host, pair };
};
const rulesAt = (diagnostics: readonly Diagnostic[]): readonly unknown[] => diagnostics.map((each) => each.code);
const refused = (diagnostics: readonly Diagnostic[]): boolean => rulesAt(diagnostics).includes("connect-port");
const setBoolean = (host: MemoryHost, name: string, value: 0 | 1, policyLoad: number): void => {
  host.write(`${selinuxfs}/booleans/${name}`, `${value} ${value}`);
  host.write(`${selinuxfs}/status`, statusPage({ policyLoad }));
};

test("auto asks the host that runs the server, and the status says so", async () => {
  const { pair } = await start();
  await pair.until(uri, refused);
  const status = await pair.untilStatus(({ documents }) => documents.length > 0);
  const [document] = status.documents;
  assert.equal(document?.policy?.source, "live");
  assert.equal(document?.policy?.name, "rhel9.4");
  assert.equal(document?.policy?.mode, "enforcing");
  assert.equal(document?.policy?.reason, "auto: the policy of this host");
  assert.equal(document?.whyNotLive, null);
  assert.equal(document?.asOf, Date.UTC(2026, 0, 1));
  pair.dispose();
});

test("what the host has recorded is said at its line with its count, follows the log, and goes when the policy allows it", async () => {
  const seconds = Date.UTC(2026, 0, 1) / 1000 - 60;
  const record = (serial: number): string =>
    `type=AVC msg=audit(${seconds}.000:${serial}): avc:  denied  { name_connect } for  pid=9 comm="nginx" dest=8100 scontext=a:b:httpd_t:s0 tcontext=a:b:db_port_t:s0 tclass=tcp_socket permissive=0\n`;
  const { host, pair } = await start();
  const recorded = (times: string) => (list: readonly Diagnostic[]) =>
    list.some(({ code, message }) => code === "denied-in-audit-log" && JSON.stringify(message).includes(times));
  await pair.until(uri, refused);
  host.write("/var/log/audit/audit.log", record(1) + record(2));
  host.elapse();
  const found = await pair.until(uri, recorded("record it 2 times, last 2025-12-31T23:59:00Z"));
  assert.deepEqual(found.find(({ code }) => code === "denied-in-audit-log")?.range.start, { line: 1, character: 47 });
  const preferred = await Promise.all(
    found.map(async (diagnostic) => {
      const actions: CodeAction[] = await pair.client.sendRequest("textDocument/codeAction", {
        textDocument: { uri },
        range: diagnostic.range,
        context: { diagnostics: [diagnostic] },
      });
      return actions.find(({ isPreferred }) => isPreferred === true)?.title;
    }),
  );
  const [ofPort, ofRecord] = ["connect-port", "denied-in-audit-log"].map(
    (rule) => preferred[found.findIndex(({ code }) => code === rule)],
  );
  assert.ok(ofPort !== undefined && ofPort === ofRecord, `${ofPort} / ${ofRecord}`);
  host.write("/var/log/audit/audit.log", record(1) + record(2) + record(3));
  host.elapse();
  await pair.until(uri, recorded("record it 3 times"));
  setBoolean(host, "connect_db", 1, 2);
  host.elapse();
  await pair.until(uri, (list) => !rulesAt(list).includes("denied-in-audit-log"));
  assert.ok(host.runs.every((each) => !each.includes("sudo")));
  pair.dispose();
});

test("a fix is verified by the logs: what was refused since, or that nothing was, and what could not be read", async () => {
  const seconds = Date.UTC(2026, 0, 1) / 1000;
  const record = `type=AVC msg=audit(${seconds - 60}.000:1): avc:  denied  { name_connect } for  pid=9 comm="nginx" dest=8100 scontext=a:b:httpd_t:s0 tcontext=a:b:db_port_t:s0 tclass=tcp_socket permissive=0\n`;
  const { host, pair } = await start();
  await pair.until(uri, refused);
  const verify = (since: number | null): Promise<VerifyResult> =>
    pair.client.sendRequest<VerifyResult>(verifyRequest, { uri, since });
  assert.deepEqual(await verify(null), { now: seconds * 1000, message: "" });
  const minutes = (count: number): number => (seconds - count * 60) * 1000;
  assert.match((await verify(minutes(1))).message, /^No new denial since \d\d:\d\d\.$/);
  host.write("/var/log/audit/audit.log", record);
  assert.match(
    (await verify(minutes(2))).message,
    /^Refused since \d\d:\d\d \(last 2025-12-31T23:59:00Z\): tcp port 8100/,
  );
  assert.match((await verify(minutes(0))).message, /^No new denial since/);
  pair.dispose();
});

test("no log is read where that is switched off, and as root only where it was asked for", async () => {
  const log = { "/var/log/audit/audit.log": "" };
  for (const [denials, runs] of [
    ["off", 0],
    ["sudo", 1],
  ] as const) {
    const files = liveTree(usual);
    const host = createMemoryHost({ ...files, ...log, [main]: text }, policies);
    const pair = await startPair(host, { settings: { denials } });
    await pair.open(uri, text);
    await pair.until(uri, refused);
    assert.equal(
      host.runs.filter((each) => each.startsWith("/usr/bin/sudo -n /usr/sbin/ausearch")).length,
      runs,
      denials,
    );
    pair.dispose();
  }
});

test("a boolean that flips on the host makes the squiggle go by itself, and come back", async () => {
  const { host, pair } = await start();
  await pair.until(uri, refused);
  setBoolean(host, "connect_db", 1, 2);
  host.elapse();
  await pair.until(uri, (list) => !refused(list));
  setBoolean(host, "connect_db", 0, 3);
  host.elapse();
  await pair.until(uri, refused);
  pair.dispose();
});

test("a policy that is replaced on disk, and the kernel's mode, are followed", async () => {
  const { host, pair } = await start();
  await pair.until(uri, refused);
  const open = { ...policy, booleans: { connect_any: true, connect_db: false, maintenance: false } };
  for (const [path, entry] of Object.entries(liveTree({ ...usual, policy: open, policyLoad: 2, enforce: "0" }))) {
    host.write(path, entry);
  }
  host.elapse();
  await pair.until(uri, (list) => !refused(list));
  await pair.untilStatus(({ documents }) => documents[0]?.policy?.mode === "permissive");
  pair.dispose();
});

test("a label that changes on disk is followed", async () => {
  const { host, pair } = await start();
  await pair.until(uri, refused);
  host.write("/run/x.sock", { other: true });
  host.program = (file, args) => {
    if (file !== "/usr/bin/stat") return undefined;
    const about = args.filter((each) => each === "/run/x.sock");
    const stdout = about.map((path) => `${path}\0system_u:object_r:init_t:s0\0c1ff\0`).join("");
    return { code: 0, stdout, stderr: "" };
  };
  host.elapse();
  const list = await pair.until(uri, (all) => rulesAt(all).includes("connect-socket"));
  assert.match(JSON.stringify(list), /init_t/);
  pair.dispose();
});

test("nothing is looked at between two looks: an edit does not touch the host", async () => {
  const { host, pair } = await start();
  await pair.until(uri, refused);
  const [reads, runs] = [host.reads.length, host.runs.length];
  await pair.edit(uri, "127.0.0.1:8100", "127.0.0.1:8099");
  await pair.until(uri, (list) => JSON.stringify(list).includes("8099"));
  const later = host.reads.slice(reads).filter((path) => path !== main);
  assert.deepEqual(later, []);
  assert.equal(host.runs.length, runs);
  pair.dispose();
});

test("looking ends when the last document is closed, and when the server shuts down", async () => {
  const { host, pair } = await start();
  await pair.until(uri, refused);
  await pair.close(uri);
  await pair.until(uri, (list) => list.length === 0);
  assert.equal(host.elapse(), 0);
  await pair.open(uri, text);
  await pair.until(uri, refused);
  await pair.client.sendRequest("shutdown");
  assert.equal(host.elapse(), 0);
  pair.dispose();
});

test("refreshing looks at once, without waiting for the next look", async () => {
  const { host, pair } = await start();
  await pair.until(uri, refused);
  setBoolean(host, "connect_db", 1, 2);
  await pair.client.sendRequest(refreshRequest);
  await pair.until(uri, (list) => !refused(list));
  pair.dispose();
});

test("where live is impossible the status says why, and a bundled release answers", async () => {
  const { pair } = await start(null);
  const { documents } = await pair.untilStatus((status) => status.documents.length > 0);
  assert.equal(documents[0]?.policy?.source, "bundled");
  assert.match(documents[0]?.whyNotLive ?? "", /SELinux is not there/);
  assert.match(
    documents[0]?.policy?.reason ?? "",
    /^auto: no live policy, because SELinux is not there.*; there is no \/etc\/os-release; rhel9 is assumed$/,
  );
  assert.equal(documents[0]?.asOf, null);
  pair.dispose();
});

test("a host whose SELinux appears is found without a reload", async () => {
  const { host, pair } = await start(null);
  await pair.untilStatus(({ documents }) => documents[0]?.policy?.source === "bundled");
  for (const [path, entry] of Object.entries(liveTree(usual))) host.write(path, entry);
  host.elapse();
  await pair.untilStatus(({ documents }) => documents[0]?.policy?.source === "live");
  pair.dispose();
});

test("live that was asked for and is impossible falls back as auto does, and says so", async () => {
  const { pair } = await start(null, { settings: { policy: "live" } });
  const { documents } = await pair.untilStatus((status) => status.documents.length > 0);
  assert.match(documents[0]?.policy?.reason ?? "", /^live: no live policy, because /);
  assert.equal(documents[0]?.policy?.name, "rhel9");
  pair.dispose();
});

test("the snapshot at the workspace's root answers where there is no host", async () => {
  const tree = await start();
  const { text: snapshot } = await tree.pair.client.sendRequest<SnapshotResult>(snapshotRequest, { uri });
  tree.pair.dispose();
  const { host, pair } = await start(null, { folders: ["/etc/nginx"] });
  await pair.untilStatus(({ documents }) => documents[0]?.policy?.source === "bundled");
  host.write("/etc/nginx/nginx-selinux.snapshot.json", snapshot);
  await pair.client.sendNotification("workspace/didChangeWatchedFiles", { changes: [] });
  const { documents } = await pair.untilStatus((status) => status.documents[0]?.policy?.source === "snapshot");
  assert.match(documents[0]?.policy?.reason ?? "", /nginx-selinux\.snapshot\.json is the workspace's snapshot$/);
  assert.match(documents[0]?.policy?.provenance ?? "", /Red Hat Enterprise Linux 9\.4 \(Plow\) on 2026-01-01/);
  await pair.until(uri, refused);
  host.write("/etc/nginx/nginx-selinux.snapshot.json", "{}");
  await pair.client.sendNotification("workspace/didChangeWatchedFiles", { changes: [] });
  await pair.untilStatus((status) => /cannot be used as a policy/.test(status.documents[0]?.error ?? ""));
  pair.dispose();
});

test("an untrusted workspace: no live read, no program, no snapshot; trust makes it live without a reload", async () => {
  const { host, pair } = await start(
    {},
    { initializationOptions: { trusted: false, commands: true }, folders: ["/etc/nginx"] },
  );
  host.write("/etc/nginx/nginx-selinux.snapshot.json", "{}");
  const { documents } = await pair.untilStatus((status) => status.documents.length > 0);
  assert.equal(documents[0]?.policy?.source, "bundled");
  assert.match(documents[0]?.whyNotLive ?? "", /not trusted/);
  host.elapse();
  await pair.client.sendRequest(refreshRequest);
  await assert.rejects(pair.client.sendRequest(snapshotRequest, { uri }), /not trusted/);
  assert.deepEqual(
    host.reads.filter((path) => path !== "/etc/nginx/nginx.conf"),
    [],
  );
  assert.ok(host.runs.every((each) => !each.includes("sudo")));
  host.remove("/etc/nginx/nginx-selinux.snapshot.json");
  await pair.client.sendNotification(trustNotification, { trusted: true });
  await pair.untilStatus((status) => status.documents[0]?.policy?.source === "live");
  await pair.until(uri, refused);
  pair.dispose();
});

test("a kernel that disagrees is in the log, in the status and among the reasons", async () => {
  const { host, pair } = await start(null);
  await pair.untilStatus(({ documents }) => documents[0]?.policy?.source === "bundled");
  const files = liveTree(usual);
  for (const [path, entry] of Object.entries(files)) host.write(path, entry);
  host.write(`${selinuxfs}/class/tcp_socket/index`, "2");
  host.write(`${selinuxfs}/class/tcp_socket/perms/name_connect`, "3");
  host.kernel = () => "4 ffffffff 0 ffffffff 1 0";
  host.elapse();
  const status = await pair.untilStatus(({ documents }) => (documents[0]?.disagreements.length ?? 0) > 0);
  const said = /httpd_t db_port_t:tcp_socket name_connect: denied by the policy on disk, allowed by the kernel/;
  assert.match(status.documents[0]?.disagreements[0] ?? "", said);
  assert.ok(host.messages.some((message) => said.test(message)));
  const [found] = (await pair.until(uri, refused)).filter(({ code }) => code === "connect-port");
  const explained = await pair.client.sendRequest<ExplainResult>(explainRequest, {
    uri,
    rule: "connect-port",
    ...Object.assign({}, found?.data),
    ...found?.range.start,
  });
  assert.match(explained.markdown, /but: .*allowed by the kernel/);
  pair.dispose();
});

test("the snapshot of the host that answers reads back as the same policy", async () => {
  const { pair } = await start();
  const result = await pair.client.sendRequest<SnapshotResult>(snapshotRequest, { uri });
  const facts = snapshotFacts(result.text, "snapshot");
  assert.equal(facts.domain, "httpd_t");
  assert.equal(facts.info.exactLabels, true);
  assert.match(result.title, /^Red Hat Enterprise Linux 9\.4 \(Plow\), 2026-01-01$/);
  await pair.configure({ policy: "rhel9" });
  await pair.untilStatus(({ documents }) => documents[0]?.policy?.source === "bundled");
  await assert.rejects(pair.client.sendRequest(snapshotRequest, { uri }), /no host or policy file/);
  pair.dispose();
});
