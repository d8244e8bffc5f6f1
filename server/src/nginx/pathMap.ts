/**
 * Where the paths of a configuration are to be read.
 *
 * On the machine that runs nginx a path is what it says. A copy elsewhere (a repository, a checked-out `/etc/nginx`, a
 * directory given as another machine's root) is read from the copy alone, never from this machine's own `/etc/nginx`.
 */

export interface Location {
  /** Directory that is taken literally, without a final slash; "" is the root of the file system. */
  readonly base: string;
  /** Path below it; may be a glob. */
  readonly rest: string;
  /** Below the configuration's own directory: what is missing there is missing for nginx too. */
  readonly own: boolean;
}

export interface PathMap {
  /** True where the configuration is not at the place for which it was written. */
  readonly copy: boolean;
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
  let root: string | null = options.root === undefined ? null : stripSlash(options.root);
  let installed = false;
  if (root === null) {
    // `/`, `//authority/`, `scheme://authority/` below which the file lies as it does on its own machine.
    const suffix = `${CONF_DIRECTORY}/nginx.conf`;
    if (isInstalled(directory)) installed = true;
    else if (mainPath.endsWith(suffix)) root = mainPath.slice(0, -suffix.length);
  } else if (root === "") {
    installed = true;
  }
  const copy = !installed;

  function below(base: string, relative: string, own: boolean): Location {
    let from = base;
    let rest = normalize(relative);
    while (rest.startsWith("../")) {
      from = directoryOf(from);
      rest = rest.slice(3);
    }
    return { base: from, rest, own };
  }

  function locateAbsolute(argument: string): Location | null {
    const path = `/${normalize(argument.slice(1))}`;
    if (installed) return { base: "", rest: path.slice(1), own: true };
    if (root !== null) {
      const own = path.startsWith(`${CONF_DIRECTORY}/`) || `${root}${path}`.startsWith(`${directory}/`);
      return below(root, path.slice(1), own);
    }
    if (path.startsWith(`${CONF_DIRECTORY}/`)) return below(directory, path.slice(CONF_DIRECTORY.length + 1), true);
    if (path.startsWith(`${directory}/`)) return below(directory, path.slice(directory.length + 1), true);
    return null;
  }

  function full(argument: string): string {
    if (argument.startsWith("/")) return argument;
    return `${options.confPrefix === undefined ? directory : stripSlash(options.confPrefix)}/${argument}`;
  }

  function prefixes(): Prefixes {
    const { confPrefix } = options;
    if (confPrefix?.startsWith("/") === true) return prefixesOf(normalizePath(confPrefix), true);
    if (installed) return prefixesOf(normalizePath(directory), true);
    if (root !== null && directory.startsWith(`${root}/`)) {
      return prefixesOf(normalizePath(directory.slice(root.length)), true);
    }
    return usualPrefixes;
  }

  return {
    copy,
    prefixes: prefixes(),
    locate(argument) {
      if (argument.startsWith("/")) return locateAbsolute(argument);
      if (options.confPrefix?.startsWith("/") === true) return locateAbsolute(full(argument));
      return below(directory, argument, true);
    },
    nginxPath: full,
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
