/**
 * URIs of the editor and paths of the engine. A `file:` URI is its path (`/etc/nginx/nginx.conf`, on Windows
 * `/c:/nginx.conf`); any other URI stands for itself: it can be read only while it is open.
 */

/** The engine's path of a document: decoded for `file:`, the URI itself otherwise. Never throws. */
export function pathOfUri(uri: string): string {
  const match = /^file:\/\/([^/?#]*)(\/[^?#]*)/i.exec(uri);
  if (match === null) return uri;
  const [, authority = "", path = ""] = match;
  const decoded = decode(path).replace(/^\/([A-Za-z]):/, (_, drive: string) => `/${drive.toLowerCase()}:`);
  return authority === "" || authority === "localhost" ? decoded : `//${authority}${decoded}`;
}

/** The `file:` URI of an absolute path, encoded as editors do; a path that is a URI already is returned as it is. */
export function uriOfPath(path: string): string {
  if (isUri(path)) return path;
  const [authority, rest] = path.startsWith("//") ? splitAuthority(path) : ["", path];
  return `file://${authority}${rest.split("/").map(encodeURIComponent).join("/")}`;
}

/** True for a path that is a URI: nothing on disk. */
export function isUri(path: string): boolean {
  return /^[A-Za-z][A-Za-z0-9+.-]*:/.test(path);
}

function splitAuthority(path: string): [string, string] {
  const slash = path.indexOf("/", 2);
  return slash < 0 ? [path.slice(2), "/"] : [path.slice(2, slash), path.slice(slash)];
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
