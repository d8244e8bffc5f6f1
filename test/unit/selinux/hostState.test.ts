import { listedContentLabels } from "../../../server/src/selinux/host/contentLabels.ts";
import { parseList } from "../../../server/src/selinux/host/diskLabels.ts";
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { HostError } from "../../../server/src/host/host.ts";
import { gatherHostState } from "../../../server/src/selinux/host/gatherHostState.ts";
import type { HostState, NamedPath } from "../../../server/src/selinux/host/hostState.ts";
import { openLive } from "../../../server/src/selinux/host/live.ts";
import { policyOf } from "../../../server/src/selinux/model.ts";
import { liveTree, statProgram } from "../../support/liveTree.ts";
import type { LiveTree } from "../../support/liveTree.ts";
import { createMemoryHost } from "../../support/memoryHost.ts";
import type { MemoryEntry, MemoryHost } from "../../support/memoryHost.ts";
import { webPolicy } from "../../support/policies/webPolicy.ts";

const usual: LiveTree = {
  policy: webPolicy(33),
  fileContexts: ["/usr/sbin/nginx -- system_u:object_r:httpd_exec_t:s0", "/var/run(/.*)? system_u:object_r:run_t:s0"],
  subsDist: ["/run /var/run"],
};

function hostOf(
  files: Readonly<Record<string, MemoryEntry>>,
  labels: Readonly<Record<string, string>> = {},
): MemoryHost {
  const host = createMemoryHost({ ...liveTree(usual), ...files });
  host.program = statProgram(labels);
  return host;
}

async function stateOf(host: MemoryHost, paths: readonly NamedPath[], root = ""): Promise<HostState> {
  const live = await openLive(host, root);
  assert.ok(live.available, live.available ? "" : live.reason);
  return gatherHostState(host, live, paths);
}

/** Files of /proc for one process. */
function processFiles(pid: number, domain: string, command: string, group = "0::/system.slice/x.service\n") {
  return {
    [`/proc/${pid}/attr/current`]: `system_u:system_r:${domain}:s0\0`,
    [`/proc/${pid}/cmdline`]: `${command}\0`,
    [`/proc/${pid}/comm`]: `${command.split(/[: ]/)[0] ?? ""}\n`,
    [`/proc/${pid}/cgroup`]: group,
  };
}

const sock = (path: string): NamedPath => ({ path, kind: "sock" });
const file = (path: string): NamedPath => ({ path, kind: "file" });

