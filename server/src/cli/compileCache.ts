/**
 * V8's compiled form of the program, kept between runs: a start then takes about a tenth less processor time. Node 22.8
 * and newer do it (`module.enableCompileCache`); NODE_DISABLE_COMPILE_CACHE=1 stops them.
 */
import { lstatSync, mkdirSync, statSync } from "node:fs";
import * as nodeModule from "node:module";
import { homedir } from "node:os";
import { dirname, isAbsolute, join } from "node:path";

/** Uses what earlier runs have kept, and keeps what this one adds when it ends. Without a safe directory nothing is kept. */
export function keepCompiled(): void {
  const enable: unknown = Reflect.get(nodeModule, "enableCompileCache");
  if (typeof enable !== "function" || process.geteuid === undefined) return;
  try {
    const directory = cacheDirectory(process.env["XDG_CACHE_HOME"], homedir(), process.geteuid());
    if (directory !== null) Reflect.apply(enable, nodeModule, [directory]);
  } catch {
    // A home that is missing, full or read-only: the program starts as fast as it does without.
  }
}

/**
 * `nginx-selinux` in the user's cache directory, made if it is not there; null where another user could write it, who
 * would then decide what this one runs (also root in a user's home, as sudo may leave it). `xdg`: XDG_CACHE_HOME, which
 * counts if it is absolute (XDG Base Directory Specification). `user`: the effective user id. Throws the file system's
 * errors.
 */
export function cacheDirectory(xdg: string | undefined, home: string, user: number): string | null {
  const caches = xdg !== undefined && isAbsolute(xdg) ? xdg : join(home, ".cache");
  if (!isAbsolute(caches) || !isKeptBy(user, dirname(caches)) || !isMadeFor(user, caches)) return null;
  const own = join(caches, "nginx-selinux");
  return isMadeFor(user, own) ? own : null;
}

/** Makes the directory if it is not there; false where it is there and is not the user's alone. */
function isMadeFor(user: number, directory: string): boolean {
  if (lstatSync(directory, { throwIfNoEntry: false }) === undefined) mkdirSync(directory, { mode: 0o700 });
  return isKeptBy(user, directory);
}

/** True for a directory of the user that no other user may write. */
function isKeptBy(user: number, directory: string): boolean {
  const facts = statSync(directory);
  return facts.isDirectory() && facts.uid === user && (facts.mode & 0o022) === 0;
}
