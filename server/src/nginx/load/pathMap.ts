/**
 * Where the paths of a configuration are to be read.
 *
 * On the machine that runs nginx a path is what it says. A copy elsewhere (a repository, a checked-out `/etc/nginx`, a
 * directory given as another machine's root) is read from the copy alone, never from this machine's own `/etc/nginx`.
 */

import { isWhole, placeOf, type CopyMap } from "../../host/copyMap.ts";

export interface Location {
  /** Directory that is taken literally, without a final slash; "" is the root of the file system. */
  readonly base: string;
  /** Path below it; may be a glob. */
  readonly rest: string;
  /** Below the configuration's own directory: what is missing there is missing for nginx too. */
  readonly own: boolean;
}

export interface PathMap {
  /** Where the machine's files lie for a configuration that is not at the place for which it was written; else null. */
  readonly copy: CopyMap | null;
  /** Where to read the argument of an include; null where it lies outside of everything that the copy holds. */
  locate(argument: string): Location | null;
  /** The full path that nginx would name in a message. */
  nginxPath(argument: string): string;
  readonly prefixes: Prefixes;
}

export interface PathMapOptions {
  /** Directory that holds a copy of another machine's `/`. */
  readonly root?: string;
  /** What relative includes are relative to, as nginx would name it. Default: the directory of the main file. */
  readonly confPrefix?: string;
}

const CONF_DIRECTORY = "/etc/nginx";

/** The directory part of a path or URI, without a final slash; "" for a file in the root. */
export function directoryOf(path: string): string {
  const slash = path.lastIndexOf("/");
  return slash < 0 ? "." : path.slice(0, slash);
}

/** What relative paths of directives are relative to, as nginx names it on the machine for which they were written. */
export interface Prefixes {
  /** The directory of nginx.conf. */
  readonly conf: string;
  /** False where the main file is somewhere else than on that machine, or not known: then `conf` is the usual one. */
  readonly confKnown: boolean;
  /** `--prefix` of the build. */
  readonly prefix: string;
  /** False where `prefix` is the one of the distributions' packages; the packages of nginx.org have another. */
  readonly prefixKnown: boolean;
}

/** `nginx -V` of Fedora, RHEL and Debian. */
const PACKAGED_PREFIX = "/usr/share/nginx";

function prefixesOf(conf: string, confKnown: boolean): Prefixes {
  // A build of one's own has everything below one directory: /usr/local/nginx/conf/nginx.conf.
  const own = confKnown ? /^(\/(?:usr\/local|opt)\/.*)\/conf$/.exec(conf)?.[1] : undefined;
  return { conf, confKnown, prefix: own ?? PACKAGED_PREFIX, prefixKnown: own !== undefined };
}

/** Where nothing tells where the main file is: of a lone fragment, of a copy. */
export const usualPrefixes: Prefixes = prefixesOf(CONF_DIRECTORY, false);

/** An absolute path without `.`, `..`, doubled slashes and a final slash: what the words say, links aside. */
export function normalizePath(path: string): string {
  let rest = normalize(path.slice(1));
  while (rest.startsWith("../")) rest = rest.slice(3);
  return rest === ".." ? "/" : `/${rest}`;
}

/** Resolves `.`, `..` and doubled slashes in the words of a path, not in the file system. Keeps leading `..`. */
function normalize(path: string): string {
  if (!/(?:^|\/)\.{0,2}(?:\/|$)/.test(path)) return path;
  const out: string[] = [];
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part === ".." && out.length > 0 && out.at(-1) !== "..") out.pop();
    else out.push(part);
  }
  return out.join("/");
}

function stripSlash(path: string): string {
  return path.endsWith("/") ? path.slice(0, -1) : path;
}

/** True for main files in places where only installed software lives. */
function isInstalled(directory: string): boolean {
  return /^\/(?:etc|usr)(?:\/|$)/.test(directory);
}

