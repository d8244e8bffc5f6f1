/** What rules say where a host tells the labels on disk and who listens. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Fix } from "../../server/src/fixes/fix.ts";
import type { Access } from "../../server/src/nginx/access.ts";
import type { DiskLabel, SocketPeer } from "../../server/src/selinux/host/hostState.ts";
import type { Change, Policy } from "../../server/src/selinux/policy.ts";
import { releases } from "../support/bundledPolicies.ts";
import type { Release } from "../support/bundledPolicies.ts";
import { permissionsFixture } from "../support/hostFixture.ts";
import { brief, file, hostState, informed, judge, listenUnix, release, unix } from "./situation.ts";
import type { Said } from "./situation.ts";

/** A host of a release whose own labels these are; what is not named has its default label. */
function said(
  name: Release,
  access: Access,
  labels: Readonly<Record<string, string | null>>,
  peers: Readonly<Record<string, SocketPeer>> = {},
  owners: readonly string[] = [],
): readonly Said[] {
  const changes: Change[] = [];
  const disk: Record<string, DiskLabel> = {};
  for (const [path, type] of Object.entries(labels)) {
    disk[path] = type === null ? { state: "missing" } : { state: "present", type, kind: "any" };
    if (type !== null) changes.push({ kind: "label", path, type });
  }
  const policy: Policy = informed(release(name, ...changes), { exactLabels: true });
  return judge(policy, access, {
    host: { ...hostState(disk, peers, policy), permissions: permissionsFixture(owners) },
  }).filter(({ rule }) => rule !== "label-not-persistent");
}

function one(found: readonly Said[]): Said {
  const [first] = found;
  assert.ok(first !== undefined && found.length === 1, `${found.length} findings`);
  return first;
}

test("a certificate that was moved from a home is given its usual label back, and nothing else", () => {
  const key = "/etc/pki/tls/private/site.key";
  for (const name of releases) {
    const { rule, severity, message, fixes } = one(
      said(name, file("certificate", key), { [key]: "user_home_t", "/etc/pki/tls/private": "cert_t" }),
    );
    assert.deepEqual([rule, severity], ["read-path", "error"]);
    assert.match(
      message,
      /site\.key \(user_home_t\): SELinux refuses nginx's \w+, so nginx does not start .*It should have cert_t: run restorecon/,
    );
    const [first] = fixes;
    assert.deepEqual([first?.id, first?.durable], ["restorecon", true]);
    assert.deepEqual(first?.commands, [`sudo restorecon -Rv ${key}`]);
    assert.deepEqual(first?.undo, [`sudo chcon -t user_home_t ${key}`]);
    assert.match(first?.title ?? "", /user_home_t becomes cert_t/);
  }
});

test("behind a symbolic link the label and the default of the real place count, and it is what is relabelled", () => {
  const behind = (path: string, real: string, type: string, access: Access): readonly Said[] => {
    const label: DiskLabel = { state: "present", type, kind: "any" };
    const changes: Change[] = [path, real].map((each) => ({ kind: "label", path: each, type }));
    const policy = informed(release("rhel9", ...changes), { exactLabels: true });
    const host = { ...hostState({ [path]: label, [real]: label }, {}, policy), realPath: () => real };
    return judge(policy, access, { host }).filter(({ rule }) => rule !== "connect-peer");
  };
  const link = "/var/www/shop";
  const { rule, message, fixes } = one(behind(link, "/srv/shop", "var_t", file("content", link)));
  assert.equal(rule, "read-path");
  assert.match(message, /^\/srv\/shop \(files in it: var_t, behind \/var\/www\/shop\): SELinux/);
  assert.deepEqual(fixes[0]?.commands, [
    "sudo semanage fcontext -a -t httpd_sys_content_t '/srv/shop(/.*)?'",
    "sudo restorecon -Rv /srv/shop",
  ]);
  const back = "/srv/shop";
  assert.deepEqual(behind(back, "/var/www/shop", "httpd_sys_content_t", file("content", back)), []);
  const socket = one(behind("/srv/app.sock", "/run/app/app.sock", "var_run_t", unix("/srv/app.sock")));
  assert.deepEqual([socket.rule, socket.fixes[0]?.commands.at(-1)], ["connect-socket", "sudo restorecon -Rv /run/app"]);
});

test("a directory that was made in / and has the label of / may get the label of its purpose", () => {
  const { rule, fixes } = one(
    said("rhel9", file("cache", "/data/cache"), { "/data": "root_t", "/data/cache": "root_t" }),
  );
  assert.equal(rule, "write-path");
  assert.deepEqual(fixes[0]?.commands, [
    "sudo semanage fcontext -a -t httpd_cache_t '/data/cache(/.*)?'",
    "sudo restorecon -Rv /data/cache",
  ]);
});

