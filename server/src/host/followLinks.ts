/** Symbolic links of a copy, followed as the machine would follow them whose files these are. */
import { HostError } from "./host.ts";
import { leadsToCopy, machinePath, placeOf, type CopyMap } from "./copyMap.ts";

/** Where a path ends. */
export interface Followed {
  /** The path without links in the copy, on this machine. */
  readonly here: string;
  /** The same on the machine whose files these are. */
  readonly machine: string;
  /** The directories that are searched on the way, in this order and each once: paths of the machine. */
  readonly through: readonly string[];
  /** True where a link was on the way. */
  readonly isLinked: boolean;
}

/** Links that Linux follows in one path (path_resolution(7)). */
const MOST_LINKS = 40;

/**
 * Follows the links of a path below the copy, one component at a time: the target of an absolute link is a path of the
 * machine, and `..` behind a link leads to the directory above its target. A path outside of the copy stays as it is.
 *
 * @param readLink what a link says, null for everything else; asked for paths in the copy only
 * @throws HostError ELOOP, or EOUTSIDE for a link that leads out of the copy
 */
export async function followLinks(
  map: CopyMap,
  path: string,
  readLink: (path: string) => Promise<string | null>,
): Promise<Followed> {
  const start = machinePath(map, path);
  if (start === null) return { here: path, machine: path, through: [], isLinked: false };
  let at = start.mount.machine;
  const todo = partsOf(path.slice(start.mount.here.length)).reverse();
  let isRelative = true;
  let links = 0;
  const through = new Set<string>();
  for (let part = todo.pop(); part !== undefined; part = todo.pop()) {
    through.add(at === "" ? "/" : at);
    if (part === "..") {
      at = at.slice(0, Math.max(0, at.lastIndexOf("/")));
      continue;
    }
    const next = `${at}/${part}`;
    const place = placeOf(map, next, isRelative);
    if (place === null && !leadsToCopy(map, next)) throw outside([next, ...todo.toReversed()].join("/"));
    // A directory in which a part of the copy begins is what it is on this machine.
    const target = place === null || place.mount.machine === next ? null : await readLink(place.here);
    if (target === null) {
      at = next;
      continue;
    }
    if (++links > MOST_LINKS) throw new HostError("ELOOP", "Too many levels of symbolic links");
    if (target.startsWith("/")) {
      at = "";
      isRelative = false;
    }
    todo.push(...partsOf(target).reverse());
  }
  const end = placeOf(map, at, isRelative);
  if (end === null) throw outside(at);
  return { here: end.here, machine: at, through: [...through], isLinked: links > 0 };
}

function outside(path: string): HostError {
  return new HostError(
    "EOUTSIDE",
    `it is a link to "${path === "" ? "/" : path}", which is outside of the copy that is read here`,
  );
}

/** The components of a path, without empty ones and `.`. */
function partsOf(path: string): string[] {
  return path.split("/").filter((part) => part !== "" && part !== ".");
}
