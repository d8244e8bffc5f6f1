/** The accesses of a configuration by port, by path and by name, so that each of many refusals finds its own at once. */
import type { Access, FileAccess } from "../nginx/access.ts";

export interface AccessIndex {
  /** Connections to a tcp or udp port. */
  connects(port: number): readonly Access[];
  /** `listen` of a port, ranges included. */
  binds(port: number): readonly Access[];
  /** Connections whose target is known only while nginx runs. */
  readonly unknownConnects: readonly Access[];
  /** Unix sockets and files whose path is exactly this, canonical. */
  at(path: string): readonly Access[];
  /** Accesses to what is in a directory. */
  inside(directory: string): readonly FileAccess[];
  /** Unix sockets and files whose last component is this. */
  named(name: string): readonly Access[];
  /** What has a directory of this name on its way: directories whose last component it is first. */
  through(name: string): readonly Access[];
  readonly limits: readonly Access[];
  /** Directories in which files are made. */
  readonly writers: readonly FileAccess[];
  /** Directories whose files are read. */
  readonly readers: readonly FileAccess[];
  /** Every connection to and every listening on a port that is known. */
  readonly portAccesses: readonly Access[];
}

/**
 * @param canonical the path as the policy spells it: repeated slashes, `/run` and `/var/run` are the same.
 * @param real where a path leads on the host, which is what the kernel's records name.
 */
export function indexAccesses(
  accesses: readonly Access[],
  canonical: (path: string) => string,
  real: (path: string) => string = (path) => path,
): AccessIndex {
  const spellings = (path: string): ReadonlySet<string> => new Set([canonical(path), canonical(real(path))]);
  const connects = new Map<number, Access[]>();
  const binds = new Map<number, Access[]>();
  const ranges: Access[] = [];
  const unknownConnects: Access[] = [];
  const paths = new Map<string, Access[]>();
  const directories = new Map<string, FileAccess[]>();
  const limits: Access[] = [];
  for (const access of accesses) {
    if (access.protocol === "process") {
      if (access.kind === "limit") limits.push(access);
    } else if (access.protocol === "file") {
      const directory = access.path === null ? access.below : access.object === "dir" ? access.path : null;
      if (directory !== null) for (const path of spellings(directory)) addTo(directories, path, access);
      if (access.path !== null) for (const path of spellings(access.path)) addTo(paths, path, access);
    } else if (access.protocol === "unix") {
      if (access.path !== null) for (const path of spellings(access.path)) addTo(paths, path, access);
      else unknownConnects.push(access);
    } else if (access.kind === "connect") {
      if (access.port === null || access.certainty === "unknown") unknownConnects.push(access);
      else addTo(connects, access.port, access);
    } else if (access.port !== null) {
      if (access.lastPort !== null && access.lastPort !== access.port) ranges.push(access);
      else addTo(binds, access.port, access);
    }
  }
  let names: Map<string, Access[]> | null = null;
  let components: Map<string, Access[]> | null = null;
  return {
    connects: (port) => connects.get(port) ?? [],
    binds: (port) => [...(binds.get(port) ?? []), ...ranges.filter((access) => holds(access, port))],
    unknownConnects,
    at: (path) => paths.get(path) ?? [],
    inside: (directory) => directories.get(directory) ?? [],
    named: (name) => (names ??= byName(paths)).get(name) ?? [],
    through: (name) => (components ??= byComponent(directories, paths)).get(name) ?? [],
    limits,
    writers: [...directories.values()].flat().filter((access) => access.kind === "write"),
    readers: [...directories.values()].flat().filter((access) => access.kind === "read"),
    portAccesses: [...[...connects.values()].flat(), ...[...binds.values()].flat(), ...ranges],
  };
}

function holds(access: Access, port: number): boolean {
  return (
    access.kind === "bind" &&
    access.protocol !== "unix" &&
    access.port !== null &&
    access.port <= port &&
    port <= (access.lastPort ?? access.port)
  );
}

function byName(paths: ReadonlyMap<string, readonly Access[]>): Map<string, Access[]> {
  const names = new Map<string, Access[]>();
  for (const [path, accesses] of paths) for (const access of accesses) addTo(names, lastComponent(path), access);
  return names;
}

function byComponent(
  directories: ReadonlyMap<string, readonly FileAccess[]>,
  paths: ReadonlyMap<string, readonly Access[]>,
): Map<string, Access[]> {
  const last = new Map<string, Access[]>();
  const above = new Map<string, Access[]>();
  for (const [path, accesses] of directories) {
    const parts = partsOf(path);
    parts.forEach((part, index) => {
      for (const access of accesses) addTo(index === parts.length - 1 ? last : above, part, access);
    });
  }
  for (const [path, accesses] of paths)
    for (const part of partsOf(path).slice(0, -1))
      for (const access of accesses)
        if (access.protocol !== "file" || access.object !== "dir") addTo(above, part, access);
  for (const [name, accesses] of above) for (const access of accesses) addTo(last, name, access);
  return last;
}

function partsOf(path: string): readonly string[] {
  return path.split("/").filter((part) => part !== "");
}

function lastComponent(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

function addTo<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}
