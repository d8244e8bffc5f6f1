import assert from "node:assert/strict";
import { test } from "node:test";
import { isRelabellable, normalPath } from "../../../server/src/fixes/directories.ts";
import { connectSocketFixes } from "../../../server/src/fixes/offer.ts";
import { policyOf } from "../../../server/src/selinux/model.ts";
import { bundledFacts, releases } from "../../support/bundledPolicies.ts";
import { tinyPolicy } from "../../support/tinyPolicy.ts";

test("a path is normal without repeated slashes and dots; what depends on links or on the working directory is not", () => {
  assert.equal(normalPath("//run/./myapp//app.sock"), "/run/myapp/app.sock");
  assert.equal(normalPath("/"), "/");
  assert.equal(normalPath("/run/../etc/x"), null);
  assert.equal(normalPath("run/app.sock"), null);
});

test("an application's own run, cache or state directory may be relabelled", () => {
  for (const release of releases) {
    const policy = policyOf(bundledFacts(release));
    for (const path of [
      "/run/myapp",
      "/var/run/myapp",
      "/run/myapp/sub",
      "/var/lib/myapp",
      "/var/cache/nginx",
      "/srv/app/run",
      "/opt/app/tmp/sockets",
    ]) {
      assert.ok(isRelabellable(policy, path), `${release} ${path}`);
    }
  }
});

test("what the system, a login, a program or another service needs is never relabelled", () => {
  const policy = policyOf(bundledFacts("rhel9"));
  const paths = [
    "/",
    "/run",
    "/var",
    "/var/run",
    "/tmp",
    "/var/tmp",
    "/home",
    "/etc",
    "/usr",
    "/opt",
    "/srv",
    "/root",
    "/dev",
    "/var/lib",
    "/tmp/app",
    "/var/tmp/app",
    "/home/me",
    "/home/me/app",
    "/root/run",
    "/etc/nginx",
    "/usr/local/app/run",
    "/run/user/1000",
    "/run/systemd/x",
    "/opt/app",
    "/srv/app",
    "/var/www/app",
    "/data/app",
    "/run/redis",
    "/var/lib/mysql",
    "/var/lib/pgsql",
    "/run/dbus",
    "/var/cache",
  ];
  for (const path of paths) assert.ok(!isRelabellable(policy, path), path);
});

test("a directory above that may not be searched is labelled in place of the leaf, for the leaf alone does not help", () => {
  const policy = tinyPolicy({
    labels: ["/.* root_t", "/run(/.*)? var_run_t", "/run/closed(/.*)? var_lib_t"],
    allow: {
      "dir search": { always: ["root_t", "var_run_t", "httpd_var_run_t"] },
      "sock_file write": { always: ["httpd_var_run_t"] },
    },
  });
  const fixes = connectSocketFixes(
    { policy, source: "httpd_t", localPorts: [32768, 60999] },
    { kind: "connect-socket", source: "httpd_t", path: "/run/closed/sub/a.sock" },
  );
  assert.deepEqual(
    fixes.map((fix) => fix.commands),
    [["sudo semanage fcontext -m -t httpd_var_run_t '/run/closed(/.*)?'", "sudo restorecon -Rv /run/closed"]],
  );
});
