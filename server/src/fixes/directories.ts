/** Which directories may be given to the web server whole, and the form of a path that file contexts are about. */
import { nameOf } from "../base/paths.ts";
import type { FileUse } from "../selinux/filePermissions.ts";
import type { Policy } from "../selinux/policy.ts";
import { FILE_SYSTEM_TYPES, SHARED_DIRECTORY_TYPES } from "./purpose.ts";

/**
 * An absolute path without repeated slashes and `.` components, and without a trailing slash; null for a relative path
 * and for one with `..`, whose meaning depends on symbolic links.
 */
export function normalPath(path: string): string | null {
  if (!path.startsWith("/")) return null;
  if (!UNUSUAL.test(path)) return path;
  const parts = path.split("/").filter((part) => part !== "" && part !== ".");
  return parts.includes("..") ? null : `/${parts.join("/")}`;
}

/** A repeated slash, one at the end, or a part that begins with a dot. */
const UNUSUAL = /\/(?:[/.]|$)/u;

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
  if (isSystemPath(directory)) return false;
  const depth = directory.split("/").length - 1;
  const parent = APPLICATION_PARENTS.find((candidate) => directory.startsWith(`${candidate}/`));
  const leaf = nameOf(directory);
  if (parent === undefined && !(depth >= 3 && SOCKET_DIRECTORY.test(leaf))) return false;
  const label = policy.label(directory, "dir");
  return label.type === null || SHARED_DIRECTORY_TYPES.includes(label.type);
}

/** Directories that hold one directory per application or user: never labelled themselves, only what is below. */
const SHARED_PARENTS: readonly string[] = [
  "/",
  "/home",
  "/srv",
  "/opt",
  "/mnt",
  "/media",
  "/var",
  "/var/cache",
  "/var/lib",
  "/var/log",
  "/var/spool",
  "/var/www",
  "/run",
  "/var/run",
];

/** True for a directory that holds those of other applications, users or services too. */
export function isSharedParent(directory: string): boolean {
  return (
    directory === "" || SHARED_PARENTS.includes(directory) || ["/etc", "/tmp", "/var/tmp", "/root"].includes(directory)
  );
}

/** Directories that hold one directory of logs for each application (hier(7)). */
const LOG_PARENT = /^\/var\/log\/[^/]+/u;

/** Names of directories that hold nothing but logs. */
const LOG_DIRECTORY = /^(logs?|nginx|httpd|.*[-_.]logs?)$/u;

/** Types of files that belong to no other confined service, beside those that a directory may have. */
const SHARED_FILE_TYPES: readonly string[] = ["mnt_t", "var_log_t", "user_home_t", "httpd_sys_rw_content_t"];

/**
 * True for a directory that may be given to the web server whole, for this use: the application's own place, with a
 * general label. In a home only what lies below the user's own directory; a directory for logs or a single file only
 * where its name says that it holds nothing else.
 */
export function isOwnDirectory(policy: Policy, directory: string, use: FileUse): boolean {
  if (isKeptBySystem(directory, use) || SHARED_PARENTS.includes(directory)) return false;
  const parts = directory.split("/").slice(1);
  if (parts[0] === "home" && parts.length < 3) return false;
  const leaf = parts.at(-1) ?? "";
  if (use === "log" && !LOG_DIRECTORY.test(leaf) && !LOG_PARENT.test(directory)) return false;
  // What is beside a program is not for execution.
  if (use === "program") return false;
  if (use === "pid" && !SOCKET_DIRECTORY.test(leaf)) return false;
  const { type } = policy.label(directory, "dir");
  if (use === "certificate" || use === "config" || use === "code" || use === "module") {
    // A directory that the policy does not know, and that nginx includes: no other service has it.
    const isIncluded = use === "config" && type === "default_t" && parts.length > 1;
    if (!isIncluded && !NAMED[use].test(leaf) && !ACME.test(directory)) return false;
  }
  if (type === ROOT_HOME_TYPE && directory.startsWith("/root/")) return true;
  return type === null || SHARED_DIRECTORY_TYPES.includes(type) || SHARED_FILE_TYPES.includes(type);
}

/** The type of root's home and of most that is in it. */
const ROOT_HOME_TYPE = "admin_home_t";

/** Where acme.sh keeps the certificates of a name. */
const ACME = /\/\.acme\.sh\/[^/]+$/u;

/**
 * The system needs its places as they are; not what lies below root's home with the label of all that is there, nor a
 * directory that nginx alone writes in (`/usr/share/nginx/temp`).
 */
function isKeptBySystem(path: string, use: FileUse): boolean {
  if (!isSystemPath(path) || path.startsWith("/root/")) return false;
  return !(WRITTEN_BY_NGINX.includes(use) && /^\/usr\/(?:share|local)\/[^/]+\/[^/]+/u.test(path));
}

const WRITTEN_BY_NGINX: readonly FileUse[] = ["cache", "cache-moved", "temp"];

/** Names of directories that hold nothing but files of a use. */
const NAMED = {
  certificate: /^(certs?|certificates?|ssl|tls|keys?|pki|private|live)$/u,
  config: /^(nginx|conf(ig)?|conf\.d|sites-(enabled|available))$/u,
  code: /^(lua|njs|js|scripts?)$/u,
  module: /^modules$/u,
} as const;

/** True for a file that may get a label of its own for this use: not part of the system. */
export function isOwnFile(policy: Policy, path: string, use: FileUse): boolean {
  return !isKeptBySystem(path, use) && !SHARED_PARENTS.includes(path) && takesLabels(policy, path);
}

/** False on a file system without labels of its own. */
export function takesLabels(policy: Policy, path: string): boolean {
  return !FILE_SYSTEM_TYPES.includes(policy.label(path, "any").type ?? "");
}

function isSystemPath(path: string): boolean {
  return SYSTEM_TREES.some((tree) => path === tree || path.startsWith(`${tree}/`));
}

/** True for a path in the tree that nginx or OpenResty install to when they are built from source. */
export function isSourceBuild(path: string): boolean {
  return /^\/+usr\/+local\/+(nginx|openresty)(\/|$)/u.test(path);
}
