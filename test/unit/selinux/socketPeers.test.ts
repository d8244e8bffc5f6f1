/** Who listens on a socket: the process that `ss` or the open files name, or the unit or the pool of php-fpm that makes it. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { file, hostOf, processFiles, sock, stateOf } from "../../support/gatheredState.ts";
import type { MemoryHost } from "../../support/memoryHost.ts";

suite("the listener of a socket", () => {
  const path = "/run/app/app.sock";
  const listening = (inode: number, name = path): string =>
    `Num       RefCount Protocol Flags    Type St Inode Path\nffff: 00000002 00000000 00010000 0001 01 ${inode} ${name}\n`;
  const ss =
    (line: string): MemoryHost["program"] =>
    (program, args) =>
      program === "/usr/sbin/ss" && args.join(" ") === "-xanp" ? { code: 0, stdout: line, stderr: "" } : undefined;

  test("is the process that ss names, by the socket's inode", async () => {
    const host = hostOf({ "/proc/net/unix": listening(4711), ...processFiles(771, "init_t", "gunicorn: master") });
    host.program = ss(
      [
        'u_str LISTEN 0 5 /run/other.sock 4712 * 0 users:(("x",pid=5,fd=3))',
        `u_str LISTEN 0 511 ${path} 4711 * 0 users:(("gunicorn",pid=771,fd=3),("gunicorn",pid=772,fd=3))`,
      ].join("\n"),
    );
    assert.deepEqual((await stateOf(host, [sock(path)])).peer(path), {
      domain: "init_t",
      process: "gunicorn (pid 771)",
      assumed: false,
    });
  });

  test("is the service, not systemd which keeps the socket for it", async () => {
    const host = hostOf({ "/proc/net/unix": listening(4711), ...processFiles(771, "loose_t", "app") });
    host.program = ss(`u_str LISTEN 0 5 ${path} 4711 * 0 users:(("app",pid=771,fd=3),("systemd",pid=1,fd=40))`);
    assert.equal((await stateOf(host, [sock(path)])).peer(path).domain, "loose_t");
  });

  test("is found among open files where there is no ss", async () => {
    const host = hostOf({
      "/proc/net/unix": listening(4711, "/var/run/app/app.sock"),
      ...processFiles(771, "loose_t", "app"),
      "/proc/771/fd/0": { link: "/dev/null" },
      "/proc/771/fd/3": { link: "socket:[4711]" },
    });
    assert.deepEqual((await stateOf(host, [sock(path)])).peer(path), {
      domain: "loose_t",
      process: "app (pid 771)",
      assumed: false,
    });
  });

  test("of another user is found by the unit whose runtime directory holds the socket", async () => {
    const host = hostOf({
      "/proc/net/unix": listening(4711),
      "/usr/lib/systemd/system/app.service": "[Service]\nExecStart=/usr/bin/app\nRuntimeDirectory=app\n",
      "/sys/fs/cgroup/system.slice/app.service/cgroup.procs": "771\n772\n",
      ...processFiles(771, "httpd_t", "app"),
    });
    assert.deepEqual((await stateOf(host, [sock(path)])).peer(path), {
      domain: "httpd_t",
      process: "app.service (pid 771)",
      assumed: false,
    });
  });

  test("is found where systemd-run or a generator made the unit", async () => {
    for (const directory of ["/run/systemd/transient", "/run/systemd/generator", "/run/systemd/generator.late"]) {
      const host = hostOf({
        "/proc/net/unix": listening(4711),
        [`${directory}/app.service`]: `[Service]\nExecStart=\nExecStart="/usr/bin/app" "${path}"\n`,
        "/sys/fs/cgroup/system.slice/app.service/cgroup.procs": "771\n",
        ...processFiles(771, "httpd_t", "app"),
      });
      assert.equal((await stateOf(host, [sock(path)])).peer(path).domain, "httpd_t", directory);
    }
  });

  test("has the program of its unit, unless a link or the unit's own context decides", async () => {
    const files = (unit: string) => ({
      "/proc/net/unix": listening(4711),
      "/etc/systemd/system/app.service": unit,
      ...processFiles(771, "loose_t", "app", "0::/system.slice/app.service\n"),
      "/proc/771/fd/3": { link: "socket:[4711]" },
      "/opt/app/start": "",
      "/opt/link": { link: "/opt/app/start" },
    });
    const serviceOf = async (unit: string) => {
      const peer = (await stateOf(hostOf(files(unit)), [sock(path)])).peer(path);
      return peer.domain === null ? undefined : peer.service;
    };
    assert.deepEqual(await serviceOf("[Service]\nExecStart=/opt/app/start --fast\n"), {
      unit: "app.service",
      program: "/opt/app/start",
    });
    assert.equal(await serviceOf("[Service]\nExecStart=/opt/link\n"), undefined);
    assert.equal(await serviceOf("[Service]\nSELinuxContext=a:b:c_t:s0\nExecStart=/opt/app/start\n"), undefined);
  });

  test("that does not run is the domain that its unit's program would get, and is assumed", async () => {
    const host = hostOf(
      {
        "/etc/systemd/system/app.socket": "[Socket]\nListenStream=/run/app/app.sock\n",
        "/etc/systemd/system/app.service": "[Service]\nExecStart=-/opt/app \\\n  --workers 4\n",
        "/opt/app": "",
      },
      { "/opt/app": "httpd_exec_t f" },
    );
    assert.deepEqual((await stateOf(host, [sock(path)])).peer(path), {
      domain: "httpd_t",
      process: "app.service: /opt/app is labelled httpd_exec_t and is started by init_t",
      assumed: true,
      service: { unit: "app.service", program: "/opt/app" },
    });
  });

  test("is that of the unit whose command names the socket", async () => {
    const host = hostOf(
      {
        "/etc/systemd/system/a.service": "[Service]\nExecStart=\nExecStart=/opt/a --bind unix:/run/app/app.sock\n",
        "/etc/systemd/system/b.service": "[Service]\nExecStart=/opt/b --bind unix:/srv/run/app/app.sock.old\n",
        "/opt/a": "",
      },
      { "/opt/a": "content_t f" },
    );
    assert.equal((await stateOf(host, [sock(path)])).peer(path).domain, "init_t");
  });

  test("is not guessed where two units claim the directory", async () => {
    const host = hostOf({
      "/etc/systemd/system/a.service": "[Service]\nExecStart=/opt/a\nRuntimeDirectory=app\n",
      "/etc/systemd/system/b.service": "[Service]\nExecStart=/opt/b\nRuntimeDirectory=b app\n",
    });
    assert.deepEqual((await stateOf(host, [sock(path)])).peer(path), {
      domain: null,
      reason: "nothing listens there now, and no systemd unit names the socket",
      usual: "init_t",
    });
  });

  test("is unknown, with the reason and the usual domain of a service, where this user may not see the process", async () => {
    const host = hostOf({ "/proc/net/unix": listening(4711) });
    assert.deepEqual((await stateOf(host, [sock(path)])).peer(path), {
      domain: null,
      reason: "the process that listens there is not visible to alice, and no systemd unit names the socket",
      isHidden: true,
      usual: "init_t",
    });
  });

  const pools = [
    ["RHEL", "/etc/php-fpm.d/www.conf", "php-fpm.service"],
    ["Debian", "/etc/php/8.2/fpm/pool.d/www.conf", "php8.2-fpm.service"],
    ["Remi's repository", "/etc/opt/remi/php83/php-fpm.d/www.conf", "php83-php-fpm.service"],
  ] as const;
  for (const [packages, pool, unit] of pools) {
    test(`is php-fpm's where a pool file names the socket, as packages of ${packages} have it`, async () => {
      const files = {
        [pool]: "; listen = /run/other.sock\n[app]\nuser = app\nlisten = /run/app/$pool.sock\n",
        [`/usr/lib/systemd/system/${unit}`]: "[Service]\nExecStart=/opt/php-fpm --nodaemonize\n",
        "/opt/php-fpm": "",
      };
      const labels = { "/opt/php-fpm": "httpd_exec_t f" };
      const stopped = (await stateOf(hostOf(files, labels), [sock(path)])).peer(path);
      assert.deepEqual([stopped.domain, stopped.domain === null || stopped.assumed], ["httpd_t", true]);
      const running = hostOf({
        ...files,
        "/proc/net/unix": listening(4711),
        [`/sys/fs/cgroup/system.slice/${unit}/cgroup.procs`]: "1200\n1201\n",
        "/proc/1200/attr/current": "system_u:system_r:loose_t:s0\0",
      });
      const peer = (await stateOf(running, [sock(path)])).peer(path);
      assert.deepEqual(peer.domain === null ? peer : [peer.domain, peer.process, peer.assumed], [
        "loose_t",
        `${unit} (pid 1200)`,
        false,
      ]);
      assert.equal(
        (await stateOf(hostOf(files, labels), [sock("/run/other.sock")])).peer("/run/other.sock").domain,
        null,
      );
    });
  }

  test("is not looked for where no socket is named", async () => {
    const host = hostOf({ "/proc/net/unix": listening(4711) });
    await stateOf(host, [file("/srv/x")]);
    assert.ok(!host.reads.includes("/proc/net/unix"));
  });
});
