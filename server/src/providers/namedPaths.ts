/** The paths that accesses name, as a host is asked about them. */
import type { Access } from "../nginx/access.ts";
import type { NamedPath } from "../selinux/host/hostState.ts";

/** Absolute paths, each once for each kind of object. */
export function namedPaths(accesses: readonly Access[]): readonly NamedPath[] {
  const named = new Map<string, NamedPath>();
  for (const access of accesses) {
    const next = namedPathOf(access);
    if (next?.path.startsWith("/") === true) named.set(`${next.kind} ${next.path}`, next);
  }
  return [...named.values()];
}

function namedPathOf(access: Access): NamedPath | null {
  if (access.protocol === "unix") return access.path === null ? null : { path: access.path, kind: "sock" };
  if (access.protocol !== "file") return null;
  if (access.path !== null) return { path: access.path, kind: access.object };
  return access.below === null ? null : { path: access.below, kind: "dir" };
}
