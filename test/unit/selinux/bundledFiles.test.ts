/** Files and directories in the bundled releases: what nginx may do with a type, and which type a path has by default. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { booleansOf } from "../../../server/src/selinux/conditions.ts";
import type { FileKind } from "../../../server/src/selinux/fileContextLists.ts";
import { check, newer, on, policy, source, written } from "../../support/bundledAnswers.ts";
import { bundledFacts, releases, since } from "../../support/bundledPolicies.ts";
import type { Release, Since } from "../../support/bundledPolicies.ts";

test("readable, denied and conditional file types are as documented", () => {
  for (const release of releases) {
    const opening = (type: string): string => check(release, "file", "open", type);
    for (const type of [
      "httpd_sys_content_t",
      "usr_t",
      "var_lib_t",
      "etc_t",
      "cert_t",
      "httpd_config_t",
      "public_content_t",
    ]) {
      assert.equal(opening(type), "allowed", `${release} ${type}`);
    }
    for (const type of ["var_t", "default_t", "user_home_t", "nfs_t", "cifs_t", "fusefs_t"]) {
      assert.equal(opening(type), "denied", `${release} ${type}`);
    }
    // A file that nginx inherits may be read everywhere; only RHEL 7 and 8 let it open one of this type itself.
    assert.equal(check(release, "file", "read", "tmp_t"), "allowed", release);
    assert.equal(opening("tmp_t"), release === "rhel7" || release === "rhel8" ? "allowed" : "denied", release);
    const under = (boolean: string, type: string): string =>
      policy(release, on(boolean)).check(source, type, "file", "open").verdict;
    assert.equal(under("httpd_read_user_content", "user_home_t"), "allowed", release);
    assert.equal(under("httpd_enable_homedirs", "httpd_user_content_t"), "allowed", release);
    assert.equal(under("httpd_use_nfs", "nfs_t"), "allowed", release);
    assert.equal(under("httpd_use_cifs", "cifs_t"), "allowed", release);
    assert.equal(under("httpd_use_fusefs", "fusefs_t"), "allowed", release);
  }
});

test("logs may be appended and not written, and an existing var_log_t file not opened", () => {
  for (const release of releases) {
    assert.equal(check(release, "file", "append", "httpd_log_t"), "allowed");
    assert.equal(check(release, "file", "create", "httpd_log_t"), "allowed");
    assert.equal(check(release, "file", "write", "httpd_log_t"), "denied");
    assert.equal(check(release, "file", "append", "var_log_t"), "allowed");
    assert.equal(check(release, "file", "open", "var_log_t"), "denied");
    for (const type of ["httpd_cache_t", "httpd_var_lib_t", "httpd_tmp_t", "httpd_sys_rw_content_t"]) {
      for (const permission of ["create", "write", "rename", "unlink"]) {
        const changes = on("httpd_builtin_scripting", "httpd_enable_cgi");
        assert.equal(
          policy(release, changes).check(source, type, "file", permission).verdict,
          "allowed",
          `${release} ${type}`,
        );
      }
    }
    assert.equal(policy(release).check(source, "httpd_t", "process", "setrlimit").verdict, "denied");
    assert.equal(
      policy(release, on("httpd_setrlimit")).check(source, "httpd_t", "process", "setrlimit").verdict,
      "allowed",
    );
  }
});

test("refusals that leave no AVC are those that were seen to", () => {
  const silent = (release: Release, cls: string, permission: string, target: string): string =>
    policy(release).dontaudit(source, target, cls, permission).verdict;
  for (const type of [
    "default_t",
    "user_home_t",
    "user_home_dir_t",
    "home_root_t",
    "mnt_t",
    "usr_t",
    "admin_home_t",
    "container_file_t",
    "public_content_t",
  ]) {
    assert.equal(silent("rhel9", "dir", "write", type), "silent", type);
  }
  assert.equal(silent("rhel7", "dir", "write", "usr_t"), "silent");
  assert.equal(silent("rhel7", "dir", "write", "default_t"), "recorded");
  for (const release of ["rhel7", "rhel9"] as const) {
    assert.equal(silent(release, "dir", "read", "admin_home_t"), "silent", release);
    assert.equal(silent(release, "file", "getattr", "var_run_t"), "silent", release);
  }
  for (const release of releases) {
    assert.equal(silent(release, "tcp_socket", "name_connect", "ntop_port_t"), "recorded", release);
    assert.equal(silent(release, "sock_file", "write", "var_run_t"), "recorded", release);
  }
});

test("httpd_t may search directories wherever they are, so that no working_directory is refused", () => {
  const paths = ["/srv/x", "/data", "/root", "/home/me", "/mnt/x", "/opt/x", "/var/log/audit", "/var/lib/mysql"];
  for (const release of releases) {
    const searched = bundledFacts(release).targets(source, "dir", "search");
    for (const path of paths) {
      const { type } = policy(release).label(path, "dir");
      assert.ok(type !== null && searched?.get(type)?.some((condition) => booleansOf(condition).length === 0), path);
    }
  }
});

/* Default labels. One type, or by the release from which on it is another; null is no default. */

