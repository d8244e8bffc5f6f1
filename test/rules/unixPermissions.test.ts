/** unix-permissions: who does it, what it needs, and the fixes that let this user alone do it. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { createEvaluator } from "../../server/src/analysis/evaluator.ts";
import { offersOf } from "../../server/src/offers/offeredFixes.ts";
import type { Access } from "../../server/src/nginx/access.ts";
import type { HostPermissions } from "../../server/src/permissions/hostPermissions.ts";
import type { Verdict } from "../../server/src/rules/rule.ts";
import { unixPermissions } from "../../server/src/rules/unixPermissions.ts";
import { permissionsFixture, fixtureMaster } from "../support/hostFixture.ts";
import { analysed, textOfPlan } from "../support/planned.ts";
import { contextOf, file, hostState, judge, listenUnix, release, unix } from "./situation.ts";

/** What the rule says of an access on RHEL 9, on a host with these owners; null for nothing. */
function said(access: Access, owners: readonly string[], more: Partial<HostPermissions> = {}): Verdict | null {
  const host = { ...hostState({}), permissions: permissionsFixture(owners, more) };
  const evaluator = createEvaluator({ ...contextOf(release("rhel9")), host }, [unixPermissions]);
  return evaluator.judge(access).said[0]?.verdict ?? null;
}

function refused(access: Access, owners: readonly string[], more: Partial<HostPermissions> = {}): Verdict {
  const verdict = said(access, owners, more);
  assert.ok(verdict !== null && verdict.severity === "warning", "nothing is refused");
  return verdict;
}

const commands = ({ fixes }: Verdict): readonly (readonly string[])[] => fixes.map((fix) => fix.commands);

test("a closed home is opened for this user alone, to pass and not to list", () => {
  const verdict = refused(file("content", "/home/alice/site"), [
    "/home/alice/site 0755 alice:alice dir",
    "/home/alice 0700 alice:alice dir",
  ]);
  assert.equal(
    verdict.message,
    "/home/alice/site (/home/alice is 0700 alice:alice): its mode refuses user nginx the passage, so requests get 403. This is not SELinux.",
  );
  assert.deepEqual(commands(verdict), [["sudo setfacl -m u:nginx:x /home/alice"]]);
  assert.deepEqual(verdict.fixes[0]?.undo, ["sudo setfacl -x u:nginx /home/alice"]);
  assert.match(verdict.fixes[0]?.opens ?? "", /it lists nothing there/);
});

test("each directory on the way that refuses is opened, and the group of all is offered where it may do it already", () => {
  const verdict = refused(file("content", "/home/alice/site"), [
    "/home/alice/site 0750 alice:alice dir",
    "/home/alice 0710 alice:alice dir",
  ]);
  assert.deepEqual(commands(verdict), [
    ["sudo setfacl -m u:nginx:x /home/alice", "sudo setfacl -m u:nginx:x /home/alice/site"],
    ["sudo usermod -aG alice nginx", "sudo systemctl reload-or-restart nginx"],
  ]);
});

test("what nginx does decides which rights it needs", () => {
  const needs = (access: Access, mode: string, kind: string): string => {
    const path = "path" in access ? (access.path ?? "") : "";
    const verdict = said(access, [`${path} ${mode} alice:alice ${kind}`]);
    return verdict === null ? "" : (verdict.fixes[0]?.commands[0] ?? "none");
  };
  const dav = file("dav", "/srv/dav");
  assert.equal(needs(file("listing", "/srv/www"), "0711", "dir"), "sudo setfacl -m u:nginx:rx /srv/www");
  assert.equal(needs(file("content", "/srv/www"), "0711", "dir"), "");
  assert.equal(needs(dav, "0755", "dir"), "sudo setfacl -m u:nginx:wx /srv/dav");
  assert.equal(needs(dav, "0777", "dir"), "");
  assert.equal(
    needs(file("config", "/etc/nginx/users", { by: "worker" }), "0600", "file"),
    "sudo setfacl -m u:nginx:r /etc/nginx/users",
  );
  assert.equal(
    needs(file("chdir", "/home/alice", { object: "dir" }), "0700", "dir"),
    "sudo setfacl -m u:nginx:x /home/alice",
  );
});

