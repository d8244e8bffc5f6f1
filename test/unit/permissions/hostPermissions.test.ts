/** What is read of owners and modes, on a host in memory. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { hostBelow } from "../../../server/src/host/copyHost.ts";
import { readPermissions, type NginxAccount } from "../../../server/src/permissions/hostPermissions.ts";
import { listedModes } from "../../../server/src/permissions/listedModes.ts";
import type { UnixObject } from "../../../server/src/permissions/unixObject.ts";
import { createMemoryHost, type MemoryEntry, type MemoryHost } from "../../support/memoryHost.ts";

const accounts = {
  "/etc/passwd":
    "root:x:0:0:root:/root:/bin/bash\nnginx:x:990:990::/var/lib/nginx:/sbin/nologin\nalice:x:1000:1000::/home/alice:/bin/sh\n",
  "/etc/group": "root:x:0:\nnginx:x:990:\nweb:x:992:alice,nginx\nalice:x:1000:\n",
};
const service: NginxAccount = { directive: { name: "nginx", group: null }, master: null, unitUser: null };

function hostWith(files: Readonly<Record<string, MemoryEntry>>, owners: Readonly<Record<string, string>>): MemoryHost {
  const host = createMemoryHost({ ...accounts, ...files });
  for (const [path, owner] of Object.entries(owners)) host.owners.set(path, owner);
  return host;
}

/** Each object as `path mode uid:gid`, or its state. */
function brief(way: readonly UnixObject[] | undefined): readonly string[] {
  return (way ?? []).map((each) =>
    each.state === "seen"
      ? `${each.path} ${each.mode.toString(8)} ${each.uid}:${each.gid}`
      : `${each.path} ${each.state}`,
  );
}

test("the directories of every link on the way are searched, not only those of the end", async () => {
  const host = hostWith(
    {
      "/srv/app": { link: "/opt/links/current" },
      "/opt/links/current": { link: "../releases/7" },
      "/opt/releases/7/index.html": "",
    },
    { "/opt/links": "0700 1000 1000", "/opt/releases/7": "0750 1000 992" },
  );
  const { ways } = await readPermissions(host, "", new Set(["/srv/app"]), service, null);
  assert.deepEqual(brief(ways.get("/srv/app")), [
    "/ 755 0:0",
    "/srv 755 0:0",
    "/opt 755 0:0",
    "/opt/links 700 1000:1000",
    "/opt/releases 755 0:0",
    "/opt/releases/7 750 1000:992",
  ]);
});

test("the worker has the groups of /etc/group, those that id tells, and the group of the directive", async () => {
  const host = hostWith({}, {});
  host.program = (file, args) =>
    file === "/usr/bin/id" && args.join(" ") === "-G -- nginx"
      ? { code: 0, stdout: "990 4711\n", stderr: "" }
      : undefined;
  const groupsFor = async (account: NginxAccount): Promise<readonly number[]> => {
    const { worker } = await readPermissions(host, "", new Set(), account, null);
    assert.ok(worker.uid !== null, "the worker is known");
    assert.equal(worker.overrides, false);
    return [...worker.groups].sort((a, b) => a - b);
  };
  assert.deepEqual(await groupsFor(service), [990, 992, 4711]);
  assert.deepEqual(await groupsFor({ ...service, directive: null }), [990, 992, 4711], "built with --user=nginx");
  assert.deepEqual(
    await groupsFor({ ...service, directive: { name: "nginx", group: "alice" } }),
    [992, 1000, 4711, 990].sort((a, b) => a - b),
  );
});

test("a user that is not known is told to be so, and no option is made of its name", async () => {
  const host = hostWith({}, {});
  const worker = async (name: string, group: string | null = null): Promise<string> => {
    const found = (await readPermissions(host, "", new Set(), { ...service, directive: { name, group } }, null)).worker;
    return found.uid === null ? found.reason : "known";
  };
  assert.equal(await worker("missing-user"), "there is no user missing-user in /etc/passwd");
  assert.equal(await worker("--help"), '"--help" is no name of a user');
  assert.equal(await worker("$user"), '"$user" is no name of a user');
  assert.equal(await worker("nginx", "gone"), "there is no group gone in /etc/group");
  assert.deepEqual(host.runs, ["/usr/bin/id -u -- missing-user"]);
});

test("a running master tells who it is; one that is not root does everything itself", async () => {
  const status = (uid: number, groups: string, capabilities: string): string =>
    `Name:\tnginx\nUid:\t${uid}\t${uid}\t${uid}\t${uid}\nGid:\t${uid}\t${uid}\t${uid}\t${uid}\nGroups:\t${groups} \nCapEff:\t${capabilities}\n`;
  const host = hostWith({ "/proc/812/status": status(0, "0", "000001ffffffffff") }, {});
  const running = { ...service, master: 812 };
  const asRoot = await readPermissions(host, "", new Set(), running, null);
  assert.deepEqual(asRoot.master, { name: "root", uid: 0, groups: new Set([0]), overrides: true });
  assert.equal(asRoot.worker.uid, 990);
  host.write("/proc/812/status", status(0, "", "0000000000000c00"));
  const bound = await readPermissions(host, "", new Set(), running, null);
  assert.deepEqual(bound.master, { name: "root", uid: 0, groups: new Set([0]), overrides: false });
  host.write("/proc/812/status", status(1000, "992 1000", "0000000000000000"));
  const asAlice = await readPermissions(host, "", new Set(), running, null);
  assert.deepEqual(asAlice.worker, { name: "alice", uid: 1000, groups: new Set([1000, 992]), overrides: false });
  const stopped = await readPermissions(host, "", new Set(), { ...service, unitUser: "alice" }, null);
  assert.deepEqual([stopped.master.uid, stopped.worker.uid], [null, null]);
});