const defaults: readonly [path: string, kind: FileKind, type: string | null | Since<string | null>][] = [
  ["/", "dir", "root_t"],
  ["/run", "dir", "var_run_t"],
  ["/var/run", "dir", "var_run_t"],
  ["/run/myapp", "dir", "var_run_t"],
  ["/run/myapp/app.sock", "sock", "var_run_t"],
  ["/var/run/myapp/app.sock", "sock", "var_run_t"],
  ["/run/myapp/deep/er/app.sock", "sock", "var_run_t"],
  ["/run/php-fpm", "dir", "httpd_var_run_t"],
  ["/run/php-fpm/www.sock", "sock", "httpd_var_run_t"],
  ["/run/nginx", "dir", "httpd_var_run_t"],
  ["/run/nginx.pid", "file", "httpd_var_run_t"],
  ["/run/lock", "dir", "var_lock_t"],
  ["/var/run/lock", "dir", { rhel7: "var_run_t", "rhel10.0": "var_lock_t" }],
  ["/run/user/1000/app.sock", "sock", { rhel7: "user_tmp_t", rhel9: null }],
  ["/run/haproxy.sock", "sock", "haproxy_var_run_t"],
  ["/srv", "dir", "var_t"],
  ["/srv/anything", "dir", "var_t"],
  ["/srv/any/thing.html", "file", "var_t"],
  ["/srv/shop/www/index.html", "file", "httpd_sys_content_t"],
  ["/srv/shop/app.sock", "sock", "var_t"],
  ["/data", "dir", "default_t"],
  ["/data/x", "file", "default_t"],
  ["/never/heard/of", "dir", "default_t"],
  ["/opt/app/static", "dir", "usr_t"],
  ["/mnt", "dir", "mnt_t"],
  ["/mnt/disk", "dir", "mnt_t"],
  ["/mnt/disk/site/index.html", "file", null],
  ["/tmp", "dir", "tmp_t"],
  ["/tmp/app.sock", "sock", null],
  ["/proc/1/status", "file", null],
  ["/home", "dir", "home_root_t"],
  ["/home/joe", "dir", "user_home_dir_t"],
  ["/home/joe/site", "dir", "user_home_t"],
  ["/home/joe/site/index.html", "file", "user_home_t"],
  ["/home/joe/public_html/index.html", "file", "httpd_user_content_t"],
  ["/home/joe/.ssh/id_rsa", "file", "ssh_home_t"],
  ["/root", "dir", "admin_home_t"],
  ["/root/x", "file", "admin_home_t"],
  ["/root/www/site/index.html", "file", "admin_home_t"],
  ["/root/.ssh/id_rsa", "file", "ssh_home_t"],
  // Where the policies name places like those of web applications.
  ["/var/www/html/shop/uploads", "dir", "httpd_sys_rw_content_t"],
  ["/var/www/html/a/b/c/d/e/uploads/x.png", "file", "httpd_sys_rw_content_t"],
  ["/var/www/a/b/c/d/e/logs/x.log", "file", "httpd_log_t"],
  ["/opt/shop/var/x", "file", { rhel7: "usr_t", rhel9: "var_t" }],
  ["/opt/a/b/c/d/e/f/bin/x", "file", "bin_t"],
  ["/opt/a/b/c/d/e/f/x", "file", "usr_t"],
  ["/home/joe/public_html/logs/x.log", "file", "httpd_user_ra_content_t"],
  ["/export", "dir", "usr_t"],
  ["/var/ftp/x", "file", "public_content_t"],
  // Paths that stand for others.
  ["/var/mnt/site", "dir", { rhel7: "var_t", rhel9: "mnt_t" }],
  ["/var/roothome/x", "file", "admin_home_t"],
  ["/lib64/nginx/x.so", "file", "lib_t"],
  ["/var/www", "dir", "httpd_sys_content_t"],
  ["/var/www/html/x", "file", "httpd_sys_content_t"],
  ["/var/www/shop/logs/access.log", "file", "httpd_log_t"],
  ["/var/cache/nginx/x", "file", { rhel7: "var_t", rhel8: "httpd_cache_t" }],
  ["/var/log/nginx/access.log", "file", "httpd_log_t"],
  ["/var/log/other/x.log", "file", "var_log_t"],
  ["/var/lib/nginx/tmp", "dir", "httpd_var_lib_t"],
  ["/var/lib/unheard/of", "file", "var_lib_t"],
  ["/var/lib/mysql/mysql.sock", "sock", "mysqld_var_run_t"],
  ["/var/lib/mysql/other.sock", "sock", "mysqld_db_t"],
  ["/etc/nginx/nginx.conf", "file", "httpd_config_t"],
  ["/etc/pki/tls/certs/site.crt", "file", "cert_t"],
  ["/etc/cron.d/job", "file", "system_cron_spool_t"],
  ["/usr/share/nginx/html/index.html", "file", "httpd_sys_content_t"],
  ["/usr/sbin/nginx", "file", "httpd_exec_t"],
  ["/usr/local/nginx/sbin/nginx", "file", "bin_t"],
  ["/usr/local/nginx/html/index.html", "file", "usr_t"],
  ["/usr/share/unheard/of", "file", "usr_t"],
  ["/usr/lib64/nginx/modules/x.so", "file", "lib_t"],
];
for (const [path, kind, types] of defaults) {
  test(`the default label of ${path} as ${kind} is ${JSON.stringify(types)}, never certain`, () => {
    for (const release of releases) {
      const expected = typeof types === "string" || types === null ? types : since(types, release);
      const answer = policy(release).label(path, kind);
      assert.equal(answer.type, expected, release);
      assert.equal(answer.exact, false);
    }
  });
}