test("the master is root, and modes do not bind it; where its domain or its unit takes that away, they do", () => {
  const key = file("certificate", "/home/alice/site.key");
  const owners = ["/home/alice/site.key 0600 alice:alice file", "/home/alice 0700 alice:alice dir"];
  assert.equal(said(key, owners), null);
  assert.equal(said(file("log", "/home/alice/access.log"), owners), null);
  assert.equal(said(listenUnix("/home/alice/nginx.sock"), owners), null);
  const bound = refused(key, owners, { master: { ...fixtureMaster, overrides: false } });
  assert.match(
    bound.message,
    /\(\/home\/alice is 0700 alice:alice\): .*user root the passage, so nginx does not start/,
  );
  assert.deepEqual(commands(bound)[0]?.[0], "sudo setfacl -m u:root:x /home/alice");
});

test("directories that a root master makes and gives away at its start are not looked at, their parents are", () => {
  for (const use of ["temp", "cache", "cache-moved"] as const) {
    const path = "/var/cache/nginx/pages";
    assert.equal(said(file(use, path, { object: "dir" }), [`${path} 0700 root:root dir`]), null, use);
    const access = file(use, path, { object: "dir", by: "worker" });
    const { message } = refused(access, [`${path} 0700 nginx:root dir`, "/var/cache/nginx 0700 root:root dir"]);
    assert.match(message, /\/var\/cache\/nginx is 0700 root:root/);
  }
});

test("a socket of a group is used as a member of it, never as one of root's or of docker", () => {
  const socket = unix("/run/shop/shop.sock");
  const verdict = refused(socket, ["/run/shop/shop.sock 0660 shop:shop sock"]);
  assert.match(
    verdict.message,
    /^\/run\/shop\/shop\.sock \(0660 shop:shop\): its mode refuses user nginx the connection, so requests fail/,
  );
  assert.deepEqual(
    verdict.fixes.map(({ id, durable }) => [id, durable]),
    [
      ["group", true],
      ["acl", false],
    ],
  );
  const ofRoot = refused(socket, ["/run/shop/shop.sock 0660 root:root sock"]);
  assert.deepEqual(
    ofRoot.fixes.map(({ id, durable }) => [id, durable]),
    [["acl", false]],
  );
  assert.match(ofRoot.because.join("\n"), /no command lasts: .*UMask=/);
  assert.equal(said(socket, ["/run/shop/shop.sock 0660 alice:web sock"]), null, "nginx is in the group web");
});

test("a service whose umask or runtime directory shuts the group out gets a drop-in, if that is seen in the modes", () => {
  const socket = unix("/run/shop/shop.sock");
  const maker = { unit: "shop.service", umask: 0o022, runtimeDirectories: ["/run/shop"] };
  const makers = new Map([["/run/shop/shop.sock", maker]]);
  const owners = ["/run/shop/shop.sock 0755 shop:shop sock", "/run/shop 0700 shop:shop dir"];
  const verdict = refused(socket, owners, { makers });
  assert.deepEqual(verdict.fixes[0]?.commands, [
    "sudo mkdir -p /etc/systemd/system/shop.service.d",
    "printf '%s\\n' '[Service]' RuntimeDirectoryMode=0750 UMask=0002 | sudo tee /etc/systemd/system/shop.service.d/nginx.conf",
    "sudo systemctl daemon-reload",
    "sudo systemctl restart shop.service",
    "sudo usermod -aG shop nginx",
    "sudo systemctl reload-or-restart nginx",
  ]);
  assert.deepEqual(
    verdict.fixes.map(({ id }) => id),
    ["unit-mode", "acl"],
  );
  const own = refused(socket, ["/run/shop/shop.sock 0600 shop:shop sock"], { makers });
  assert.deepEqual(
    own.fixes.map(({ id }) => id),
    ["acl"],
    "the service sets the mode itself, so its umask changes nothing",
  );
  const pool = new Map([["/run/shop/shop.sock", { ...maker, unit: "php-fpm.service" }]]);
  const php = refused(socket, ["/run/shop/shop.sock 0660 shop:shop sock"], { makers: pool });
  assert.match(php.because.join("\n"), /listen\.acl_users = nginx/);
});

