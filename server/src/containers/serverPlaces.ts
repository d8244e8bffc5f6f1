/** Where nginx has its configuration inside of images and containers, and which images hold an nginx. */
import { inDirectory, nameOf, parentOf } from "../base/paths.ts";
import { isGlob, matchComponent } from "../nginx/load/glob.ts";

/** Stands for what is not known in a path: the value of a variable. No path has this character. */
export const UNKNOWN = "\0";

/** PATH_MAX of Linux: nothing longer can be opened. */
const LONGEST_PATH = 4096;
/** Wildcards that are compared for one file. A build file has a few; a hostile one could make this slow. */
const MOST_PATTERNS = 500;

/** A path made absolute and free of `.` and `..`; null where it is too long for any file. */
export function absolutePath(base: string, path: string): string | null {
  if (base.length + path.length > LONGEST_PATH) return null;
  const parts: string[] = [];
  for (const part of (path.startsWith("/") ? path : `${base}/${path}`).split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return `/${parts.join("/")}`;
}

/**
 * Says how an absolute path covers the file `file`: "" where it is that file, the rest of the path where it is a
 * directory that holds it, null where it is something else. Wildcards are those of glob(3); what is `UNKNOWN` inside of
 * a name counts as `*`, but a last name that is all unknown may be anything and covers nothing.
 */
export type Cover = (path: string, file: string) => string | null;

export function createCover(): Cover {
  let patterns = 0;
  return (path, file) => {
    if (!isGlob(path) && !path.includes(UNKNOWN)) return coverOfPlain(path, file);
    if (++patterns > MOST_PATTERNS || path.endsWith(`/${UNKNOWN}`)) return null;
    const names = file.split("/");
    const wanted = path === "/" ? [""] : path.replaceAll(UNKNOWN, "*").split("/");
    if (wanted.length > names.length) return null;
    if (!wanted.every((pattern, i) => pattern === names[i] || matchComponent(pattern, names[i] ?? ""))) return null;
    return names.slice(wanted.length).join("/");
  };
}

function coverOfPlain(path: string, file: string): string | null {
  if (path === file) return "";
  const directory = inDirectory(path, "");
  return file.startsWith(directory) ? file.slice(directory.length) : null;
}

/** Where a file comes to lie. */
export interface Landing {
  /** The directory that was named: the one that holds the file, or the one into which a directory around it goes. */
  readonly directory: string;
  /** The file's path in the container. */
  readonly path: string;
  /** True where the file itself was named, and not a directory around it. */
  readonly named: boolean;
}

/**
 * Where `file` lies when the source that covers it by `rest` comes to `target`.
 * `into`: the target is a directory into which a file goes under its own name.
 */
export function landingOf(file: string, rest: string, target: string, into: boolean): Landing {
  if (rest !== "") return { directory: target, path: inDirectory(target, rest), named: false };
  if (into || SERVER_DIRECTORY.test(nameOf(target)))
    return { directory: target, path: inDirectory(target, nameOf(file)), named: true };
  return { directory: parentOf(target), path: target, named: true };
}

/** Names of directories that belong to nginx and what is made from it: `nginx`, `nginx-1.26`, `rh-nginx118`, `nginx.default.d`. */
const SERVER_DIRECTORY = /^(?:rh-)?(?:nginx|openresty|angie|tengine|freenginx)(?:-?\d[\w.]{0,20}|\.d|\.default\.d)?$/i;
/** The configuration directories of packages and images, for a tree that is laid out like `/`. */
const USUAL_PLACE =
  /^\/(?:etc|usr\/local|usr\/local\/etc|opt\/bitnami|config)\/(?:nginx|openresty|angie|tengine|freenginx)\//;
/** Places of served, written and logged files. A whole site that is copied there may hold unrelated files. */
const CONTENT =
  /^\/(?:usr\/share|var\/(?:www|log|cache|lib|run)|run)(?:\/|$)|\/(?:html|htdocs|www|public|static|wwwroot)(?:\/|$)/;

/** True for a place in which nginx looks for its configuration. */
export function isServersPlace({ directory, path, named }: Landing): boolean {
  if (isContent(path)) return false;
  if (directory.split("/").some((name) => SERVER_DIRECTORY.test(name))) return true;
  return !named && USUAL_PLACE.test(path);
}

/** True for a place in the middle of what is served: what lies there is no configuration, whatever the image. */
export function isContent(path: string): boolean {
  return CONTENT.test(parentOf(path));
}

const SERVER_IN_IMAGE = /(?:^|[/_.:@-])(?:nginx|openresty|angie|tengine|freenginx|swag)(?:[/_.:@-]|\d|$)/i;

/** True for the name of an image that holds an nginx: `nginx:alpine`, `bitnami/nginx`, `ubi9/nginx-124`, `php:fpm-nginx`. */
export function isServersImage(reference: string): boolean {
  const [registry = "", ...rest] = reference.slice(0, LONGEST_PATH).split("/");
  const hasRegistry = rest.length > 0 && /[.:]|^localhost$/.test(registry);
  const name = (hasRegistry ? rest : [registry, ...rest]).join("/");
  return SERVER_IN_IMAGE.test(name) && !/exporter|nginx\/unit/i.test(name);
}

/** True for a word that starts or installs nginx: `nginx`, `/usr/sbin/nginx`, `nginx-extras`, `nginx=1.26*`. */
export function isServersName(word: string): boolean {
  const name = nameOf(word);
  return /^(?:nginx|openresty|angie|tengine|freenginx)(?:$|[-=:*\d])/i.test(name) && !/exporter/i.test(name);
}
