/** Modes and owners that came with a copy of another machine's `/`: a copy's own files belong to whoever made it. */
import type { SeenObject } from "./unixObject.ts";

/** What a list says of an object. */
export interface ListedMode {
  readonly kind: SeenObject["kind"];
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

const kinds: Readonly<Record<string, SeenObject["kind"] | null>> = { f: "file", d: "directory", l: null };

/**
 * The objects of a list by path, from the last three columns of `path<TAB>context<TAB>kind<TAB>mode<TAB>uid<TAB>gid`,
 * which `find / -xdev -printf '%p\t%Z\t%y\t%m\t%U\t%G\n'` writes. Null for a list without modes.
 */
export function listedModes(text: string): ReadonlyMap<string, ListedMode> | null {
  const modes = new Map<string, ListedMode>();
  for (const line of text.split("\n")) {
    const [, path, letter = "", mode = "", uid, gid] =
      /^(\/[^\t]*)\t[^\t]*\t([a-z])\t([0-7]{1,4})\t(\d+)\t(\d+)\s*$/.exec(line) ?? [];
    const kind = letter in kinds ? kinds[letter] : "other";
    if (path === undefined || kind === null || kind === undefined) continue;
    modes.set(path, { kind, mode: Number.parseInt(mode, 8), uid: Number(uid), gid: Number(gid) });
  }
  return modes.size === 0 ? null : modes;
}