test("an entry that is there already is widened, and comes back as it was", () => {
  const permissions = permissionsFixture(["/srv/list 0750 alice:alice dir"]);
  const way = (permissions.ways.get("/srv/list") ?? []).map((each) =>
    each.state === "seen" && each.path === "/srv/list"
      ? { ...each, acl: { named: [{ tag: "user" as const, id: 990, rights: 1 }], group: 5 } }
      : each,
  );
  const { fixes } = refused(file("listing", "/srv/list"), [], { ways: new Map([["/srv/list", way]]) });
  assert.deepEqual(fixes[0]?.commands, ["sudo setfacl -m u:nginx:rx /srv/list"]);
  assert.deepEqual(fixes[0]?.undo, ["sudo setfacl -m u:nginx:x /srv/list"]);
});

test("nothing is said of /tmp, of what is missing, and where no host tells; what is not visible is a hint", () => {
  assert.equal(said(unix("/tmp/app.sock"), ["/tmp/app.sock 0600 alice:alice sock"]), null);
  assert.equal(said(file("content", "/srv/gone"), ["/srv/www 0755 root:root dir"]), null);
  const evaluator = createEvaluator(contextOf(release("rhel9")), [unixPermissions]);
  assert.deepEqual(evaluator.judge(file("content", "/home/alice/site")).said, []);
  const hidden = said(file("content", "/srv/private/site"), ["/srv/private/site unseen"]);
  assert.deepEqual(
    [hidden?.severity, hidden?.message],
    [
      "hint",
      "/srv/private/site: not known whether the mode lets user nginx in: /srv/private/site is not visible to alice.",
    ],
  );
});

test("without a host, what is said of a home names the mode that homes have", () => {
  const [verdict] = judge(release("rhel9"), file("content", "/home/alice/site"));
  assert.match(verdict?.message ?? "", /RHEL's homes are 0700: nginx must get through as well/);
  const [ofMaster] = judge(release("rhel9"), file("certificate", "/home/alice/site.key"));
  assert.doesNotMatch(ofMaster?.message ?? "", /0700/, "root gets through");
});

const configuration = `user nginx;
events {}
http { server { listen 80;
  root /srv/shop;
  location /app { proxy_pass http://unix:/run/shop/shop.sock; }
  location /own { proxy_pass http://unix:/run/own/own.sock; }
} }
`;

test("the plan ends with both done: the script and the playbook set owners and modes after the labels", async () => {
  const host = {
    ...hostState({}),
    permissions: permissionsFixture([
      "/srv/shop 0750 alice:alice dir",
      "/run/shop/shop.sock 0660 shop:shop sock",
      "/run/own/own.sock 0600 alice:alice sock",
    ]),
  };
  const analysis = await analysed(release("rhel9"), configuration, host);
  const script = textOfPlan("script", analysis);
  const make = script.slice(script.indexOf("make() {"), script.indexOf("take_back() {"));
  assert.ok(make.indexOf("restorecon") < make.indexOf("setfacl -m u:nginx:x /srv/shop"), make);
  assert.match(make, /\n {2}usermod -aG shop nginx\n/);
  const back = script.slice(script.indexOf("take_back() {"), script.indexOf("verify() {"));
  assert.match(back, /\n {2}gpasswd -d nginx shop \|\| :\n {2}setfacl -x u:nginx \/srv\/shop \|\| :\n/);
  assert.match(script, /What it does not clear:[^]*own\.sock/);
  assert.match(script, /for tool in .*setfacl.*; do/);
  assert.equal(spawnSync("/bin/sh", ["-n"], { input: script }).status, 0);
  const playbook = textOfPlan("ansible", analysis);
  assert.match(
    playbook,
    /ansible\.posix\.acl:\n +path: "\/srv\/shop"\n +entity: "nginx"\n +etype: "user"\n +permissions: "x"/,
  );
  assert.match(playbook, /ansible\.builtin\.user:\n +name: "nginx"\n +groups:\n +- "shop"\n +append: true/);
  assert.match(textOfPlan("cil", analysis), /Give user nginx x on \/srv\/shop: no policy module does that/);
  const offers = offersOf(analysis);
  for (const finding of analysis.findings.filter(({ rule }) => rule === unixPermissions.id)) {
    const [first] = offers(finding);
    assert.equal(first?.preferred, first?.fix.durable, "the preferred fix is its part of the plan");
  }
});
