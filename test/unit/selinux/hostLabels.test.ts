import assert from "node:assert/strict";
import { test } from "node:test";
import { hostLabels } from "../../../server/src/selinux/hostLabels.ts";

const labels = hostLabels({
  base: [
    "/srv(/.*)?  system_u:object_r:var_t:s0",
    "/srv/www(/.*)?  system_u:object_r:httpd_sys_content_t:s0",
    "/var/run/.*  <<none>>",
    "/var/run/nginx\\.pid  --  system_u:object_r:httpd_var_run_t:s0",
    "/var/run/app/a\\.sock  -s  system_u:object_r:app_var_run_t:s0",
  ].join("\n"),
  homedirs: "/home/[^/]+/public_html(/.*)?  unconfined_u:object_r:httpd_user_content_t:s0\n",
  local: "/srv/www/upload(/.*)?  system_u:object_r:httpd_sys_rw_content_t:s0\n",
  subs: "/web /srv/www\n",
  subsDist: "/run /var/run\n",
});

test("the last spec that matches decides, local ones coming last", () => {
  assert.deepEqual(labels.label("/srv/www/index.html", "file"), {
    type: "httpd_sys_content_t",
    exact: true,
    spec: "/srv/www(/.*)?",
  });
  assert.equal(labels.label("/srv/www/upload/x", "file").type, "httpd_sys_rw_content_t");
  assert.equal(labels.label("/home/eve/public_html", "dir").type, "httpd_user_content_t");
});

test("no default and no spec at all are told apart by the spec", () => {
  assert.deepEqual(labels.label("/run/x", "sock"), { type: null, exact: true, spec: "/var/run/.*" });
  assert.deepEqual(labels.label("/opt/x", "file"), { type: null, exact: true, spec: null });
});

test("equivalences apply, local ones first, and show in the canonical path", () => {
  assert.equal(labels.canonicalPath("/run/nginx.pid"), "/var/run/nginx.pid");
  assert.equal(labels.label("/run/nginx.pid", "file").type, "httpd_var_run_t");
  assert.equal(labels.label("/web/index.html", "file").type, "httpd_sys_content_t");
});

test("a file context counts as defined by its exact text, in the base and local files, for any kind of file", () => {
  assert.equal(labels.definesFileContext("/srv/www(/.*)?"), true);
  assert.equal(labels.definesFileContext("/srv/www/upload(/.*)?"), true);
  assert.equal(labels.definesFileContext("/srv/www"), false);
  assert.equal(labels.definesFileContext("/var/run/app/a\\.sock"), false, "defined for sockets only");
  assert.equal(labels.definesFileContext("/home/[^/]+/public_html(/.*)?"), false, "semanage does not look there");
});