test("/run stands for /var/run on RHEL 7-9, and the reverse later", () => {
  for (const release of releases) {
    const facts = bundledFacts(release);
    for (const path of ["/run/x", "/var/run/x"])
      assert.equal(facts.canonicalPath(path), `${since(written, release)}/x`);
    assert.equal(facts.canonicalPath("/runner"), "/runner");
  }
});

test("the policy defines file contexts in the form that semanage knows on that release", () => {
  const defines = (spec: string): readonly Release[] =>
    releases.filter((release) => bundledFacts(release).definesFileContext(spec));
  assert.deepEqual(defines("/var/www(/.*)?"), releases);
  assert.deepEqual(defines("/var/log/nginx(/.*)?"), releases);
  assert.deepEqual(defines("/var/cache/nginx(/.*)?"), newer);
  for (const release of releases) {
    const facts = bundledFacts(release);
    for (const root of ["/run", "/var/run"])
      assert.equal(facts.definesFileContext(`${root}/php-fpm(/.*)?`), root === since(written, release), release);
  }
  assert.deepEqual(defines("/etc/cron\\.d(/.*)?"), releases);
  for (const spec of ["/srv/app(/.*)?", "/var/run/myapp(/.*)?", "/run/myapp(/.*)?", "/var/www", "/var/www/.*"]) {
    assert.deepEqual(defines(spec), [], spec);
  }
});