/** @param mainPath absolute path or URI under which the main file is read */
export function createPathMap(mainPath: string, options: PathMapOptions = {}): PathMap {
  const directory = directoryOf(mainPath);
  const root = rootOf(mainPath, options.root);
  const isBelowRoot = root !== null && directory.startsWith(`${root}/`);
  /** The main file's directory on the machine. */
  const confDirectory = root === "" ? directory : isBelowRoot ? directory.slice(root.length) : CONF_DIRECTORY;
  const copy = root === "" ? null : root === null ? lonelyCopy(directory) : wholeCopy(root, directory, confDirectory);

  function locate(argument: string): Location | null {
    const { confPrefix } = options;
    const isRelative = !argument.startsWith("/") && confPrefix?.startsWith("/") !== true;
    const path = normalizePath(isRelative ? `${confDirectory}/${argument}` : full(argument));
    // The names of the main file's directory are no patterns, whatever is in them.
    if (isRelative && path.startsWith(`${confDirectory}/`))
      return { base: directory, rest: path.slice(confDirectory.length + 1), own: true };
    if (copy === null) return { base: "", rest: path.slice(1), own: true };
    const mount = placeOf(copy, path, isRelative)?.mount;
    if (mount === undefined) return null;
    return { base: mount.here, rest: path.slice(mount.machine.length + 1), own: isRelative || isWhole(copy, path) };
  }

  function full(argument: string): string {
    if (argument.startsWith("/")) return argument;
    return `${options.confPrefix === undefined ? directory : stripSlash(options.confPrefix)}/${argument}`;
  }

  function prefixes(): Prefixes {
    const { confPrefix } = options;
    if (confPrefix?.startsWith("/") === true) return prefixesOf(normalizePath(confPrefix), true);
    return root === "" || isBelowRoot ? prefixesOf(normalizePath(confDirectory), true) : usualPrefixes;
  }

  return { copy, prefixes: prefixes(), locate, nginxPath: full };
}

/**
 * The directory that stands for the machine's `/`, without a final slash: "" where the main file is at its own place;
 * null for a copy of the main file's directory alone.
 */
function rootOf(mainPath: string, wanted: string | undefined): string | null {
  if (wanted !== undefined) return stripSlash(wanted);
  if (isInstalled(directoryOf(mainPath))) return "";
  // `/`, `//authority/`, `scheme://authority/` below which the file lies as it does on its own machine.
  const suffix = `${CONF_DIRECTORY}/nginx.conf`;
  return mainPath.endsWith(suffix) ? mainPath.slice(0, -suffix.length) : null;
}

/** A copy of a machine's `/`. What lacks in the directory of the main file, or in /etc/nginx, lacks on the machine. */
function wholeCopy(root: string, directory: string, confDirectory: string): CopyMap {
  const all = { machine: "", here: root, isCopied: true };
  // A main file that lies elsewhere: its relative includes lie beside it.
  const own = { machine: CONF_DIRECTORY, here: directory, isCopied: false };
  return {
    mounts: root + confDirectory === directory ? [all] : [own, all],
    whole: [CONF_DIRECTORY, confDirectory],
  };
}

/**
 * A copy of the main file's directory, which stands for /etc/nginx. What lies beside that directory, and beside the one
 * above it, can be meant by a relative path, as in a repository that several hosts share.
 */
function lonelyCopy(directory: string): CopyMap {
  const own = { machine: CONF_DIRECTORY, here: directory, isCopied: true };
  const above = directoryOf(directory);
  const around = [
    { machine: directoryOf(CONF_DIRECTORY), here: above, isCopied: false },
    { machine: "", here: directoryOf(above), isCopied: false },
  ];
  return {
    mounts: [own, { ...own, machine: directory }, ...around.filter(({ here }) => here.includes("/"))],
    whole: [CONF_DIRECTORY, directory],
  };
}

/** Files that distributions install beside nginx.conf; people seldom copy them, and none of them connects anywhere. */
const packaged: ReadonlySet<string> = new Set([
  "mime.types",
  "fastcgi_params",
  "fastcgi.conf",
  "uwsgi_params",
  "scgi_params",
  "proxy_params",
  "koi-utf",
  "koi-win",
  "win-utf",
  "snippets/fastcgi-php.conf",
  "snippets/snakeoil.conf",
]);

/** True for a file that a package supplies, so that a copy without it is not mistaken. `rest` is below the conf prefix. */
export function isPackagedFile(rest: string): boolean {
  for (const name of packaged) {
    if (rest === name || rest.endsWith(`/${name}`)) return true;
  }
  return false;
}
