import assert from "node:assert/strict";
import { test } from "node:test";
import { decide } from "../../../server/src/selinux/decide.ts";
import type { Change, Protocol } from "../../../server/src/selinux/policy.ts";
import { tinyPolicy } from "../../support/tinyPolicy.ts";

const options = { localPorts: [32768, 60999] } as const;
const ports = tinyPolicy({
  ports: [
    "tcp 53 dns_port_t",
    "tcp 80 http_port_t",
    "tcp 3000-3001 ntop_port_t",
    "udp 53 dns_port_t",
    "tcp 1024-32767 unreserved_port_t",
  ],
  allow: {
    "tcp_socket name_connect": {
      always: ["dns_port_t"],
      network: ["http_port_t", "ntop_port_t", "unreserved_port_t"],
      "graceful || relay": ["http_port_t"],
      "!(closed)": ["ntop_port_t"],
      "left && right": ["unreserved_port_t"],
    },
    "tcp_socket name_bind": { always: ["http_port_t"] },
    "udp_socket name_bind": { on: ["dns_port_t"] },
  },
  booleans: { closed: true, on: true },
  since: { relay: "RHEL 8.9" },
});
const connect = (port: number, changes: readonly Change[] = [], protocol: Protocol = "tcp") =>
  decide(ports.with(changes), { kind: "connect-port", source: "httpd_t", protocol, port }, options);
const bind = (port: number, protocol: Protocol = "tcp", localPorts: readonly [number, number] = options.localPorts) =>
  decide(ports, { kind: "bind-port", source: "httpd_t", protocol, port }, { localPorts });

test("a denied connection names the port's type, the record, the conditions and the booleans", () => {
  const decision = connect(3000);
  assert.equal(decision.verdict, "denied");
  assert.deepEqual(
    [decision.target, decision.cls, decision.permission, decision.exact],
    ["ntop_port_t", "tcp_socket", "name_connect", true],
  );
  assert.deepEqual(decision.because, [
    "tcp port 3000 has type ntop_port_t (record tcp 3000-3001)",
    "httpd_t may name_connect to ntop_port_t only with: !closed; network",
    "closed is on (default on)",
    "network is off (default off)",
  ]);
  assert.equal(decision.evidence.length, 1);
});

test("flips are the single booleans, with the value, that would allow it", () => {
  assert.deepEqual(connect(3000).flips, [
    { name: "closed", value: false },
    { name: "network", value: true },
  ]);
  assert.deepEqual(
    connect(80).flips.map(({ name }) => name),
    ["graceful", "network", "relay"],
  );
});

test("two booleans that are needed together are no flips, and one is where the other is on", () => {
  assert.deepEqual(
    connect(2000).flips.map(({ name }) => name),
    ["network"],
  );
  const changed = connect(2000, [{ kind: "boolean", name: "left", value: true }]);
  assert.deepEqual(
    changed.flips.map(({ name }) => name),
    ["network", "right"],
  );
});

test("an allowed connection has no flips and says what allows it", () => {
  assert.deepEqual(connect(53).because, [
    "tcp port 53 has type dns_port_t (record tcp 53)",
    "httpd_t may name_connect to dns_port_t",
  ]);
  const changed = connect(80, [{ kind: "boolean", name: "relay", value: true }]);
  assert.equal(changed.verdict, "allowed");
  assert.deepEqual(changed.flips, []);
  assert.ok(changed.because.includes("relay is on (default off; exists from RHEL 8.9 on)"), changed.because.join("\n"));
});

test("a port in no record has the default type, and no boolean may help", () => {
  const decision = connect(40000);
  assert.equal(decision.target, "port_t");
  assert.deepEqual(decision.because, [
    "tcp port 40000 has type port_t (no record, the default)",
    "httpd_t may not name_connect to port_t, and no boolean changes that",
  ]);
});

test("a local record is told from the policy's", () => {
  const change: Change = { kind: "port", protocol: "tcp", low: 3000, high: 3000, type: "http_port_t" };
  assert.equal(connect(3000, [change]).because[0], "tcp port 3000 has type http_port_t (local record tcp 3000)");
});

test("nothing is checked when something is sent over UDP", () => {
  const decision = connect(53, [], "udp");
  assert.deepEqual([decision.verdict, decision.target, decision.evidence.length], ["allowed", null, 0]);
  assert.match(decision.because.join(), /UDP/);
});

test("a bind is checked below 1024 and outside the local port range, and port 0 never", () => {
  const checked = (port: number): boolean => bind(port).evidence.length > 0;
  assert.deepEqual([0, 1, 80, 1023, 1024, 32767, 32768, 40000, 60999, 61000, 65535].map(checked), [
    false,
    true,
    true,
    true,
    true,
    true,
    false,
    false,
    false,
    true,
    true,
  ]);
  assert.equal(bind(40000).verdict, "allowed");
  assert.equal(bind(61000).verdict, "denied");
  assert.equal(bind(80).verdict, "allowed");
  assert.equal(bind(53, "udp").verdict, "allowed");
  assert.equal(bind(54, "udp").verdict, "denied");
});

test("a local port range that begins below 1024 does not free privileged ports", () => {
  assert.equal(bind(500, "tcp", [100, 60999]).evidence.length, 1);
  assert.equal(bind(1024, "tcp", [100, 60999]).evidence.length, 0);
  assert.equal(bind(60999, "tcp", [100, 2000]).evidence.length, 1);
});

