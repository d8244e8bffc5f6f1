/** Owners, modes and ACLs as acl(5) and path_resolution(7) define them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { decideUnix, grants } from "../../../server/src/permissions/decideUnix.ts";
import type { Acl, SeenObject, UnixObject, UnixUser } from "../../../server/src/permissions/unixObject.ts";

const nginx: UnixUser = { name: "nginx", uid: 990, groups: new Set([990, 992]), overrides: false };
const root: UnixUser = { name: "root", uid: 0, groups: new Set([0]), overrides: true };

function object(
  path: string,
  mode: number,
  uid: number,
  gid: number,
  acl: Acl | null | undefined = null,
  kind: SeenObject["kind"] = "directory",
): SeenObject {
  return { state: "seen", path, kind, mode, uid, gid, ...(acl === undefined ? {} : { acl }) };
}

test("the first class that a user belongs to decides, even where another gives more", () => {
  for (const [mode, uid, gid, wanted, expected] of [
    [0o700, 990, 0, 7, "yes"],
    [0o077, 990, 990, 1, "no"],
    [0o070, 0, 992, 7, "yes"],
    [0o707, 0, 992, 1, "no"],
    [0o707, 0, 0, 7, "yes"],
    [0o750, 1000, 1000, 1, "no"],
    [0o711, 1000, 1000, 1, "yes"],
    [0o711, 1000, 1000, 4, "no"],
    [0o1777, 0, 0, 3, "yes"],
    [0o754, 0, 0, 5, "no"],
  ] as const) {
    const answer = grants(object("/x", mode, uid, gid), nginx, wanted);
    assert.equal(answer, expected, `${mode.toString(8)} ${uid}:${gid} for ${wanted}`);
  }
});

test("an entry of the ACL counts within the mask, before groups and others", () => {
  const entry = (rights: number, mode: number): Acl | null => ({
    named: [{ tag: "user", id: 990, rights }],
    group: (mode >> 3) & 7,
  });
  assert.equal(grants(object("/home/alice", 0o710, 1000, 1000, entry(1, 0)), nginx, 1), "yes");
  assert.equal(grants(object("/home/alice", 0o700, 1000, 1000, entry(1, 0)), nginx, 1), "no", "the mask lacks it");
  assert.equal(grants(object("/home/alice", 0o777, 1000, 1000, entry(0, 0)), nginx, 1), "no", "it is shut out by name");
  const ofGroup = (rights: number, group: number): Acl => ({ named: [{ tag: "group", id: 992, rights }], group });
  assert.equal(grants(object("/srv/x", 0o770, 1000, 1000, ofGroup(5, 0)), nginx, 5), "yes");
  assert.equal(grants(object("/srv/x", 0o777, 1000, 1000, ofGroup(1, 0)), nginx, 4), "no", "others are not asked then");
  // Of several groups one must give all.
  const split: Acl = { named: [{ tag: "group", id: 992, rights: 4 }], group: 1 };
  assert.equal(grants(object("/srv/x", 0o770, 1000, 990, split), nginx, 5), "no");
  assert.equal(grants(object("/srv/x", 0o770, 1000, 990, split), nginx, 4), "yes");
});

test("an ACL that was not read can open only what the group's bits leave room for", () => {
  const unread = (mode: number, gid = 1000): "yes" | "no" | "unknown" =>
    grants({ state: "seen", path: "/x", kind: "directory", mode, uid: 1000, gid }, nginx, 1);
  assert.equal(unread(0o700), "no");
  assert.equal(unread(0o740), "no");
  assert.equal(unread(0o710), "unknown");
  assert.equal(unread(0o711), "yes");
  assert.equal(unread(0o710, 992), "yes");
});

test("root passes everything but the execution of a file without any execute bit", () => {
  assert.equal(grants(object("/home/alice", 0o000, 1000, 1000), root, 7), "yes");
  assert.equal(grants(object("/x", 0o600, 1000, 1000, null, "file"), root, 6), "yes");
  assert.equal(grants(object("/x", 0o600, 1000, 1000, null, "file"), root, 1), "no");
  assert.equal(grants(object("/home/alice", 0o700, 1000, 1000), { ...root, overrides: false }, 1), "no");
});

const top = object("/", 0o755, 0, 0);
const home = object("/home/alice", 0o700, 1000, 1000);
const site = object("/home/alice/site", 0o750, 1000, 1000);

test("every object on the way that refuses is told, those behind included", () => {
  const decision = decideUnix([top, home, site], nginx, 1);
  assert.deepEqual(decision, {
    verdict: "denied",
    refused: [
      { object: home, wanted: 1 },
      { object: site, wanted: 1 },
    ],
    unseen: null,
  });
});

test("where a part cannot be seen, a refusal before it counts, and nothing else is known", () => {
  const hidden: UnixObject = { state: "unseen", path: "/home/alice/site", reason: "it is not visible to bob" };
  assert.deepEqual(decideUnix([top, home, hidden], nginx, 1), {
    verdict: "denied",
    refused: [{ object: home, wanted: 1 }],
    unseen: "it is not visible to bob",
  });
  assert.deepEqual(decideUnix([top, hidden], nginx, 1), { verdict: "unknown", reason: "it is not visible to bob" });
});

test("what is missing is no matter of permissions, unless it is to be made", () => {
  const missing: UnixObject = { state: "missing", path: "/srv/x" };
  assert.deepEqual(decideUnix([top, missing], nginx, 4), { verdict: "allowed" });
  assert.deepEqual(decideUnix([top, missing], nginx, 2, 2), {
    verdict: "denied",
    refused: [{ object: top, wanted: 3 }],
    unseen: null,
  });
});
