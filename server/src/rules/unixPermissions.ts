/** unix-permissions: owner, mode or ACL refuse nginx something, whatever SELinux allows. */
import { permissionFixes } from "../fixes/permissionFixes.ts";
import type { Fix } from "../fixes/fix.ts";
import type { Access } from "../nginx/access.ts";
import { decideUnix, type Refused } from "../permissions/decideUnix.ts";
import type { HostPermissions } from "../permissions/hostPermissions.ts";
import { READ, SEARCH, WRITE, type Rights, type SeenObject, type UnixUser } from "../permissions/unixObject.ts";
import { consequence } from "./fileAccess.ts";
import { connectionConsequence, cut, named, NO_START, shortName, shortPath, withAdvice } from "./message.ts";
import { isTemporary, list, printable } from "./phrases.ts";
import type { Asked } from "./asked.ts";
import type { RuleContext } from "./context.ts";
import type { AccessRule, Verdict } from "./rule.ts";

export const unixPermissions: AccessRule = {
  judges: "access",
  id: "unix-permissions",
  title: "Owner or mode that refuses nginx",
  severity: "warning",
  needsHost: true,

  judge({ access }: Asked, context: RuleContext): Verdict | null {
    const permissions = context.host?.permissions ?? null;
    const need = needOf(access);
    if (permissions === null || need === null) return null;
    const way = permissions.ways.get(need.path);
    const user = actor(need, permissions, context);
    // A service with PrivateTmp= has a /tmp of its own.
    if (way === undefined || user === null || [...way, need].some(({ path }) => isTemporary(path))) return null;
    const decision = decideUnix(way, user, need.wanted(user), need.parent);
    if (decision.verdict === "allowed") return null;
    const below = access.protocol === "file" && access.path === null ? "files below " : "";
    const target = below + shortPath(need.path);
    if (decision.verdict === "unknown") {
      const message = cut(
        `${target}: not known whether the mode lets user ${user.name} in: ${printable(decision.reason)}.`,
      );
      return { ...plain, severity: "hint", message, because: [], fixes: [] };
    }
    const { refused, unseen } = decision;
    const fixes = permissionFixes(need.path, refused, user, permissions);
    return {
      ...plain,
      severity: unixPermissions.severity,
      message: withAdvice(
        `${named({ target, label: labelOf(refused, need.path, permissions) })}: its mode refuses user ${user.name} the ${act(refused)}, so ${outcome(access)}.`,
        ["this is not SELinux", ...refused.slice(1).map(({ object }) => reason(object, permissions))],
      ),
      because: evidence(access, refused, unseen, user, permissions, fixes),
      fixes,
    };
  },
};

const plain = { decision: null, oncePerUpstream: false } as const;

/** What nginx does at a path, and who. */
interface Need {
  readonly path: string;
  readonly by: "master" | "worker";
  /** Rights on the object itself. */
  wanted(user: UnixUser): Rights;
  /** Rights on its directory where it does not exist yet. */
  readonly parent: Rights;
}

/** Null for what needs no rights on a path, and for what is not known. */
function needOf(access: Access): Need | null {
  if (access.certainty === "unknown") return null;
  if (access.protocol === "unix") {
    if (access.path?.startsWith("/") !== true) return null;
    const { path } = access;
    return access.kind === "connect"
      ? { path, by: "worker", wanted: () => WRITE, parent: 0 }
      : { path, by: "master", wanted: () => 0, parent: WRITE };
  }
  if (access.protocol !== "file") return null;
  const { path, below, use, kind, object } = access;
  const by = use === "chdir" ? "worker" : access.by;
  // What is below a directory has a mode of its own; to get there is all that is known to be needed.
  if (path === null) return below === null ? null : { path: below, by, wanted: () => SEARCH, parent: 0 };
  if (kind === "read")
    return { path, by, wanted: () => READABLE[use] ?? (object === "dir" ? SEARCH : READ), parent: 0 };
  if (object === "file") return { path, by, wanted: () => WRITE, parent: WRITE };
  const own = use === "temp" || use === "cache" || use === "cache-moved";
  // A master that is root makes these directories at its start, and gives them to the user (`ngx_create_paths`).
  return { path, by, wanted: () => (own ? 0 : WRITE | SEARCH), parent: 0 };
}

