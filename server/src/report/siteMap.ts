/** Which site of a configuration leads to which port or socket, and through which upstream: the data of the page's map. */
import type { Analysis } from "../analysis/analysis.ts";
import { statementAt } from "../analysis/ignoreComments.ts";
import { lineIndexOf } from "../nginx/tree/lineIndexes.ts";
import type { Place } from "../nginx/access.ts";
import { ROOT, type Statement, type Tree } from "../nginx/tree/tree.ts";
import type { ReportDecision } from "./report.ts";

/** A `server` block by its first name; what stands outside of all of them is the `main` site of its file. */
export interface Site {
  readonly name: string;
  readonly file: string;
  /** Zero-based. */
  readonly line: number;
}

export interface SiteLink {
  readonly site: Site;
  /** Name of the upstream in which the target stands; null where it stands in the directive itself. */
  readonly upstream: string | null;
  readonly access: ReportDecision;
}

/** The links of a configuration, refused targets first. `decisions`: those of `analysis.accesses`, in their order. */
export function siteLinks(analysis: Analysis, decisions: readonly ReportDecision[]): readonly SiteLink[] {
  const { files } = analysis.configuration;
  const sites = new Map<string, Site>();
  const siteOf = ({ file, span }: Place): Site => {
    const found = files[file];
    const server = found === undefined ? ROOT : enclosing(found.tree, span.start, "server");
    const key = `${file}:${server}`;
    let site = sites.get(key);
    if (site === undefined) {
      site = found === undefined ? { name: "main", file: "", line: 0 } : siteNamed(found.tree, server, found.path);
      sites.set(key, site);
    }
    return site;
  };
  const links = analysis.accesses.flatMap((access, i): readonly SiteLink[] => {
    const decision = decisions[i];
    if (decision === undefined || access.protocol === "file" || access.protocol === "process") return [];
    const places = access.via.length === 0 ? [access] : access.via;
    const upstream = upstreamAround(files[access.file]?.tree, access.span.start);
    return [...new Set(places.map(siteOf))].map((site) => ({ site, upstream, access: decision }));
  });
  return links.toSorted((a, b) => order.indexOf(a.access.verdict) - order.indexOf(b.access.verdict));
}

const order: readonly ReportDecision["verdict"][] = ["denied", "unknown", "allowed"];

/** The innermost block with this name around an offset; ROOT where there is none. */
function enclosing(tree: Tree, offset: number, name: string): Statement {
  let statement = statementAt(tree, offset);
  while (statement >= 0 && !(tree.name(statement) === name && tree.firstChild(statement) >= 0))
    statement = tree.parent(statement);
  return statement;
}

function upstreamAround(tree: Tree | undefined, offset: number): string | null {
  if (tree === undefined) return null;
  const block = enclosing(tree, offset, "upstream");
  return block < 0 || tree.wordCount(block) < 2 ? null : tree.word(block, 1);
}

/** Named by its first name, else by its first `listen`. */
function siteNamed(tree: Tree, server: Statement, file: string): Site {
  if (server < 0) return { name: "outside of all servers", file, line: 0 };
  const { line } = lineIndexOf(tree).positionAt(tree.span(server).start);
  const name = firstArgument(tree, server, "server_name", (word) => word !== "" && word !== "_");
  const listen = name ?? firstArgument(tree, server, "listen", () => true);
  return { name: name ?? (listen === null ? "server" : `listen ${listen}`), file, line };
}

function firstArgument(
  tree: Tree,
  block: Statement,
  directive: string,
  fits: (word: string) => boolean,
): string | null {
  for (let child = tree.firstChild(block); child >= 0; child = tree.nextSibling(child)) {
    if (tree.name(child) !== directive) continue;
    for (let i = 1; i < tree.wordCount(child); i++) {
      const word = tree.word(child, i);
      if (fits(word)) return word;
    }
  }
  return null;
}
