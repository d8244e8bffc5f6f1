/** Which directories may be given to the web server whole, and the form of a path that file contexts are about. */
import type { Policy } from "../selinux/policy.ts";
import { SHARED_DIRECTORY_TYPES } from "./purpose.ts";

/**
 * An absolute path without repeated slashes and `.` components, and without a trailing slash; null for a relative path
 * and for one with `..`, whose meaning depends on symbolic links.
 */
export function normalPath(path: string): string | null {
  if (!path.startsWith("/")) return null;
  const parts = path.split("/").filter((part) => part !== "" && part !== ".");
  return parts.includes("..") ? null : `/${parts.join("/")}`;
}

/** The directory of a normal path; `/` for a file in the root. */
export function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/")) || "/";
}

/** Directories that hold one directory per application (hier(7)): a child of these is the application's own. */
const APPLICATION_PARENTS: readonly string[] = ["/run", "/var/run", "/var/cache", "/var/lib", "/var/spool"];

/** Directories that the system or a login needs as they are, whatever the leaf is called. */
const SYSTEM_TREES: readonly string[] = [
  "/bin",
  "/boot",
  "/dev",
  "/etc",
  "/lib",
  "/lib64",
  "/proc",
  "/root",
  "/sbin",
  "/sys",
  "/usr",
  "/run/user",
  "/run/systemd",
  "/run/lock",
  "/run/log",
  "/run/dbus",
  "/run/udev",
  "/run/credentials",
  "/var/run/user",
  "/var/run/systemd",
  "/var/run/lock",
  "/var/run/log",
  "/var/run/dbus",
  "/var/run/udev",
  "/tmp",
  "/var/tmp",
];

/** Names of directories that hold nothing but sockets, wherever they are: `/srv/app/tmp/sockets`. */
const SOCKET_DIRECTORY = /^(run|socks?|sockets?)$/u;

/**
 * True for a directory whose label may be changed for everything in it: it is one application's own place for run
 * files, and its present label is a general one, not that of another confined service. A directory that may hold
 * programs or documents (`/opt/app`, `/home/me`, `/srv/app`) is not: with the label of a socket they stop working.
 */
export function isRelabellable(policy: Policy, directory: string): boolean {
  if (SYSTEM_TREES.some((tree) => directory === tree || directory.startsWith(`${tree}/`))) return false;
  const depth = directory.split("/").length - 1;
  const parent = APPLICATION_PARENTS.find((candidate) => directory.startsWith(`${candidate}/`));
  const leaf = directory.slice(directory.lastIndexOf("/") + 1);
  if (parent === undefined && !(depth >= 3 && SOCKET_DIRECTORY.test(leaf))) return false;
  const label = policy.label(directory, "dir");
  return label.type === null || SHARED_DIRECTORY_TYPES.includes(label.type);
}