test("getfacl is asked only where an ACL could open what the mode does not", async () => {
  const host = hostWith(
    { "/home/alice/index.html": "", "/srv/shop/a\nb": "", "/srv/open/x": "" },
    { "/home/alice": "0700 1000 1000", "/srv/shop": "0750 1000 1000", "/srv/shop/a\nb": "0640 1000 1000" },
  );
  const paths = new Set(["/home/alice", "/srv/open/x"]);
  await readPermissions(host, "", paths, service, null);
  assert.deepEqual(
    host.runs.filter((each) => each.includes("getfacl")),
    [],
  );
  host.program = (file) =>
    file === "/usr/bin/getfacl"
      ? {
          code: 0,
          stdout:
            "# file: /srv/shop\n# owner: 1000\n# group: 1000\nuser::rwx\nuser:990:--x\ngroup::r-x\nmask::r-x\nother::---\n\n" +
            "# file: /srv/shop/a\\012b\n# owner: 1000\n# group: 1000\nuser::rw-\ngroup::r--\nother::---\n\n",
          stderr: "",
        }
      : undefined;
  const { ways } = await readPermissions(host, "", new Set(["/srv/shop/a\nb"]), service, null);
  assert.equal(host.runs.at(-1), "/usr/bin/getfacl -n -p -- /srv/shop /srv/shop/a\nb");
  assert.deepEqual(
    ways.get("/srv/shop/a\nb")?.map((each) => (each.state === "seen" ? each.acl : each.state)),
    [undefined, undefined, { named: [{ tag: "user", id: 990, rights: 1 }], group: 5 }, null],
  );
});

test("without getfacl, ls tells which objects have no ACL; of the others nothing is known", async () => {
  const host = hostWith({ "/srv/a/x": "", "/srv/b/x": "" }, { "/srv/a": "0750 1000 1000", "/srv/b": "0750 1000 1000" });
  host.program = (file) =>
    file === "/usr/bin/ls"
      ? {
          code: 0,
          stdout: "drwxr-x---. 2 1000 1000 6 Jan  1 00:00 /srv/a\ndrwxr-x---+ 2 1000 1000 6 Jan  1 00:00 /srv/b\n",
          stderr: "",
        }
      : undefined;
  const { ways } = await readPermissions(host, "", new Set(["/srv/a", "/srv/b"]), service, null);
  const aclOf = (path: string): unknown => ways.get(path)?.flatMap((each) => ("acl" in each ? [each.acl] : []));
  assert.equal(host.runs.at(-1), "/usr/bin/ls -dlnbU -- /srv/a /srv/b");
  assert.deepEqual([aclOf("/srv/a"), aclOf("/srv/b")], [[null], []]);
});

test("what this user cannot see, and what a server decides about, is not known", async () => {
  const host = hostWith(
    {
      "/srv/private": { error: "EACCES" },
      "/srv/share/site/index.html": "",
      "/proc/self/mountinfo":
        "21 1 8:1 / / rw - xfs /dev/sda1 rw\n35 21 0:40 / /srv/share\\040old rw - nfs4 server:/x rw\n36 21 0:41 / /srv/share rw - nfs4 server:/y rw\n",
    },
    {},
  );
  const { ways } = await readPermissions(
    host,
    "",
    new Set(["/srv/private/site", "/srv/share/site", "/srv/gone"]),
    service,
    null,
  );
  const reasons = (path: string): readonly string[] =>
    (ways.get(path) ?? []).map((each) => (each.state === "unseen" ? each.reason : each.state));
  assert.equal(reasons("/srv/private/site").at(-1), "/srv/private/site is not visible to alice");
  assert.deepEqual(reasons("/srv/share/site").slice(2), [
    "/srv/share is on nfs4, which decides by itself who may use it",
    "/srv/share/site is on nfs4, which decides by itself who may use it",
  ]);
  assert.equal(reasons("/srv/gone").at(-1), "missing");
});

test("of a copy the modes of its list count, and never those of its own files", async () => {
  const list =
    "/\tsystem_u:object_r:root_t:s0\td\t755\t0\t0\n/srv\tvar_t\td\t750\t1000\t1000\n/srv/l\tvar_t\tl\t777\t0\t0\n/run/x.sock\tvar_run_t\ts\t660\t0\t0\n";
  const listed = listedModes(list);
  assert.ok(listed !== null);
  assert.equal(listedModes("/srv\tvar_t\td\n"), null, "a list without modes");
  const memory = hostWith({ "/copy/srv/l": { link: "/srv/www" }, "/copy/srv/www/x": "" }, { "/copy/srv": "0777 0 0" });
  memory.write("/copy/etc/passwd", accounts["/etc/passwd"]);
  memory.write("/copy/etc/group", accounts["/etc/group"]);
  const host = hostBelow(memory, "/copy");
  const { ways, worker } = await readPermissions(host, "/copy", new Set(["/srv/l", "/run/x.sock"]), service, listed);
  assert.deepEqual(brief(ways.get("/srv/l")), ["/ 755 0:0", "/srv 750 1000:1000", "/srv/www unseen"]);
  assert.deepEqual(brief(ways.get("/run/x.sock")).at(-1), "/run/x.sock 660 0:0");
  assert.equal(worker.uid, 990);
  assert.deepEqual(memory.runs, [], "the programs of this machine know nothing of a copy");
});
