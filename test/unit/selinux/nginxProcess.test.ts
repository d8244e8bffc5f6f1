/** The domain of the nginx that runs on a host or would be started there, with its limits, its unit and the mounts. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { hostOf, processFiles, stateOf } from "../../support/gatheredState.ts";

suite("nginx's own domain", () => {
  const master = "nginx: master process /usr/sbin/nginx";

  test("is that of the master process that the pid file names", async () => {
    const host = hostOf({
      "/run/nginx.pid": "812\n",
      ...processFiles(77, "unconfined_t", master),
      ...processFiles(812, "httpd_t", master),
    });
    assert.deepEqual((await stateOf(host, [])).nginx, {
      domain: "httpd_t",
      how: "the running master process (pid 812)",
      container: false,
      pid: 812,
    });
  });

  test("comes with the hard limits of the running master, which its workers inherit", async () => {
    const limits = `Limit                     Soft Limit           Hard Limit           Units     
Max core file size        0                    unlimited            bytes     
Max open files            1024                 524288               files     
`;
    const host = hostOf({ ...processFiles(812, "httpd_t", master), "/proc/812/limits": limits });
    const { nginx } = await stateOf(host, []);
    assert.deepEqual(nginx.domain === null ? null : nginx.hardLimits, { nofile: 524288, core: null });
  });

  test("is that of a master process wherever it is, when the pid file is old", async () => {
    const host = hostOf({
      "/run/nginx.pid": "812\n",
      ...processFiles(812, "sshd_t", "sshd: someone"),
      ...processFiles(900, "unconfined_service_t", master),
    });
    const { nginx } = await stateOf(host, []);
    assert.equal(nginx.domain, "unconfined_service_t");
  });

  test("is that of the host's own nginx where containers run others", async () => {
    const host = hostOf({
      ...processFiles(500, "container_t", master, "0::/machine.slice/libpod-abc.scope\n"),
      ...processFiles(501, "spc_t", master, "0::/system.slice/docker-abc.scope\n"),
      ...processFiles(900, "httpd_t", master),
    });
    assert.equal((await stateOf(host, [])).nginx.domain, "httpd_t");
  });

  test("is a container's, and said to be, where there is no other", async () => {
    const host = hostOf(processFiles(501, "unconfined_t", master, "0::/system.slice/docker-abc.scope\n"));
    assert.deepEqual((await stateOf(host, [])).nginx, {
      domain: "unconfined_t",
      how: "the running master process (pid 501, in a container)",
      container: true,
      pid: 501,
    });
  });

  test("comes from the service's program and the policy's transition when nothing runs", async () => {
    const host = hostOf(
      { "/usr/lib/systemd/system/nginx.service": "[Service]\nExecStart=/usr/sbin/nginx -c x\n" },
      { "/usr/sbin/nginx": "httpd_exec_t f" },
    );
    assert.deepEqual((await stateOf(host, [])).nginx, {
      domain: "httpd_t",
      how: "no nginx runs; /usr/sbin/nginx is labelled httpd_exec_t and is started by init_t",
      container: false,
    });
  });

  test("comes with the mounts whose label is fixed", async () => {
    const mounts =
      "/dev/sda1 / xfs rw,seclabel 0 0\ntmpfs /srv/my\\040cache tmpfs rw,context=system_u:object_r:httpd_cache_t:s0 0 0\n";
    const seen = await stateOf(hostOf({ "/proc/mounts": mounts }), []);
    assert.deepEqual(seen.fixedLabels, ["/srv/my cache"]);
    assert.deepEqual(seen.mounts, ["/", "/srv/my cache"]);
    const unseen = await stateOf(hostOf({}), []);
    assert.deepEqual(unseen.fixedLabels, []);
    assert.equal(unseen.mounts, undefined);
  });

  test("comes with what its unit and the drop-ins say of its files", async () => {
    const host = hostOf({
      "/usr/lib/systemd/system/nginx.service":
        "[Service]\nExecStartPre=/usr/bin/rm -f /run/nginx.pid\nExecStartPre=/usr/sbin/nginx -t\nExecStart=/usr/sbin/nginx\nPrivateTmp=true\n",
    });
    assert.deepEqual((await stateOf(host, [])).unit, { privateTmp: true, removes: ["/run/nginx.pid"] });
    host.write(
      "/etc/systemd/system/nginx.service.d/20-own.conf",
      '[Service]\nPrivateTmp=no\nExecStartPre=\nExecStartPre=-/bin/rm "/run/web/nginx.pid"\n',
    );
    assert.deepEqual((await stateOf(host, [])).unit, { privateTmp: false, removes: ["/run/web/nginx.pid"] });
    assert.equal((await stateOf(hostOf({}), [])).unit, null);
  });

  test("stays that of the starter where the policy has no transition", async () => {
    const host = hostOf({ "/usr/local/nginx/sbin/nginx": "" }, { "/usr/local/nginx/sbin/nginx": "content_t f" });
    assert.equal((await stateOf(host, [])).nginx.domain, "init_t");
  });

  test("comes from the default label where the one on disk cannot be read", async () => {
    const host = hostOf({ "/usr/sbin/nginx": "" }, { "/usr/sbin/nginx": "? f" });
    const { nginx } = await stateOf(host, []);
    assert.equal(nginx.domain, "httpd_t");
    assert.ok(nginx.domain !== null && nginx.how.includes("labelled httpd_exec_t by default"));
  });

  test("is the one that the unit sets", async () => {
    const unit = "[Service]\nExecStart=/opt/nginx\nSELinuxContext=system_u:system_r:loose_t:s0\n";
    const host = hostOf({ "/etc/systemd/system/nginx.service": unit });
    assert.equal((await stateOf(host, [])).nginx.domain, "loose_t");
  });

  test("is not known where there is no nginx", async () => {
    const { nginx } = await stateOf(hostOf({}), []);
    assert.deepEqual(nginx, {
      domain: null,
      reason: "no nginx runs, and none was found where it is usually installed",
    });
  });
});
