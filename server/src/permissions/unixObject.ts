/** Objects of a file system as their owner, mode and ACL describe them, and users as the kernel knows them. */

/** Rights of one class in a mode: read 4, write 2, execute or search 1. */
export type Rights = number;

export const READ = 4;
export const WRITE = 2;
export const SEARCH = 1;

/** An entry of an ACL for one user or group; the owner's, the group's and the others' rights are in the mode (acl(5)). */
export interface AclEntry {
  readonly tag: "user" | "group";
  readonly id: number;
  readonly rights: Rights;
}

/** An ACL with more entries than a mode has. */
export interface Acl {
  readonly named: readonly AclEntry[];
  /** Of the owning group: the group's bits of the mode are the mask then. */
  readonly group: Rights;
}

/** An object that was seen, no symbolic link. */
export interface SeenObject {
  readonly state: "seen";
  readonly path: string;
  readonly kind: "file" | "directory" | "other";
  /** Permission bits of `st_mode` (inode(7)). */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Null where there is none but the mode; undefined where that is not known. */
  readonly acl?: Acl | null;
}

export type UnixObject =
  | SeenObject
  | { readonly state: "missing"; readonly path: string }
  | { readonly state: "unseen"; readonly path: string; readonly reason: string };

/** A user as a process of nginx runs. */
export interface UnixUser {
  /** Login name; the number where it has none. */
  readonly name: string;
  readonly uid: number;
  /** The group and the supplementary groups. */
  readonly groups: ReadonlySet<number>;
  /** True where it has CAP_DAC_OVERRIDE (capabilities(7)): modes and ACLs refuse it nothing. */
  readonly overrides: boolean;
}

/** A user, or why it is not known. */
export type KnownUser = UnixUser | { readonly uid: null; readonly reason: string };

/** The group's bits of a mode, which are the mask where there is an ACL. */
export function groupRights({ mode }: SeenObject): Rights {
  return (mode >> 3) & 7;
}
