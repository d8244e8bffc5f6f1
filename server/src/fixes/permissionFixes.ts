/** Fixes of owners and modes: they let one user do what it must, and no other. */
import type { HostPermissions, SocketMaker } from "../permissions/hostPermissions.ts";
import type { Refused } from "../permissions/decideUnix.ts";
import { groupRights, SEARCH, type UnixUser } from "../permissions/unixObject.ts";
import type { Fix } from "./fix.ts";
import { linesOf, type PermissionChange } from "./permissionChange.ts";
import { quoteWord } from "./quote.ts";

/** Groups whose members may do what only root should: nginx is never put into one. */
const POWERFUL = new Set(
  "root wheel sudo admin adm disk docker lxd libvirt kmem shadow systemd-journal tty".split(" "),
);
/** Names that useradd(8) and groupadd(8) take. */
const NAME = /^[A-Za-z_][\w.-]*\$?$/;

/** The fixes for objects that refuse a user, best first. `path`: what was to be used. */
export function permissionFixes(
  path: string,
  refused: readonly Refused[],
  user: UnixUser,
  { accounts, makers }: HostPermissions,
): readonly Fix[] {
  const entries = entryFix(refused, user);
  const group = commonGroup(refused, accounts.groups);
  const joined = group === null ? null : groupFix(refused, user, group);
  const maker = makers.get(path);
  const ofUnit = group === null || maker === undefined ? null : unitFix(refused, user, group, maker);
  const isPool = maker !== undefined && /^php.*fpm.*\.service$/.test(maker.unit);
  const fixes = isPool ? [entries] : entries?.durable === true ? [entries, joined] : [joined, ofUnit, entries];
  return fixes.filter((fix) => fix !== null);
}

/** An entry of the ACL for this user on each object; the owner's own rights where it is the owner. */
function entryFix(refused: readonly Refused[], user: UnixUser): Fix | null {
  const changes = new Map<string, PermissionChange>();
  for (const { object, wanted } of refused) {
    const { path } = object;
    const known = changes.get(path);
    const more = known !== undefined && known.kind !== "group" ? known.rights : 0;
    const before = object.acl?.named.find(({ tag, id }) => tag === "user" && id === user.uid)?.rights ?? null;
    changes.set(
      path,
      object.uid === user.uid
        ? { kind: "owner", path, rights: (wanted & ~(object.mode >> 6)) | more }
        : { kind: "acl", path, user: user.name, rights: wanted | more | (before ?? 0), before },
    );
  }
  const durable = refused.every(({ object }) => object.kind !== "other" && !isVolatile(object.path));
  const places = [...changes.keys()];
  return fixOf([...changes.values()], {
    id: "acl",
    durable,
    title: `let user ${user.name} ${refused.every(isPassing) ? "through" : "use"} ${places.join(" and ")}${durable ? "" : ", until the service makes it anew"}`,
    opens: refused.every(isPassing)
      ? `user ${user.name} gets through ${places.join(" and ")}: it lists nothing there, and opens what its own mode lets it`
      : `${places.join(" and ")} for user ${user.name}`,
  });
}

/** What a service makes at each start: files in /run, and everything in the memory of the machine. */
function isVolatile(path: string): boolean {
  return /^\/(?:run|var\/run|dev|tmp|var\/tmp)(?:\/|$)/.test(path);
}

function isPassing({ object, wanted }: Refused): boolean {
  return object.kind === "directory" && wanted === SEARCH;
}

/** The one group that owns all of some objects, where it is a service's or a user's own; null else. */
function commonGroup(refused: readonly Refused[], groups: HostPermissions["accounts"]["groups"]): string | null {
  const [first] = refused;
  if (first === undefined || refused.some(({ object }) => object.gid !== first.object.gid)) return null;
  const name = [...groups].find(([, { gid }]) => gid === first.object.gid)?.[0];
  return name === undefined || first.object.gid === 0 || POWERFUL.has(name) || !NAME.test(name) ? null : name;
}

/** Membership, where the group may do all of it already. */
function groupFix(refused: readonly Refused[], user: UnixUser, group: string): Fix | null {
  const mayGroup = refused.every(
    ({ object, wanted }) => ((object.acl?.group ?? 7) & groupRights(object) & wanted) === wanted,
  );
  return mayGroup ? memberFix(user, group, [], [], {}) : null;
}

function memberFix(
  user: UnixUser,
  group: string,
  before: readonly string[],
  back: readonly string[],
  rest: Pick<Fix, "restartUnit">,
): Fix | null {
  const change: PermissionChange = { kind: "group", user: user.name, group };
  const lines = linesOf([change]);
  if (lines === null) return null;
  const reload = "sudo systemctl reload-or-restart nginx";
  return {
    id: rest.restartUnit === undefined ? "group" : "unit-mode",
    tier: "purpose",
    title:
      rest.restartUnit === undefined
        ? `add user ${user.name} to the group ${group}`
        : `let ${rest.restartUnit} share what it makes with the group ${group}, and add user ${user.name} to it`,
    commands: [...before, ...lines.run, reload],
    undo: [...lines.undo, ...back, reload],
    durable: true,
    opens: `user ${user.name} may use everything that the group ${group} may`,
    opensBriefly: `opens all that the group ${group} may use to user ${user.name}`,
    changes: [],
    restore: null,
    permissions: [change],
    ...rest,
  };
}

/**
 * The service itself, where its umask or the mode of its runtime directory is what refuses the group: a umask that is
 * seen in the socket's mode, so that the service has none of its own.
 */
function unitFix(refused: readonly Refused[], user: UnixUser, group: string, maker: SocketMaker): Fix | null {
  const settings: string[] = [];
  for (const { object } of refused) {
    if (object.kind === "directory") {
      if (!maker.runtimeDirectories.includes(object.path)) return null;
      settings.push(`RuntimeDirectoryMode=${octal(object.mode | 0o050)}`);
    } else {
      if (object.mode !== (0o777 & ~maker.umask)) return null;
      settings.push(`UMask=${octal(maker.umask & ~0o070)}`);
    }
  }
  const unit = quoteWord(maker.unit);
  const file = quoteWord(`/etc/systemd/system/${maker.unit}.d/nginx.conf`);
  const directory = quoteWord(`/etc/systemd/system/${maker.unit}.d`);
  if (!unit.ok || !file.ok || !directory.ok) return null;
  const reload = ["sudo systemctl daemon-reload", `sudo systemctl restart ${unit.text}`];
  return memberFix(
    user,
    group,
    [
      `sudo mkdir -p ${directory.text}`,
      `printf '%s\\n' '[Service]' ${[...new Set(settings)].join(" ")} | sudo tee ${file.text}`,
      ...reload,
    ],
    [`sudo rm -f ${file.text}`, ...reload],
    { restartUnit: maker.unit },
  );
}

function octal(mode: number): string {
  return mode.toString(8).padStart(4, "0");
}

function fixOf(
  permissions: readonly PermissionChange[],
  rest: Pick<Fix, "id" | "title" | "opens" | "durable">,
): Fix | null {
  const lines = linesOf(permissions);
  if (lines === null) return null;
  return {
    ...rest,
    opensBriefly: rest.opens,
    tier: rest.durable ? "purpose" : "temporary",
    commands: lines.run,
    undo: lines.undo,
    changes: [],
    restore: null,
    permissions,
  };
}
