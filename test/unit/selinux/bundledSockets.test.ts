/** Unix sockets in the bundled releases: the label of the socket and the domain of the service that listens there. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Change } from "../../../server/src/selinux/policy.ts";
import type { Decision } from "../../../server/src/selinux/query.ts";
import { ask, check, newer, on, policy, rebased, source, written } from "../../support/bundledAnswers.ts";
import { bundledFacts, releases, since } from "../../support/bundledPolicies.ts";
import type { Release } from "../../support/bundledPolicies.ts";

function socket(release: Release, path: string, changes: readonly Change[] = []): Decision {
  return ask(release, { kind: "connect-socket", source, path }, changes);
}

test("the socket's label counts: any run type on RHEL 7, a short list later", () => {
  for (const release of releases) {
    const writable = (type: string): string => check(release, "sock_file", "write", type);
    for (const type of [
      "httpd_var_run_t",
      "httpd_tmp_t",
      "httpd_sys_rw_content_t",
      "mysqld_var_run_t",
      "postgresql_var_run_t",
      "memcached_var_run_t",
    ]) {
      assert.equal(writable(type), "allowed", `${release} ${type}`);
    }
    assert.equal(writable("var_run_t"), release === "rhel7" ? "allowed" : "denied", release);
    for (const type of [
      "httpd_sys_content_t",
      "tmp_t",
      "user_tmp_t",
      "var_lib_t",
      "var_t",
      "usr_t",
      "user_home_t",
      "default_t",
      "container_file_t",
    ]) {
      assert.equal(writable(type), "denied", `${release} ${type}`);
    }
  }
});

test("the listening service's domain counts: unconfined_service_t to RHEL 8, init_t from RHEL 8", () => {
  for (const release of releases) {
    const reachable = (type: string): string => check(release, "unix_stream_socket", "connectto", type);
    for (const type of ["httpd_t", "mysqld_t", "postgresql_t", "memcached_t", "thin_t", "sssd_t"]) {
      assert.equal(reachable(type), "allowed", `${release} ${type}`);
    }
    const early = release === "rhel7" || release === "rhel8";
    assert.equal(reachable("unconfined_service_t"), early ? "allowed" : "denied", release);
    assert.equal(reachable("init_t"), release === "rhel7" ? "denied" : "allowed", release);
    assert.equal(reachable("redis_t"), release === "rhel7" ? "denied" : "allowed", release);
    for (const type of ["unconfined_t", "initrc_t", "user_t"])
      assert.equal(reachable(type), "denied", `${release} ${type}`);
  }
  const denied = policy("rhel9").check(source, "unconfined_service_t", "unix_stream_socket", "connectto");
  assert.deepEqual(denied, { verdict: "denied", conditions: [] });
});

test("httpd_sock_t exists in no release, httpd_var_run_t in all, and phpfpm_t is another name of httpd_t", () => {
  for (const release of releases) {
    const facts = bundledFacts(release);
    assert.equal(facts.resolveType("httpd_sock_t"), undefined);
    assert.equal(facts.resolveType("httpd_var_run_t"), "httpd_var_run_t");
    assert.equal(facts.resolveType("phpfpm_var_run_t"), "httpd_var_run_t");
    assert.equal(facts.resolveType("httpd_fastcgi_var_run_t"), "httpd_var_run_t");
    assert.equal(facts.resolveType("phpfpm_t"), "httpd_t");
    assert.equal(facts.resolveType("some_module_t"), null);
  }
});

test("a socket of its own in /run is denied from RHEL 8 on, and its directory's label in the right form opens it", () => {
  for (const release of newer) {
    const denied = socket(release, "/run/myapp/app.sock");
    assert.deepEqual([denied.verdict, denied.target, denied.exact], ["denied", "var_run_t", false], release);
    assert.deepEqual(denied.flips, []);
    const right = since(written, release);
    const wrong = right === "/run" ? "/var/run" : "/run";
    const context = (root: string): Change => {
      return { kind: "fileContext", spec: `${root}/myapp(/.*)?`, fileKind: "any", type: "httpd_var_run_t" };
    };
    assert.equal(socket(release, "/run/myapp/app.sock", [context(right)]).verdict, "allowed", release);
    assert.equal(socket(release, "/run/myapp/app.sock", [context(wrong)]).verdict, "denied", release);
    assert.equal(socket(release, "/var/run/myapp/app.sock").verdict, "denied", release);
    assert.equal(socket(release, "/run/app.sock").verdict, "denied", release);
  }
  assert.equal(socket("rhel7", "/run/myapp/app.sock").verdict, "allowed");
});

test("sockets below /run/php-fpm and /run/nginx are right everywhere, and chcon makes one so", () => {
  for (const release of releases) {
    assert.equal(socket(release, "/run/php-fpm/www.sock").verdict, "allowed", release);
    assert.equal(socket(release, "/var/run/php-fpm/www.sock").verdict, "allowed", release);
    assert.equal(socket(release, "/run/nginx/app.sock").verdict, "allowed", release);
    assert.equal(socket(release, "/var/lib/mysql/mysql.sock").verdict, "allowed", release);
    assert.equal(socket(release, "/srv/app/app.sock").verdict, "denied", release);
    assert.equal(socket(release, "/home/joe/app.sock").verdict, "denied", release);
    const chcon: Change = { kind: "label", path: "/run/myapp/app.sock", type: "httpd_var_run_t" };
    assert.equal(socket(release, "/run/myapp/app.sock", [chcon]).verdict, "allowed", release);
  }
});

test("valkey's socket is Redis's, and may be connected to where the policy knows it", () => {
  for (const release of rebased) {
    assert.deepEqual(policy(release).label("/run/valkey", "dir").type, "redis_var_run_t", release);
    assert.equal(socket(release, "/run/valkey/valkey.sock").verdict, "allowed", release);
    assert.equal(check(release, "unix_stream_socket", "connectto", "redis_t"), "allowed", release);
  }
  assert.equal(policy("rhel10.0").label("/run/valkey", "dir").type, "var_run_t");
});

test("a socket in /tmp has no default label, so its verdict is unknown", () => {
  for (const release of releases) {
    const decision = socket(release, "/tmp/app.sock");
    assert.deepEqual([decision.verdict, decision.exact], ["unknown", false], release);
  }
});

test("the network booleans do nothing for a unix socket", () => {
  for (const release of newer) {
    const booleans = on("httpd_can_network_connect", "httpd_can_network_relay", "httpd_graceful_shutdown");
    assert.equal(socket(release, "/run/myapp/app.sock", booleans).verdict, "denied");
  }
});
