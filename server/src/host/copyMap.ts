/**
 * How paths of one machine lie in a copy of some of its directories on another: a checked-out `/etc/nginx`, a directory
 * that holds another machine's `/`. What the copy does not hold is never read from this machine in its place.
 */

/** Where a directory of the machine lies in the copy. */
export interface Mount {
  /** Absolute path on the machine, without a final slash: "" is its root. */
  readonly machine: string;
  /** Where it is read, without a final slash. */
  readonly here: string;
  /** False for a directory around the copy: only a relative path that begins in the copy may lead there. */
  readonly isCopied: boolean;
}

/** Plain data: two maps that say the same are equal as JSON. */
export interface CopyMap {
  readonly mounts: readonly Mount[];
  /** Directories of the machine that the copy holds whole: "" for all of them. */
  readonly whole: readonly string[];
}

/** True for a path of the machine that does not exist there if the copy lacks it. */
export function isWhole({ whole }: CopyMap, path: string): boolean {
  return whole.some((directory) => path.startsWith(`${directory}/`));
}

/** The copy of a whole machine below a directory; `root` without a final slash. */
export function rootCopy(root: string): CopyMap {
  return { mounts: [{ machine: "", here: root, isCopied: true }], whole: [""] };
}

/** A place in the copy. */
export interface Place {
  readonly mount: Mount;
  /** Where it is read. */
  readonly here: string;
}

/**
 * Where an absolute path of the machine, without `.` and `..`, is read: by the mount that fits it best. `isRelative`:
 * the path came about by relative words alone. Null where the copy has no place for it.
 */
export function placeOf(map: CopyMap, path: string, isRelative: boolean): Place | null {
  let best: Mount | null = null;
  for (const mount of map.mounts) {
    if (!(mount.isCopied || isRelative) || !isBelow(path, mount.machine)) continue;
    if (best === null || mount.machine.length > best.machine.length) best = mount;
  }
  return best === null ? null : { mount: best, here: best.here + path.slice(best.machine.length) };
}

/** The path on the machine of a path of this one, and the mount in which it lies; null for one outside of the copy. */
export function machinePath(map: CopyMap, here: string): { readonly mount: Mount; readonly path: string } | null {
  let best: Mount | null = null;
  for (const mount of map.mounts) {
    if (isBelow(here, mount.here) && (best === null || mount.here.length > best.here.length)) best = mount;
  }
  return best === null ? null : { mount: best, path: best.machine + here.slice(best.here.length) };
}

/** True for a directory that only leads to one of the copy: nothing of it is read. */
export function leadsToCopy(map: CopyMap, path: string): boolean {
  return map.mounts.some(({ machine, isCopied }) => isCopied && isBelow(machine, path));
}

function isBelow(path: string, directory: string): boolean {
  return path === directory || path.startsWith(`${directory}/`);
}
