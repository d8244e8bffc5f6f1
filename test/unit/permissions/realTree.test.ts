/** What is decided, held to what the kernel does: a tree on disk, used by another user where this one is root. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { createNodeHost } from "../../../server/src/host/hostNode.ts";
import { decideUnix } from "../../../server/src/permissions/decideUnix.ts";
import { readPermissions } from "../../../server/src/permissions/hostPermissions.ts";
import type { UnixUser } from "../../../server/src/permissions/unixObject.ts";

const isRoot = process.getuid?.() === 0;
const uid = isRoot ? 64001 : (process.getuid?.() ?? 0);
const gid = isRoot ? 64002 : (process.getgid?.() ?? 0);
const groups = isRoot ? [gid] : [gid, ...(process.getgroups?.() ?? [])];

/**
 * Becomes the user where one is given, tries to read, write and search each path, and prints the rights of each. It starts
 * as root there: the other user may not pass the directories above Node's program.
 */
const TRY = `
const { accessSync, constants } = require("node:fs");
const user = JSON.parse(process.argv[2]);
if (user !== null) { process.setgroups([]); process.setgid(user.gid); process.setuid(user.uid); }
const may = (path, mode) => { try { accessSync(path, mode); return 1; } catch { return 0; } };
console.log(JSON.stringify(JSON.parse(process.argv[1]).map((path) =>
  may(path, constants.R_OK) * 4 + may(path, constants.W_OK) * 2 + may(path, constants.X_OK))));
`;

/** The same rights in one class and others in the next, so that an answer from the wrong class is found out. */
const modes = new Set(
  [0, 1, 2, 3, 4, 5, 6, 7].flatMap((rights) => [
    rights << 6,
    rights << 3,
    rights,
    ((7 - rights) << 6) | (rights << 3),
    ((7 - rights) << 3) | rights,
  ]),
);
const owners: readonly (readonly [uid: number, gid: number])[] = isRoot
  ? [
      [0, 0],
      [uid, 0],
      [0, gid],
      [64003, 64003],
    ]
  : [[uid, gid]];

/** A directory with a file for every owner and mode, and a link that leads to the file through the directory. */
function makeTree(tree: string): readonly string[] {
  const paths: string[] = [];
  for (const [owner, group] of owners) {
    for (const mode of modes) {
      const name = `${owner}-${group}-${mode.toString(8)}`;
      const directory = join(tree, name);
      const file = join(directory, "file");
      const link = join(tree, `link-${name}`);
      mkdirSync(directory);
      writeFileSync(file, "");
      symlinkSync(`${directory}/../${name}/file`, link);
      if (isRoot) for (const path of [directory, file]) chownSync(path, owner, group);
      chmodSync(file, mode);
      chmodSync(directory, mode);
      paths.push(directory, file, link);
    }
  }
  return paths;
}

test("every mode and owner gives a user what the kernel gives it, through links too", async () => {
  const tree = mkdtempSync(join(tmpdir(), "unix-permissions-"));
  try {
    chmodSync(tree, 0o755);
    const paths = makeTree(tree);
    const real: unknown = JSON.parse(
      execFileSync(process.execPath, ["-e", TRY, JSON.stringify(paths), JSON.stringify(isRoot ? { uid, gid } : null)], {
        cwd: "/",
        encoding: "utf8",
      }),
    );
    const host = createNodeHost(tree, () => undefined);
    const nginx = { directive: null, master: null, unitUser: null };
    const { ways } = await readPermissions(host, "", new Set(paths), nginx, null);
    const user: UnixUser = { name: "tester", uid, groups: new Set(groups), overrides: uid === 0 };
    const ours = paths.map((path) => {
      const way = ways.get(path) ?? [];
      const given = [4, 2, 1].filter((right) => decideUnix(way, user, right).verdict === "allowed");
      return given.reduce((sum, right) => sum + right, 0);
    });
    assert.deepEqual(ours, real);
    assert.equal(new Set(ours).size, 8, "every combination of rights is met");
  } finally {
    execFileSync("chmod", ["-R", "u+rwx", tree]);
    rmSync(tree, { recursive: true });
  }
});
