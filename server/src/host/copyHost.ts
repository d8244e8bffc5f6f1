/** The files of a copy, as the machine would see them whose files these are: no link leads to a file of this machine. */
import { HostError, type FileStat, type Host, type LinkStat } from "./host.ts";
import { linkOrNull } from "./readHost.ts";
import { memo } from "../base/memo.ts";
import { isWhole, rootCopy, type CopyMap } from "./copyMap.ts";
import { followLinks, type Followed } from "./followLinks.ts";

/** The part of a host that reads files, where links stay in a copy. */
export interface CopyHost extends Host {
  /** Where a path ends. Rejects with HostError: EOUTSIDE, ELOOP. */
  follow(path: string): Promise<Followed>;
}

/**
 * A host on which the links of a copy lead where they lead on the machine. What it has seen of a path it takes for true,
 * so it is for one computation. Rejects with HostError EOUTSIDE for a link that leads out of the copy, or to a file that
 * the copy lacks and the machine may have.
 */
export function createCopyHost(host: Host, map: CopyMap): CopyHost {
  const seen = new Map<string, Promise<LinkStat>>();
  const links = new Map<string, Promise<string | null>>();
  const followed = new Map<string, Promise<Followed>>();

  const look = (path: string): Promise<LinkStat> => memo(seen, path, () => host.linkStat(path));
  const isLink = async (path: string): Promise<boolean> => {
    try {
      return (await look(path)).kind === "link";
    } catch (error) {
      if (error instanceof HostError) return false;
      throw error;
    }
  };
  const readLink = (path: string): Promise<string | null> =>
    memo(links, path, async () => ((await isLink(path)) ? linkOrNull(host, path) : null));
  const follow = (path: string): Promise<Followed> => memo(followed, path, () => followLinks(map, path, readLink));

  const at = async <T>(path: string, use: (here: string) => Promise<T>): Promise<T> => {
    const { here, machine, isLinked } = await follow(path);
    try {
      return await use(here);
    } catch (error) {
      const isMissing = error instanceof HostError && (error.code === "ENOENT" || error.code === "ENOTDIR");
      if (!isMissing || !isLinked || isWhole(map, machine)) throw error;
      throw new HostError("EOUTSIDE", `it is a link to "${machine}", which this copy does not have`);
    }
  };

  const atParent = <T>(path: string, use: (here: string) => Promise<T>): Promise<T> => {
    const slash = path.lastIndexOf("/");
    return at(path.slice(0, slash), (directory) => use(directory + path.slice(slash)));
  };
  /** Of a path that was looked at on the way nothing is asked again. */
  const statSeen = async (path: string): Promise<FileStat> => {
    const known = await seen.get(path);
    return known === undefined || known.kind === "link" ? host.stat(path) : known;
  };

  return {
    ...host,
    follow,
    readFile: (path, limit) => at(path, (here) => host.readFile(here, limit)),
    stat: (path) => at(path, statSeen),
    linkStat: (path) => atParent(path, (here) => host.linkStat(here)),
    readDirectory: (path) => at(path, (here) => host.readDirectory(here)),
    realPath: (path) => at(path, (here) => host.realPath(here)),
    readLink: (path) => atParent(path, (here) => host.readLink(here)),
  };
}

/** The host itself, or as it is in a copy of another machine's `/`: `root` without a final slash, "" for this machine. */
export function hostBelow(host: Host, root: string): Host {
  return root === "" ? host : createCopyHost(host, rootCopy(root));
}