test("a permission that the table does not have is unknown", () => {
  const policy = tinyPolicy({ ports: [], allow: {} });
  const decision = decide(policy, { kind: "connect-port", source: "httpd_t", protocol: "tcp", port: 80 }, options);
  assert.equal(decision.verdict, "unknown");
  assert.match(decision.because.join(), /tcp_socket name_connect/);
});

const sockets = {
  labels: [
    "/.* default_t",
    "/(/.*)? root_t",
    "/run(/.*)? var_run_t",
    "/run/app(/.*)? web_run_t",
    "/run/app/.* -s web_sock_t",
    "/closed(/.*)? closed_t",
    "/closed/web\\.sock -s web_sock_t",
    "/tmp -d root_t",
    "/tmp/.* <<none>>",
    "/tmp/web\\.sock -s web_sock_t",
    "/tmp/closed\\.sock -s closed_t",
    "/tmp/d/web\\.sock -s web_sock_t",
  ],
  allow: {
    "dir search": { always: ["root_t", "var_run_t", "web_run_t"], open_closed: ["closed_t"] },
    "sock_file write": {
      always: ["web_sock_t"],
      open_run: ["var_run_t"],
      open_closed: ["closed_t"],
      "!(keep)": ["closed_t"],
    },
  },
  booleans: { keep: true },
} as const;
const socket = (path: string, exactLabels = true, changes: readonly Change[] = []) =>
  decide(
    tinyPolicy({ ...sockets, exactLabels }, changes),
    { kind: "connect-socket", source: "httpd_t", path },
    options,
  );

test("a socket needs search on every directory above it and write on itself", () => {
  const decision = socket("/run/app/a.sock");
  assert.equal(decision.verdict, "allowed");
  assert.deepEqual(
    decision.evidence.map(({ cls, target }) => `${cls} ${target}`),
    ["dir root_t", "dir var_run_t", "dir web_run_t", "sock_file web_sock_t"],
  );
});

test("a denied socket names its label, and says what a new one would get where that differs", () => {
  const decision = socket("/run/a.sock");
  assert.deepEqual([decision.verdict, decision.target, decision.cls], ["denied", "var_run_t", "sock_file"]);
  assert.deepEqual(decision.flips, [{ name: "open_run", value: true }]);
  assert.ok(decision.because.includes("a socket at /run/a.sock has the default label var_run_t"));
  assert.match(socket("/run/app/a.sock").because.join("\n"), /gives it the type of \/run\/app, web_run_t/);
  assert.doesNotMatch(decision.because.join("\n"), /creates it anew/);
});

test("a right socket under a directory that may not be searched is denied, and the directory is named", () => {
  const decision = socket("/closed/web.sock");
  assert.deepEqual([decision.verdict, decision.target, decision.cls], ["denied", "closed_t", "dir"]);
  assert.ok(decision.because.includes("/closed has the default label closed_t"));
  assert.deepEqual(decision.flips, [{ name: "open_closed", value: true }]);
});

test("a boolean is a flip only where it opens every denied step", () => {
  assert.deepEqual(socket("/closed/a.sock").flips, [{ name: "open_closed", value: true }]);
});

test("a socket without a default label is unknown, and its directory's label decides nothing", () => {
  const decision = socket("/tmp/a.sock");
  assert.deepEqual([decision.verdict, decision.target, decision.cls], ["unknown", null, null]);
  assert.match(decision.because.join("\n"), /no default label is known for \/tmp\/a\.sock/);
});

test("a directory without a default label makes an allowed socket unknown and leaves a denied one denied", () => {
  assert.equal(socket("/tmp/d/web.sock").verdict, "unknown");
  assert.equal(socket("/tmp/web.sock").verdict, "allowed");
  const denied = socket("/tmp/closed.sock");
  assert.equal(denied.verdict, "denied");
});

test("a verdict that rests on inexact labels says so", () => {
  assert.equal(socket("/run/a.sock", false).exact, false);
  assert.match(socket("/run/a.sock", false).because.at(-1) ?? "", /never certain/);
  assert.equal(socket("/run/a.sock").exact, true);
  const fixed = socket("/run/a.sock", false, [{ kind: "label", path: "/run/a.sock", type: "web_sock_t" }]);
  assert.deepEqual([fixed.verdict, fixed.exact], ["allowed", true]);
});

test("a path that is not absolute is unknown", () => {
  assert.equal(socket("app.sock").verdict, "unknown");
});

test("a path of many directories is decided", () => {
  assert.equal(socket(`/run/${"a/".repeat(62)}x.sock`).verdict, "denied");
});

test("a path that is longer than any is not looked up part by part", () => {
  const { verdict, because } = socket("/a".repeat(100_000));
  assert.equal(verdict, "unknown");
  assert.match(because[0] ?? "", /a path has at most 4095 bytes, and this one has more/u);
});

test("a path of more directories than any host has is not looked up part by part", () => {
  const { verdict, because } = socket(`/run/${"a/".repeat(63)}x.sock`);
  assert.equal(verdict, "unknown");
  assert.match(because[0] ?? "", /a path is followed through 64 directories, and this one has more/u);
});