test("files that were moved into a site are found by their own labels, and get the usual one back", () => {
  const labels = { "/var/www/site": "httpd_sys_content_t", "/var/www/site/some.file": "user_home_t" };
  const { rule, severity, fixes } = one(said("rhel9", file("content", "/var/www/site"), labels));
  assert.deepEqual([rule, severity, fixes[0]?.commands], ["read-path", "error", ["sudo restorecon -Rv /var/www/site"]]);
  const readable = { "/data/site": "root_t", "/data/site/some.file": "etc_runtime_t" };
  assert.deepEqual(
    said("rhel9", file("content", "/data/site"), readable),
    [],
    "although the directory's own type is not",
  );
});

test("a cache that is there with a wrong label fails requests; one that nginx must make or take over, the start", () => {
  const cache = file("cache", "/srv/cache", { by: "master" });
  const labels = { "/srv/cache": "user_home_t" };
  const there = one(said("rhel9", cache, labels, {}, ["/srv/cache 0700 nginx:nginx dir"]));
  assert.match(there.message, /requests get 500/);
  assert.doesNotMatch(there.message, /nginx -t/);
  const missing = one(
    said("rhel9", file("cache", "/data/cache", { by: "master" }), { "/data": "default_t", "/data/cache": null }),
  );
  assert.match(missing.message, /nginx does not start/);
  const ofRoot = one(said("rhel9", cache, labels, {}, ["/srv/cache 0755 root:root dir"]));
  assert.match(ofRoot.message, /nginx does not start/);
});

test("what was moved among good files is named, and gets the usual label back", () => {
  const site = "/var/www/site";
  const labels = { [site]: "httpd_sys_content_t", [`${site}/some.file`]: "httpd_sys_content_t" };
  const strays = [
    { path: `${site}/readable.html`, type: "etc_t", kind: "file" },
    { path: `${site}/moved`, type: "user_home_t", kind: "dir" },
  ] as const;
  const disk: Record<string, DiskLabel> = {};
  const changes: Change[] = [];
  for (const [path, type] of [...Object.entries(labels), ...strays.map(({ path, type }) => [path, type] as const)]) {
    disk[path] = { state: "present", type, kind: "any" };
    changes.push({ kind: "label", path, type });
  }
  const policy = informed(release("rhel9", ...changes), { exactLabels: true });
  const host = { ...hostState(disk, {}, policy), strays: new Map([[site, strays]]) };
  const { rule, message, fixes } = one(
    judge(policy, file("content", site), { host }).filter((each) => each.rule !== "label-not-persistent"),
  );
  assert.equal(rule, "read-path");
  assert.match(message, /^\/var\/www\/site\/moved \(files in it: user_home_t\): SELinux may .*requests get 403/);
  assert.deepEqual(fixes[0]?.commands, [`sudo restorecon -Rv ${site}/moved`]);
});

test("a site that was moved as a whole is relabelled as a whole", () => {
  const { severity, fixes } = one(said("rhel9", file("content", "/var/www/site"), { "/var/www/site": "user_home_t" }));
  assert.equal(severity, "warning", "the labels of the files in it are not known");
  assert.equal(fixes[0]?.commands[0], "sudo restorecon -Rv /var/www/site");
});

test("files of network file systems get the boolean of their file system", () => {
  for (const [type, boolean] of [
    ["nfs_t", "httpd_use_nfs"],
    ["cifs_t", "httpd_use_cifs"],
    ["fusefs_t", "httpd_use_fusefs"],
  ] as const) {
    for (const use of ["content", "dav"] as const) {
      const { fixes } = one(said("rhel9", file(use, "/srv/share/site"), { "/srv/share/site": type }));
      assert.equal(fixes[0] === undefined ? "" : brief(fixes[0]), `${boolean} on`);
    }
  }
});

test("what does not exist is not read, so nothing is refused", () => {
  assert.deepEqual(said("rhel9", file("config", "/data/extra.conf"), { "/data/extra.conf": null }), []);
});

test("a log that is not there yet is made with the label of the transition", () => {
  const log = "/var/log/site.log";
  assert.deepEqual(said("rhel9", file("log", log), { [log]: null }), []);
  const { severity, message } = one(said("rhel9", file("log", log), { [log]: "var_log_t" }));
  assert.equal(severity, "error");
  assert.match(
    message,
    /\(var_log_t\): SELinux refuses nginx's opening, so the entries are lost|\(var_log_t\): SELinux refuses nginx's opening, so nginx does not start/,
    "it may be appended to and not opened",
  );
});