/** Directories that are read, not only searched; a program is executed, for which the same bit stands. */
const READABLE: Readonly<Record<string, Rights>> = {
  listing: READ | SEARCH,
  include: READ | SEARCH,
  program: SEARCH,
};

/** The user who does it; null where that is not known. root is bound by modes only where its domain may not override them. */
function actor({ by }: Need, { worker, master }: HostPermissions, { policy, source }: RuleContext): UnixUser | null {
  const user = by === "master" ? master : worker;
  if (user.uid === null) return null;
  const { verdict } = policy.check(source, source, "capability", "dac_override");
  return { ...user, overrides: user.overrides && verdict !== "denied" };
}

/** The mode and owner that refuse: the object's own, or those of a directory above it. */
function labelOf([first]: readonly Refused[], path: string, permissions: HostPermissions): string {
  if (first === undefined) return "";
  return first.object.path === path ? described(first.object, permissions) : reason(first.object, permissions);
}

/** `/home/alice is 0700 alice:alice`. */
function reason(object: SeenObject, permissions: HostPermissions): string {
  return `${shortPath(object.path)} is ${described(object, permissions)}`;
}

/** What is refused, in one word. */
function act([first]: readonly Refused[]): string {
  if (first === undefined || first.object.kind === "other") return "connection";
  if ((first.wanted & WRITE) !== 0) return "writing";
  if (first.object.kind === "file") return "reading";
  return (first.wanted & READ) !== 0 ? "listing" : "passage";
}

/** Mode, owner and group: `0700 alice:alice`. */
function described({ mode, uid, gid, acl }: SeenObject, { accounts: { users, groups } }: HostPermissions): string {
  const user = [...users].find(([, each]) => each.uid === uid)?.[0] ?? String(uid);
  const group = [...groups].find(([, each]) => each.gid === gid)?.[0] ?? String(gid);
  return `${mode.toString(8).padStart(4, "0")} ${shortName(user)}:${shortName(group)}${acl == null ? "" : ", with an ACL"}`;
}

/** What a user sees of it. */
function outcome(access: Access): string {
  if (access.protocol === "file") return consequence(access, { cls: null });
  if (access.kind === "bind") return NO_START;
  return connectionConsequence(access);
}

function evidence(
  access: Access,
  refused: readonly Refused[],
  unseen: string | null,
  user: UnixUser,
  permissions: HostPermissions,
  fixes: readonly Fix[],
): readonly string[] {
  const rows = refused.map(({ object, wanted }) => {
    return `${object.path} is ${described(object, permissions)}; user ${user.name} (uid ${user.uid}, groups ${list([...user.groups].map(String))}) needs ${RIGHTS[wanted] ?? "more"} there`;
  });
  const pool = permissions.makers.get("path" in access ? (access.path ?? "") : "")?.unit.includes("fpm") === true;
  return [
    ...rows,
    ...(unseen === null ? [] : [`what lies behind was not looked at: ${unseen}`]),
    ...(pool
      ? [`php-fpm makes this socket at each start: "listen.acl_users = ${user.name}" in the file of its pool lasts`]
      : fixes.some(({ durable }) => durable)
        ? []
        : [
            "no command lasts: let the service make the socket for a group that the user is in (UMask=, RuntimeDirectoryMode= of its unit)",
          ]),
  ].map(printable);
}

const RIGHTS: Readonly<Record<Rights, string>> = {
  1: "search (x)",
  2: "write (w)",
  3: "write and search (wx)",
  4: "read (r)",
  5: "read and search (rx)",
  6: "read and write (rw)",
  7: "read, write and search (rwx)",
};
