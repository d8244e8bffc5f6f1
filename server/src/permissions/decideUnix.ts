/** What owner, mode and ACL let a user do: the algorithm of acl(5) and path_resolution(7). */
import { groupRights, SEARCH, type Rights, type SeenObject, type UnixObject, type UnixUser } from "./unixObject.ts";

/** An object that lacks rights, and those that are needed there. */
export interface Refused {
  readonly object: SeenObject;
  readonly wanted: Rights;
}

export type UnixDecision =
  | { readonly verdict: "allowed" }
  | {
      readonly verdict: "denied";
      /** Each object on the way that refuses, in the order in which the kernel meets them. */
      readonly refused: readonly Refused[];
      /** Why what lies behind was not looked at; null where all was. */
      readonly unseen: string | null;
    }
  | { readonly verdict: "unknown"; readonly reason: string };

/**
 * Whether a user may do something at the end of a way. `way`: the directories that are searched, then the object itself
 * if it is known. What is missing ends the way: the rest is no matter of permissions.
 *
 * @param wanted rights on the object at the end; on a directory that holds it where it does not exist yet, see `parent`
 * @param parent rights on the last directory where the object is missing, because it is made then; 0 where it is not
 */
export function decideUnix(
  way: readonly UnixObject[],
  user: UnixUser,
  wanted: Rights,
  parent: Rights = 0,
): UnixDecision {
  const refused: Refused[] = [];
  let unseen: string | null = null;
  for (const [index, object] of way.entries()) {
    const isLast = index === way.length - 1;
    if (object.state === "missing") break;
    if (object.state === "unseen") {
      unseen = object.reason;
      break;
    }
    if (!isLast && object.kind !== "directory") break;
    const next = way[index + 1];
    const isParent = index === way.length - 2 && next?.state === "missing";
    const needed = isLast ? wanted : isParent ? SEARCH | parent : SEARCH;
    const answer = grants(object, user, needed);
    if (answer === "no") refused.push({ object, wanted: needed });
    else if (answer === "unknown") {
      unseen = `whether an ACL of ${object.path} lets ${user.name} in is not known`;
      break;
    }
  }
  if (refused.length > 0) return { verdict: "denied", refused, unseen };
  return unseen === null ? { verdict: "allowed" } : { verdict: "unknown", reason: unseen };
}

/** Whether an object gives a user all of some rights. */
export function grants(object: SeenObject, user: UnixUser, wanted: Rights): "yes" | "no" | "unknown" {
  if (wanted === 0 || overrides(object, user, wanted)) return "yes";
  const { mode, acl } = object;
  if (user.uid === object.uid) return has(mode >> 6, wanted);
  const isMember = user.groups.has(object.gid);
  if (acl === undefined) return grantsByMode(object, isMember, wanted);
  if (acl === null) return has(isMember ? groupRights(object) : mode, wanted);
  const mask = groupRights(object);
  const own = acl.named.find(({ tag, id }) => tag === "user" && id === user.uid);
  if (own !== undefined) return has(own.rights & mask, wanted);
  const ofGroups = acl.named
    .filter(({ tag, id }) => tag === "group" && user.groups.has(id))
    .map(({ rights }) => rights);
  if (isMember) ofGroups.push(acl.group);
  // One entry must give all of them; where none of several does, those for others do not count.
  if (ofGroups.length > 0) return ofGroups.some((rights) => has(rights & mask, wanted) === "yes") ? "yes" : "no";
  return has(mode, wanted);
}

/** CAP_DAC_OVERRIDE: everything on a directory; on a file all but the execution of a file without an execute bit. */
function overrides({ kind, mode }: SeenObject, user: UnixUser, wanted: Rights): boolean {
  return user.overrides && (kind === "directory" || (wanted & SEARCH) === 0 || (mode & 0o111) !== 0);
}

/**
 * Where it is not known whether there is an ACL. With one, the group's bits are the mask: what they lack no entry for a
 * user or group gives, so that only what they have is open.
 */
function grantsByMode(object: SeenObject, isMember: boolean, wanted: Rights): "yes" | "no" | "unknown" {
  const mask = groupRights(object);
  if (has(isMember ? mask : object.mode, wanted) === "yes") return "yes";
  return has(mask, wanted) === "yes" ? "unknown" : "no";
}

function has(rights: Rights, wanted: Rights): "yes" | "no" {
  return (rights & wanted) === wanted ? "yes" : "no";
}