suite("labels on disk", () => {
  const labels = { "/": "root_t d", "/srv": "var_t d", "/srv/www": "content_t d", "/srv/www/a\nb": "tmp_t f" };

  test("are those of the path and of every directory above it, asked for once", async () => {
    const host = hostOf({ "/srv/www/a\nb": "", "/srv/www/c": "" }, labels);
    const state = await stateOf(host, [
      file("/srv/www/a\nb"),
      file("/srv/www/a\nb"),
      { path: "/srv/www", kind: "dir" },
    ]);
    assert.deepEqual(state.label("/srv/www/a\nb"), { state: "present", type: "tmp_t", kind: "file" });
    assert.deepEqual(state.label("/srv/www"), { state: "present", type: "content_t", kind: "dir" });
    assert.deepEqual(state.label("/"), { state: "present", type: "root_t", kind: "dir" });
    const asked = host.runs.filter((command) => command.startsWith("/usr/bin/stat"));
    const begin = "/usr/bin/stat -L --printf=%n\\0%C\\0%f\\0 -- ";
    // The second time the files of the directory that is named.
    assert.deepEqual(asked, [`${begin}/srv/www/a\nb / /srv /srv/www`, `${begin}/srv/www/a\nb /srv/www/c`]);
  });

  test("make the policy answer as the host does", async () => {
    const host = hostOf({ "/srv/www/a\nb": "" }, labels);
    host.write("/sys/fs/selinux/booleans/connect_any", "1 1");
    const live = await openLive(host, "");
    assert.ok(live.available);
    const state = await gatherHostState(host, live, [file("/srv/www/a\nb")]);
    const policy = policyOf(live.facts, state.changes);
    assert.deepEqual(policy.label("/srv/www/a\nb", "file"), { type: "tmp_t", exact: true, spec: null });
    assert.equal(policy.booleans.get("connect_any"), true);
    assert.deepEqual(
      state.changes.filter((change) => change.kind === "boolean"),
      [{ kind: "boolean", name: "connect_any", value: true }],
    );
  });

  test("tell what does not exist from what cannot be seen", async () => {
    const host = hostOf({ "/srv/www/x": "", "/srv/secret": "", "/srv/plain": "" }, { ...labels, "/srv/plain": "? f" });
    const stat = host.stat.bind(host);
    host.stat = async (path) => {
      if (path === "/srv/secret") throw new HostError("EACCES", "Permission denied");
      return stat(path);
    };
    const state = await stateOf(host, ["/srv/none/x", "/srv/secret", "/srv/plain", "/srv/\ufffd"].map(file));
    assert.deepEqual(state.label("/srv/none/x"), { state: "missing" });
    assert.deepEqual(state.label("/srv/none"), { state: "missing" });
    assert.deepEqual(state.label("/srv/secret"), { state: "unknown", reason: "it cannot be seen: Permission denied" });
    assert.deepEqual(state.label("/srv/plain"), { state: "unknown", reason: "it has no SELinux label on disk" });
    assert.deepEqual(state.label("/srv/\ufffd"), { state: "unknown", reason: "the path is not UTF-8" });
    assert.deepEqual(state.label("/other"), { state: "unknown", reason: "this path was not asked for" });
  });

  test("are unknown, with the reason, where there is no program to ask", async () => {
    const host = hostOf({ "/srv/x": "" });
    host.program = () => undefined;
    const label = (await stateOf(host, [file("/srv/x")])).label("/srv/x");
    assert.deepEqual(label, {
      state: "unknown",
      reason: "labels on disk cannot be read: /usr/bin/stat: No such file or directory",
    });
  });

  test("of many paths are read in batches that a command line can hold", async () => {
    const paths = Array.from({ length: 1200 }, (_, index) => `/srv/${"x".repeat(200)}/${index}`);
    const host = hostOf(Object.fromEntries(paths.map((path) => [path, ""])), {
      ...labels,
      ...Object.fromEntries(paths.map((path) => [path, "content_t f"])),
    });
    const state = await stateOf(host, paths.map(file));
    assert.ok(paths.every((path) => state.label(path).state === "present"));
    const lengths = host.runs.map((command) => command.length);
    assert.ok(lengths.length >= 4 && Math.max(...lengths) < 100_000, lengths.join(" "));
  });

  test("of a path through a link are also read where the link leads", async () => {
    const host = hostOf(
      { "/srv/www": { link: "/home/me/site" }, "/home/me/site/index.html": "" },
      { "/srv/www": "user_home_t d", "/home": "home_root_t d", "/home/me/site/index.html": "user_home_t f" },
    );
    const state = await stateOf(host, [file("/srv/www/index.html"), file("/srv/www/new")]);
    assert.equal(state.realPath("/srv/www/index.html"), "/home/me/site/index.html");
    assert.equal(state.realPath("/srv/www/new"), "/home/me/site/new");
    assert.deepEqual(state.label("/home"), { state: "present", type: "home_root_t", kind: "dir" });
    assert.equal(state.realPath("/home/me/site/index.html"), "/home/me/site/index.html");
  });
});

