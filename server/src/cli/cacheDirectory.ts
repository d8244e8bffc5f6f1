/** Where the command line keeps what later runs can use again: a directory that is the user's alone. */
import { lstatSync, mkdirSync, statSync } from "node:fs";
import { dirname, isAbsolute, join } from "node:path";

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
