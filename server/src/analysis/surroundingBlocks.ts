/** Which `server` and `location` a place is in, and whether a request was for them. */
import { firstPosition } from "../base/search.ts";
import type { Place } from "../nginx/access.ts";
import type { Configuration } from "../nginx/load/configuration.ts";
import { ROOT, type Statement, type Tree } from "../nginx/tree/tree.ts";

/** How well a place fits a request: the length of the location's prefix that matches; null where the request was for another. */
export function fitOf(configuration: Configuration, place: Place, request: Request): number | null {
  let fit = 0;
  for (const { tree, statement } of blocksAround(configuration, place)) {
    const name = tree.name(statement);
    if (name === "location") {
      const match = locationFit(tree, statement, request.path);
      if (match === null) return null;
      fit += match;
    } else if (name === "server" && request.server !== null && request.server !== "") {
      const names = serverNames(tree, statement);
      if (names !== null && names.length > 0 && !names.includes(request.server)) {
        // `server:` in the log is the first name; without names it is the address.
        if (!/^[\d.:[\]*_]+$/u.test(request.server)) return null;
      } else if (names?.[0] === request.server) fit += 10_000;
    }
  }
  return fit;
}

export interface Request {
  /** Path of the request or of the subrequest, without arguments; null where there is none. */
  readonly path: string | null;
  /** First name of the server, as nginx logs it. */
  readonly server: string | null;
}

/** The request that a line of nginx's tells. */
export function requestOf(said: Readonly<Record<string, string>>): Request {
  const uri = said.subrequest ?? /^\S+ (\S+)/u.exec(said.request ?? "")?.[1];
  return { path: uri === undefined ? null : (uri.split("?")[0] ?? null), server: said.server ?? null };
}

function locationFit(tree: Tree, location: Statement, path: string | null): number | null {
  if (path === null) return 0;
  const first = tree.wordCount(location) > 1 ? tree.word(location, 1) : "";
  // Named locations and regular expressions are reached in ways that the request does not tell.
  if (first.startsWith("@") || first === "~" || first === "~*") return 0;
  const pattern =
    first === "=" || first === "^~" ? (tree.wordCount(location) > 2 ? tree.word(location, 2) : "") : first;
  if (pattern.startsWith("~") || pattern.startsWith("@")) return 0;
  const matches = first === "=" ? path === pattern : path.startsWith(pattern);
  return matches ? pattern.length : null;
}

function serverNames(tree: Tree, server: Statement): readonly string[] | null {
  for (let s = tree.firstChild(server); s >= 0; s = tree.nextSibling(s)) {
    if (tree.name(s) !== "server_name") continue;
    return Array.from({ length: tree.wordCount(s) - 1 }, (_, i) => tree.word(s, i + 1));
  }
  return null;
}

interface Block {
  readonly tree: Tree;
  readonly statement: Statement;
}

/** The statements around a place, the innermost first, through includes. */
function blocksAround(configuration: Configuration, place: Place): readonly Block[] {
  const blocks: Block[] = [];
  let { file } = place;
  const tree = configuration.files[file]?.tree;
  let at = tree === undefined ? ROOT : statementAt(tree, place.span.start);
  // An include can be reached in several ways; the first one is told.
  for (let depth = 0; depth < 64; depth++) {
    const here = configuration.files[file]?.tree;
    if (here === undefined) return blocks;
    for (let s = at; s !== ROOT; s = here.parent(s)) blocks.push({ tree: here, statement: s });
    const edge = [...configuration.includes.values()].find(({ targets }) => targets.includes(file));
    if (edge === undefined || edge.file === file) return blocks;
    file = edge.file;
    at = edge.statement;
  }
  return blocks;
}

/** The innermost statement that holds a byte; ROOT where none does. */
export function statementAt(tree: Tree, offset: number): Statement {
  // Preorder: the last statement that begins at or before the byte, or one of its parents.
  let s = firstPosition(tree.size, (each) => tree.span(each).start > offset) - 1;
  while (s >= 0 && tree.span(s).end <= offset) s = tree.parent(s);
  return s < 0 ? ROOT : s;
}