suite("labels of a copy of another machine's root", () => {
  const copied = (files: Readonly<Record<string, MemoryEntry>>): MemoryHost =>
    createMemoryHost({ ...liveTree({ ...usual, root: "/copy", enforce: null }), ...files });

  test("come from its list", async () => {
    const host = copied({
      "/copy/.selinux-labels":
        "/srv/www\tsystem_u:object_r:content_t:s0\td\n/run/app.sock\trun_t\ts\nno line\n/srv/x\t\tf\n",
    });
    const state = await stateOf(
      host,
      [{ path: "/srv/www", kind: "dir" }, sock("/run/app.sock"), file("/srv/x")],
      "/copy",
    );
    assert.deepEqual(state.label("/srv/www"), { state: "present", type: "content_t", kind: "dir" });
    assert.deepEqual(state.label("/run/app.sock"), { state: "present", type: "run_t", kind: "sock" });
    assert.deepEqual(state.label("/srv/x"), {
      state: "unknown",
      reason: "the copy's .selinux-labels does not list it",
    });
    assert.deepEqual(host.runs, []);
  });

  test("are read from the copy itself where there is no list; what it lacks may still exist", async () => {
    const host = copied({ "/copy/srv/www/index.html": "" });
    host.program = statProgram({ "/copy/srv/www/index.html": "content_t f", "/copy/srv": "? d" });
    const state = await stateOf(host, [file("/srv/www/index.html"), file("/srv/none")], "/copy");
    assert.deepEqual(state.label("/srv/www/index.html"), { state: "present", type: "content_t", kind: "file" });
    assert.deepEqual(state.label("/srv"), { state: "unknown", reason: "the copy has no SELinux label for it" });
    assert.deepEqual(state.label("/srv/none"), { state: "unknown", reason: "it is not in the copy" });
  });

  test("are those of the place in the copy to which an absolute link leads, never of this machine's file", async () => {
    const host = copied({ "/copy/srv/www": { link: "/data" }, "/copy/data/index.html": "" });
    host.write("/data/index.html", "");
    host.write("/data/passwd", "");
    host.program = statProgram({ "/copy/data/index.html": "content_t f", "/data/passwd": "tmp_t f" });
    const state = await stateOf(host, [file("/srv/www/index.html"), file("/srv/www/passwd")], "/copy");
    assert.equal(state.realPath("/srv/www/index.html"), "/data/index.html");
    assert.deepEqual(state.label("/srv/www/index.html"), { state: "present", type: "content_t", kind: "file" });
    assert.deepEqual(state.label("/srv/www/passwd"), { state: "unknown", reason: "it is not in the copy" });
    assert.ok(!host.runs.some((run) => / \/data/u.test(run)));
  });
});

suite("files in a directory that is named", () => {
  const dir = (path: string): NamedPath => ({ path, kind: "dir" });

  async function seen(labels: Readonly<Record<string, string>>): Promise<string> {
    const files = Object.keys(labels).filter((path) => path !== "/site");
    const state = await stateOf(hostOf(Object.fromEntries(files.map((path) => [path, ""])), labels), [dir("/site")]);
    const label = state.label("/site/some.file");
    assert.equal(
      state.changes.some((change) => change.kind === "label" && change.path === "/site/some.file"),
      label.state === "present",
    );
    return label.state === "present" ? label.type : label.state;
  }

  test("have labels of their own, which are looked at", async () => {
    assert.equal(await seen({ "/site": "content_t d", "/site/index.html": "tmp_t f", "/site/a": "tmp_t f" }), "tmp_t");
  });

  test("say nothing where they differ, or where they are no files", async () => {
    assert.equal(await seen({ "/site": "content_t d", "/site/a": "content_t f", "/site/b": "tmp_t f" }), "unknown");
    assert.equal(await seen({ "/site": "content_t d", "/site/a": "tmp_t d" }), "unknown");
    assert.equal(await seen({ "/site": "content_t d" }), "unknown");
  });

  test("are few, the index first, however many there are", async () => {
    const labels: Record<string, string> = { "/site": "content_t d" };
    for (let i = 100; i < 300; i++) labels[`/site/${i}`] = "content_t f";
    labels["/site/index.php"] = "content_t f";
    const host = hostOf(
      Object.fromEntries(
        Object.keys(labels)
          .slice(1)
          .map((path) => [path, ""]),
      ),
      labels,
    );
    const { contents } = await stateOf(host, [dir("/site")]);
    assert.deepEqual([contents?.length, contents?.[0]], [32, "/site/index.php"]);
  });

  test("are told apart: one of each label that most of them do not have, on this machine and from a list", async () => {
    const labels = {
      "/site": "content_t d",
      "/site/a": "content_t f",
      "/site/b": "content_t f",
      "/site/img": "content_t d",
      "/site/moved.html": "tmp_t f",
      "/site/moved2.html": "tmp_t f",
      "/site/odd": "loose_t d",
    };
    const wanted = [
      { path: "/site/moved.html", type: "tmp_t", kind: "file" },
      { path: "/site/odd", type: "loose_t", kind: "dir" },
    ];
    const names = Object.fromEntries(
      Object.keys(labels)
        .map((path) => [path, ""])
        .slice(1),
    );
    const { strays, label } = await stateOf(hostOf(names, labels), [dir("/site")]);
    assert.deepEqual(strays?.get("/site"), wanted);
    assert.deepEqual(label("/site/moved.html"), { state: "present", type: "tmp_t", kind: "file" });
    const listed = Object.entries(labels).map(([path, label]) => [path, ...label.split(" ")].join("\t"));
    const list = listedContentLabels(parseList(listed.join("\n")), new Set(["/site/"]));
    assert.deepEqual(list.strays.get("/site/"), wanted);
    assert.equal(list.labels.size, 0, "the files have several labels");
  });
});

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