test("the domain of the process that listens is judged as it is", () => {
  const path = "/run/app/app.sock";
  const labels = { "/run/app": "httpd_var_run_t", [path]: "httpd_var_run_t" };
  const found = (name: Release, domain: string, assumed = false): readonly Said[] =>
    said(name, unix(path, { directive: "fastcgi_pass" }), labels, {
      [path]: { domain, process: "app (pid 7)", assumed },
    });
  for (const name of releases) assert.deepEqual(found(name, "httpd_t"), [], name);
  assert.deepEqual(found("rhel8", "unconfined_service_t"), []);
  const { rule, severity, message, fixes } = one(found("rhel9", "unconfined_service_t"));
  assert.deepEqual([rule, severity], ["connect-peer", "error"]);
  assert.match(message, /^\/run\/app\/app\.sock \(app \(pid 7\): unconfined_service_t\): SELinux refuses/);
  assert.deepEqual(fixes.map(brief), ["module (allow httpd_t unconfined_service_t (unix_stream_socket (connectto)))"]);
  assert.equal(one(found("rhel9", "unconfined_service_t", true)).severity, "warning");
  assert.equal(one(found("rhel9", "initrc_t")).decision.target, "initrc_t");
});

test("a process that this user may not see is taken for a service of the usual kind on that host, and said to be", () => {
  const path = "/run/app/app.sock";
  const labels = { "/run/app": "httpd_var_run_t", [path]: "httpd_var_run_t" };
  const reason = "the process that listens there is not visible to alice, and no systemd unit names the socket";
  const hidden = (usual: string, directive = "proxy_pass"): readonly Said[] =>
    said("rhel9", unix(path, { directive }), labels, { [path]: { domain: null, reason, isHidden: true, usual } });
  const { rule, severity, because, decision } = one(hidden("initrc_t"));
  assert.deepEqual([rule, severity, decision.target], ["connect-peer", "warning", "initrc_t"]);
  assert.ok(because.includes(reason));
  assert.deepEqual(hidden("httpd_t"), []);
  const php = one(hidden("initrc_t", "fastcgi_pass"));
  assert.deepEqual([php.rule, php.severity], ["target-unknown", "hint"]);
  assert.match(php.message, /not visible to alice.*root can: sudo nginx-selinux check/);
  assert.deepEqual(hidden("httpd_t", "fastcgi_pass"), []);
});

test("a service whose own program starts it may be run in nginx's domain; one of /usr or behind a link may not", () => {
  const path = "/run/app/app.sock";
  const labels = { "/run/app": "httpd_var_run_t", [path]: "httpd_var_run_t" };
  const fixesFor = (program: string): readonly Fix[] =>
    one(
      said("rhel9", unix(path), labels, {
        [path]: {
          domain: "unconfined_service_t",
          process: "app (pid 7)",
          assumed: false,
          service: { unit: "app.service", program },
        },
      }),
    ).fixes;
  const [module, own, ...more] = fixesFor("/opt/app/bin/start");
  assert.equal(module?.id, "module");
  assert.deepEqual(more, []);
  assert.equal(own?.id, "label-program");
  assert.deepEqual(own.commands, [
    "sudo semanage fcontext -a -t httpd_exec_t /opt/app/bin/start",
    "sudo restorecon -Rv /opt/app/bin/start",
    "sudo systemctl restart app.service",
  ]);
  assert.deepEqual(own.undo, [
    "sudo semanage fcontext -d /opt/app/bin/start",
    "sudo restorecon -Rv /opt/app/bin/start",
    "sudo systemctl restart app.service",
  ]);
  assert.match(own.opens, /rights of the web server/);
  assert.deepEqual(
    fixesFor("/usr/bin/python3").map(({ id }) => id),
    ["module"],
  );
});

test("a place of another service stays its own: a rule on exactly its type, and no label", () => {
  const share = one(said("rhel9", file("content", "/srv/share"), { "/srv/share": "samba_share_t" }));
  assert.deepEqual(
    share.fixes.map(({ id }) => id),
    ["module"],
  );
  const [module] = share.fixes;
  assert.match(module?.module?.cil ?? "", /^\(allow httpd_t samba_share_t \((?:dir|file) \([a-z ]+\)\)\)$/mu);
  assert.deepEqual(
    one(said("rhel9", file("certificate", "/srv/keys/a.key"), { "/srv/keys/a.key": "shadow_t" })).fixes.filter(
      ({ module: each }) => each !== undefined,
    ),
    [],
  );
});

test("where the process is known, the label's finding leaves its domain to the other rule", () => {
  const path = "/run/app/app.sock";
  const peers = { [path]: { domain: "httpd_t", process: "app", assumed: false } };
  const { rule, message } = one(said("rhel9", unix(path), { "/run/app": "var_run_t", [path]: "var_run_t" }, peers));
  assert.equal(rule, "connect-socket");
  assert.doesNotMatch(message, /domain/);
});

test("a directory with a wrong label keeps nginx from making its socket until it is restored", () => {
  const { rule, fixes } = one(said("rhel9", listenUnix("/run/nginx/a.sock"), { "/run/nginx": "user_tmp_t" }));
  assert.equal(rule, "listen-socket");
  assert.equal(fixes[0]?.commands[0], "sudo restorecon -Rv /run/nginx");
});
