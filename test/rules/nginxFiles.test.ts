/** What nginx really does with files: wildcards, renames from its temporary directories, the directory of its workers. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { FileAccess, FileUse } from "../../server/src/nginx/access.ts";
import { fileNeeds } from "../../server/src/selinux/filePermissions.ts";
import { decide } from "../../server/src/selinux/decide.ts";
import { analysed } from "../support/planned.ts";
import { releases } from "../support/bundledPolicies.ts";
import { tinyPolicy } from "../support/tinyPolicy.ts";
import type { RuleContext } from "../../server/src/rules/context.ts";
import { contextOf, file, hostState, judge, listen, release } from "./situation.ts";

const wildcard = file("include", "/data/sites", { directive: "include", object: "dir" });

test("a wildcard in a directory that may not be read finds nothing: nginx starts, and says nothing", () => {
  for (const name of releases) {
    const [said, ...others] = judge(release(name), wildcard);
    assert.ok(said !== undefined && others.length === 0, name);
    const { target, cls, permission } = said.decision;
    assert.deepEqual([said.rule, target, cls, permission], ["read-path", "default_t", "dir", "read"], name);
    assert.match(said.message, /nginx starts without these files/);
    assert.doesNotMatch(said.message, /does not start/);
    assert.match(
      said.fixes[0]?.commands.join() ?? "",
      /fcontext -a -t httpd_config_t '\/data\/sites\(\/\.\*\)\?'/,
      name,
    );
  }
});

test("a wildcard in a directory that may be read, with files that may not, keeps nginx from starting", () => {
  const directories = ["root_t", "default_t", "httpd_config_t"];
  const policy = tinyPolicy({
    labels: ["/ -d root_t", "/srv(/.*)? default_t", "/srv/sites -d httpd_config_t"],
    allow: {
      "dir search": { always: directories },
      "dir read": { always: ["httpd_config_t"] },
      "dir open": { always: ["httpd_config_t"] },
      "dir getattr": { always: ["httpd_config_t"] },
      "file read": { always: [] },
      "file open": { always: [] },
      "file getattr": { always: [] },
    },
  });
  const query = {
    kind: "file",
    source: "httpd_t",
    path: "/srv/sites",
    object: "dir",
    use: "include",
    exists: null,
  } as const;
  const { verdict, cls, target } = decide(policy, query, contextOf(policy));
  assert.deepEqual([verdict, cls, target], ["denied", "file", "default_t"]);
});

test("a file that is renamed into a directory is not made there, and the directory may be changed all the same", () => {
  for (const use of ["cache-moved", "store-moved", "dav-moved"] as const satisfies readonly FileUse[]) {
    const { makes, dir } = fileNeeds(use);
    assert.deepEqual(makes?.file, [], use);
    assert.ok(dir.includes("add_name") && dir.includes("write"), use);
  }
  for (const use of ["cache", "store", "dav"] as const satisfies readonly FileUse[]) {
    assert.ok(fileNeeds(use).makes?.file.includes("create"), use);
  }
});

test("what is renamed between file systems is copied: it is made in its place, with the label of that place", () => {
  const cache = file("cache-moved", "/var/log/cache", { kind: "write", object: "dir" });
  const mounted = (...mounts: readonly string[]): Partial<RuleContext> => ({ host: { ...hostState({}), mounts } });
  for (const name of releases) {
    const policy = release(name);
    const refused = (access: FileAccess, context: Partial<RuleContext>): boolean =>
      judge(policy, access, context).some(({ rule, severity }) => rule === "write-path" && severity !== "information");
    // What nginx makes in var_log_t is a log, in which it may not write.
    assert.equal(refused(file("cache", "/var/log/cache"), {}), true, name);
    assert.equal(refused(cache, {}), false, name);
    assert.equal(refused(cache, mounted("/", "/home")), false, name);
    assert.equal(refused(cache, mounted("/", "/var")), false, name);
    assert.equal(refused(cache, mounted("/", "/var", "/var/log")), true, name);
    // One of the usual places is on the same file system: it may be that one.
    assert.equal(refused(cache, mounted("/", "/var/lib")), false, name);
    assert.equal(refused({ ...cache, from: "/var/log/temp" }, mounted("/", "/var/log")), false, name);
    assert.equal(refused({ ...cache, from: "/srv/temp" }, mounted("/", "/srv")), true, name);
  }
});

test("the directory for temporary files is known where one directive names it", async () => {
  const cache = "proxy_cache_path /srv/cache keys_zone=a:1m;";
  for (const [text, from] of [
    [cache, undefined],
    [`${cache} proxy_temp_path /srv/t;`, "/srv/t"],
    [`${cache} fastcgi_temp_path /srv/t;`, undefined],
    [`${cache} proxy_temp_path /srv/t; server { location / { proxy_temp_path /srv/u; } }`, undefined],
  ] as const) {
    const { accesses } = await analysed(release("rhel9"), `events {} http { ${text} }`);
    const moved = accesses.flatMap((each) => (each.protocol === "file" && each.use === "cache-moved" ? [each] : []));
    assert.deepEqual(
      moved.map((each) => each.from),
      [from],
      text,
    );
  }
});

test("a local address for outgoing connections is no listen: nginx starts, and each request fails", () => {
  const [said] = judge(release("rhel9"), { ...listen("tcp", 7001), directive: "proxy_bind", outgoing: true });
  assert.match(said?.message ?? "", /^tcp port 7001 .* nginx's binding, so requests get 500/);
  assert.match(
    judge(release("rhel9"), listen("tcp", 7001))[0]?.message ?? "",
    /nginx's listening, so nginx does not start/,
  );
});

test("the web directories of all users are one place, with the label that they have and the boolean meant for them", async () => {
  const site = (path: string): string =>
    `events {} http { server { listen 80; location ~ "^/~(.+?)(/.*)?$" { alias ${path}; } } }`;
  for (const name of releases) {
    const { findings } = await analysed(release(name), site("/home/$1/public_html$2"));
    assert.deepEqual(
      findings.map(({ rule, verdict }) => [rule, verdict?.fixes[0]?.changes]),
      [["read-path", [{ kind: "boolean", name: "httpd_enable_homedirs", value: true }]]],
      name,
    );
    assert.match(findings[0]?.message ?? "", /^files below \/home\/\*\/public_html \(httpd_user_content_t\)/);
    const commands = findings.flatMap(({ verdict }) => verdict?.fixes.flatMap((fix) => fix.commands) ?? []);
    assert.ok(!commands.some((command) => command.includes("*")), `${name}: ${commands.join("; ")}`);
    for (const other of ["/home/$1/site$2", "/srv/$1/public_html$2", "/home/$1/public_html-old"])
      assert.ok(
        (await analysed(release(name), site(other))).findings.every(({ message }) => !message.includes("/home/*")),
        other,
      );
  }
});