suite("owners and modes", () => {
  const shop = {
    "/etc/passwd": "nginx:x:990:990::/:/sbin/nologin\nshop:x:991:991::/:/sbin/nologin\n",
    "/etc/group": "nginx:x:990:\nshop:x:991:\n",
    "/run/shop/shop.sock": { other: true },
    "/etc/systemd/system/shop.service":
      "[Service]\nExecStart=/opt/shop/serve --bind /run/shop/shop.sock\nRuntimeDirectory=shop\nUMask=0027\n",
  } as const;
  const user = { name: "nginx", group: null };

  test("are gathered with the service that makes a socket which refuses", async () => {
    const host = hostOf(shop);
    host.owners.set("/run/shop", "0750 991 991");
    host.owners.set("/run/shop/shop.sock", "0750 991 991");
    host.program = (program, args) =>
      program === "/usr/bin/getfacl"
        ? { code: 0, stdout: "# file: /run/shop\nuser::rwx\ngroup::r-x\nother::---\n\n", stderr: "" }
        : statProgram({})(program, args);
    const live = await openLive(host, "");
    assert.ok(live.available);
    const { permissions } = await gatherHostState(host, live, [sock("/run/shop/shop.sock")], user);
    assert.deepEqual(
      [...(permissions?.makers ?? [])],
      [["/run/shop/shop.sock", { unit: "shop.service", umask: 0o027, runtimeDirectories: ["/run/shop"] }]],
    );
    assert.equal(permissions?.worker.uid, 990);
  });

  test("are not told where the only nginx is in a container, nor of a copy that carries none", async () => {
    const contained = hostOf({
      ...shop,
      ...processFiles(501, "container_t", "nginx: master process nginx", "0::/machine.slice/libpod-1.scope\n"),
    });
    assert.equal((await stateOf(contained, [sock("/run/shop/shop.sock")])).permissions, null);
    const copied = createMemoryHost({
      ...liveTree({ ...usual, root: "/copy", enforce: null }),
      "/copy/.selinux-labels": "/srv\tsystem_u:object_r:var_t:s0\td\n",
    });
    assert.equal((await stateOf(copied, [file("/srv")], "/copy")).permissions, null);
    copied.write("/copy/.selinux-labels", "/srv\tsystem_u:object_r:var_t:s0\td\t755\t0\t0\n");
    assert.notEqual((await stateOf(copied, [file("/srv")], "/copy")).permissions, null);
  });
});
