/** What a host, or a copy that carries modes, says of owners, modes and ACLs on the way to some paths. */
import { memo } from "../base/memo.ts";
import { rootCopy } from "../host/copyMap.ts";
import { followLinks } from "../host/followLinks.ts";
import { HostError, type Host } from "../host/host.ts";
import { linkOrNull } from "../host/readHost.ts";
import { readAcls } from "./acls.ts";
import { grants } from "./decideUnix.ts";
import { readFileSystems, type ForeignFileSystem } from "./fileSystems.ts";
import type { ListedMode } from "./listedModes.ts";
import { groupRights, SEARCH, WRITE, READ, type KnownUser, type SeenObject, type UnixObject } from "./unixObject.ts";
import { readAccounts, unknown, userNamed, userOfProcess, root as rootUser, type Accounts } from "./users.ts";

/** Immutable. */
export interface HostPermissions {
  /** As whom the workers answer requests. */
  readonly worker: KnownUser;
  /** As whom the master reads the configuration, keys and modules and opens logs. */
  readonly master: KnownUser;
  /** By path as asked: what the kernel searches on the way, links followed, then what the path stands for. */
  readonly ways: ReadonlyMap<string, readonly UnixObject[]>;
  readonly accounts: Accounts;
  /** Of sockets that refuse: the service that makes them. */
  readonly makers: ReadonlyMap<string, SocketMaker>;
}

/** A systemd service that makes a socket at each start. */
export interface SocketMaker {
  /** For example `shop.service`. */
  readonly unit: string;
  /** `UMask=`, which is 0022 unless it says otherwise (systemd.exec(5)). */
  readonly umask: number;
  /** Absolute paths of `RuntimeDirectory=`. */
  readonly runtimeDirectories: readonly string[];
}

/** A user by name. */
export interface NamedUser {
  readonly name: string;
  /** Null for the group of the user's name. */
  readonly group: string | null;
}

/** Who nginx is. */
export interface NginxAccount {
  /** The `user` directive; null where there is none. */
  readonly directive: NamedUser | null;
  /** Process id of the running master; null where none was seen. */
  readonly master: number | null;
  /** `User=` of its unit; null for root. */
  readonly unitUser: string | null;
}

/** The user that packages of nginx for RHEL and Fedora, and nginx.org's, are built with (`nginx -V`, `--user=nginx`). */
const BUILT_WITH = "nginx";

/** Paths that are looked at together. */
const AT_ONCE = 64;

/**
 * Looks at the ways to some absolute paths. `root`: "" or a copy of a machine's `/`. `listed`: the modes that came with
 * the copy, by path; null on a host. Never rejects because of the host.
 */
export async function readPermissions(
  host: Host,
  root: string,
  paths: ReadonlySet<string>,
  nginx: NginxAccount,
  listed: ReadonlyMap<string, ListedMode> | null,
): Promise<Omit<HostPermissions, "makers">> {
  const accounts = await readAccounts(host, root);
  const master = await masterOf(host, root, accounts, nginx);
  const worker = await workerOf(host, root, accounts, nginx, master);
  const look = listed === null ? await onDisk(host) : fromList(listed);
  const objects = new Map<string, Promise<UnixObject>>();
  const links = new Map<string, Promise<string | null>>();
  const found = new Map<string, readonly UnixObject[]>();
  const objectsTo = async (path: string): Promise<readonly UnixObject[]> => {
    const way = await wayTo(host, root, path, links);
    if (typeof way === "string") return [{ state: "unseen", path, reason: way }];
    return Promise.all(way.map((each) => memo(objects, each, () => look(each))));
  };
  const all = [...paths];
  for (let from = 0; from < all.length; from += AT_ONCE) {
    const batch = all.slice(from, from + AT_ONCE);
    const ways = await Promise.all(batch.map(objectsTo));
    for (const [index, way] of ways.entries()) found.set(batch[index] ?? "", way);
  }
  const ways = listed === null ? await withAcls(host, found, [master, worker]) : found;
  return { worker, master, ways, accounts };
}

async function masterOf(host: Host, root: string, accounts: Accounts, nginx: NginxAccount): Promise<KnownUser> {
  if (nginx.master !== null) return userOfProcess(host, root, accounts, nginx.master);
  return nginx.unitUser === null ? rootUser : unknown(`User=${nginx.unitUser} of nginx.service, and no nginx runs`);
}

/** A master that is not root cannot become another user: the workers are what it is (`user` is ignored). */
async function workerOf(
  host: Host,
  root: string,
  accounts: Accounts,
  { directive }: NginxAccount,
  master: KnownUser,
): Promise<KnownUser> {
  if (master.uid !== 0) return master;
  const { name, group } = directive ?? { name: BUILT_WITH, group: null };
  return userNamed(host, root, accounts, name, group);
}

/** The directories that are searched, then the path without links; the reason where it leads nowhere. */
async function wayTo(
  host: Host,
  root: string,
  path: string,
  links: Map<string, Promise<string | null>>,
): Promise<readonly string[] | string> {
  const readLink = (at: string): Promise<string | null> => memo(links, at, () => linkOrNull(host, at));
  try {
    const { machine, through } = await followLinks(rootCopy(root), root + path, readLink);
    return [...through, machine === "" ? "/" : machine];
  } catch (error) {
    if (error instanceof HostError) return error.message;
    throw error;
  }
}

type Look = (path: string) => Promise<UnixObject>;

async function onDisk(host: Host): Promise<Look> {
  const foreign: ForeignFileSystem = await readFileSystems(host);
  return async (path) => {
    try {
      const { kind, mode, uid, gid } = await host.stat(path);
      const type = foreign(path);
      if (type !== null) return unseen(path, `${path} is on ${type}, which decides by itself who may use it`);
      return { state: "seen", path, kind, mode, uid, gid };
    } catch (error) {
      if (!(error instanceof HostError)) throw error;
      const isMissing = error.code === "ENOENT" || error.code === "ENOTDIR";
      return isMissing ? { state: "missing", path } : unseen(path, `${path} is not visible to ${host.user}`);
    }
  };
}

/** A list has no ACLs. */
function fromList(listed: ReadonlyMap<string, ListedMode>): Look {
  return async (path) => {
    const found = listed.get(path);
    return found === undefined
      ? unseen(path, `the list of the copy has no mode of ${path}`)
      : { state: "seen", path, ...found };
  };
}

function unseen(path: string, reason: string): UnixObject {
  return { state: "unseen", path, reason };
}

/** ACLs are asked for only where they could open what the mode does not: see `grantsByMode`. */
async function withAcls(
  host: Host,
  ways: ReadonlyMap<string, readonly UnixObject[]>,
  users: readonly KnownUser[],
): Promise<ReadonlyMap<string, readonly UnixObject[]>> {
  const doubtful = new Set<string>();
  for (const object of [...ways.values()].flat()) {
    const isDoubtful = (user: KnownUser, seen: SeenObject): boolean =>
      user.uid !== null && [READ, WRITE, SEARCH].some((right) => grants(seen, user, right) === "unknown");
    if (object.state === "seen" && groupRights(object) !== 0 && users.some((user) => isDoubtful(user, object)))
      doubtful.add(object.path);
  }
  if (doubtful.size === 0) return ways;
  const acls = await readAcls(host, [...doubtful]);
  const told = (object: UnixObject): UnixObject => {
    const acl = acls.get(object.path);
    return object.state === "seen" && acl !== undefined ? { ...object, acl } : object;
  };
  return new Map([...ways].map(([path, way]) => [path, way.map(told)]));
}
