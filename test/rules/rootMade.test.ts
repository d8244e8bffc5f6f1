/** What a root shell's `nginx -t` leaves behind: files with the label of their directory. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { DiskLabel, NginxUnit } from "../../server/src/selinux/host/hostState.ts";
import type { Change } from "../../server/src/selinux/policy.ts";
import type { RuleContext } from "../../server/src/rules/context.ts";
import type { Access } from "../../server/src/nginx/access.ts";
import { releases } from "../support/bundledPolicies.ts";
import { aside, brief, file, hostState, informed, judge, release, unix } from "./situation.ts";

const log = file("log", "/var/log/shop/access.log");
const pid = file("pid", "/run/nginx.pid");

/** A host of RHEL 9 on which these labels are on disk; null is missing. */
function onHost(labels: Readonly<Record<string, string | null>>, unit: NginxUnit | null): Partial<RuleContext> {
  const disk: Record<string, DiskLabel> = {};
  const changes: Change[] = [];
  for (const [path, type] of Object.entries(labels)) {
    disk[path] = type === null ? { state: "missing" } : { state: "present", type, kind: "any" };
    if (type !== null) changes.push({ kind: "label", path, type });
  }
  const policy = informed(release("rhel9", ...changes), { exactLabels: true });
  return { policy, host: { ...hostState(disk, {}, policy), unit } };
}

const said = (access: Access, context: Partial<RuleContext>): readonly string[] =>
  judge(context.policy ?? release("rhel9"), access, context)
    .filter(({ rule }) => rule !== "label-not-persistent")
    .map(({ rule, severity, message }) => `${severity} ${rule} ${message}`);
const asides = (access: Access, context: Partial<RuleContext> = {}): readonly string[] =>
  aside(context.policy ?? release("rhel9"), access, context).map(({ severity, message }) => `${severity} ${message}`);

test("a log that is not there yet, in a directory whose label it would keep, on every release", () => {
  for (const name of releases) {
    const [verdict, ...others] = aside(release(name), log);
    assert.deepEqual(others, []);
    assert.equal(verdict?.severity, "information");
    assert.match(
      verdict.message,
      /^\/var\/log\/shop\/access\.log \(var_log_t\): .*"nginx -t" in a root shell.* Let the service make it, or label it\.$/,
    );
    const [fix] = verdict.fixes;
    assert.match(fix === undefined ? "" : brief(fix), /^fcontext -a -t httpd_log_t '\/var\/log\/shop\(\/\.\*\)\?'/);
  }
});

test("nothing where the directory gives the right label, or where it was told already", () => {
  assert.deepEqual(asides(file("log", "/var/log/nginx/shop.log")), []);
  assert.deepEqual(asides(file("log", "/data/log/shop.log")), [], "the service's own is refused too");
  assert.deepEqual(asides(file("cache", "/var/cache/nginx/one", { by: "master" })), []);
  assert.deepEqual(asides({ ...log, by: "worker" }), [], "a worker makes it, never the test");
  assert.deepEqual(asides({ ...log, certainty: "one-of" }), []);
  assert.deepEqual(asides(file("pid", "/tmp/nginx.pid")), [], "the service has a /tmp of its own");
  assert.deepEqual(asides(pid), [], "the unit of the packages removes it");
});

test("on a host it is said of what is missing now", () => {
  assert.equal(asides(log, onHost({ "/var/log/shop": "var_log_t", "/var/log/shop/access.log": null }, null)).length, 1);
  const there = onHost({ "/var/log/shop": "var_log_t", "/var/log/shop/access.log": "httpd_log_t" }, null);
  assert.deepEqual(asides(log, there), []);
  assert.deepEqual(asides(log, onHost({}, null)), [], "it does not tell");
});

test("a pid file that root made keeps nginx from starting, unless its unit removes it first", () => {
  const removes: NginxUnit = { privateTmp: true, removes: ["/run/nginx.pid"] };
  const labels = { "/run": "var_run_t", "/run/nginx.pid": "var_run_t" };
  assert.deepEqual(said(pid, onHost(labels, removes)), []);
  assert.deepEqual(
    said(
      { ...pid, path: "/var/run/nginx.pid" },
      onHost({ "/var/run": "var_run_t", "/var/run/nginx.pid": "var_run_t" }, removes),
    ),
    [],
  );
  for (const unit of [null, { privateTmp: true, removes: ["/run/other.pid"] }]) {
    const [finding = "", ...others] = said(pid, onHost(labels, unit));
    assert.deepEqual(others, []);
    assert.match(finding, /^error write-path \/run\/nginx\.pid \(var_run_t\): .*nginx does not start/);
    const [verdict] = judge(onHost(labels, unit).policy ?? release("rhel9"), pid, onHost(labels, unit));
    assert.match(
      verdict?.because.join("\n") ?? "",
      /"nginx -t" in a root shell makes it so, and the service would not/,
    );
  }
  const missing = onHost({ "/run": "var_run_t", "/run/nginx.pid": null }, null);
  assert.equal(asides(pid, missing).length, 1, "the next nginx -t makes it");
  assert.deepEqual(asides(pid, onHost({ "/run": "var_run_t", "/run/nginx.pid": null }, removes)), []);
});

test("a socket in /tmp is hidden from nginx where its unit says so, and judged by its label where it does not", () => {
  const socket = unix("/tmp/app.sock");
  const labels = { "/tmp": "tmp_t", "/tmp/app.sock": "user_tmp_t" };
  const [bundled = ""] = said(socket, {});
  assert.match(
    bundled,
    /^hint target-unknown \/tmp\/app\.sock: nginx cannot see this socket, because its \/tmp is private/,
  );
  assert.match(bundled, /Move the socket to \/run\/<app>\//);
  const shared = onHost(labels, { privateTmp: false, removes: [] });
  assert.match(said(socket, shared).join("\n"), /connect-socket .*user_tmp_t/);
});

test("the socket of syslog is allowed on every release, with and without a host", () => {
  const syslog = unix("/dev/log", { socket: "dgram" });
  for (const name of releases) assert.deepEqual(said(syslog, { policy: release(name) }), [], name);
  const labels = { "/dev/log": "devlog_t", "/dev": "device_t" };
  assert.deepEqual(said(syslog, onHost(labels, null)), []);
  assert.deepEqual(said(syslog, onHost({}, null)), [], "a copy of a host has no /dev");
});

test("a build in /usr/local is confined on a host whose nginx runs confined", () => {
  const cache = file("cache", "/usr/local/nginx/cache", { by: "master" });
  assert.match(said(cache, {}).join("\n"), /^information write-path/);
  const labels = { "/usr/local/nginx": "usr_t", "/usr/local/nginx/cache": "usr_t" };
  assert.match(said(cache, onHost(labels, null)).join("\n"), /^error write-path/);
});
