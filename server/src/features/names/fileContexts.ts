/** In which contexts the statements of a configuration's files stand, through includes: one file may have several. */
import type { Configuration, IncludeEdge } from "../../nginx/load/configuration.ts";
import { ROOT, type Statement, type Tree } from "../../nginx/tree/tree.ts";

/** Contexts as the directive table names them: `main`, `http`, `server`, `stream.server`, `if-in-location`, ... */
export type Context = string;

/** The block that a directive opens, by the context it stands in (the `*_conf_t` commands of nginx's core modules). */
const inside: Readonly<Record<string, Readonly<Record<string, Context>>>> = {
  main: { events: "events", http: "http", stream: "stream", mail: "mail" },
  http: { server: "server", upstream: "upstream" },
  server: { location: "location", if: "if-in-server" },
  location: { location: "location", if: "if-in-location", limit_except: "limit_except" },
  stream: { server: "stream.server", upstream: "stream.upstream" },
  mail: { server: "mail.server" },
};

const known = new WeakMap<Configuration, readonly ReadonlySet<Context>[]>();

/** The contexts of each file's top-level statements, by the file's index. Computed once per configuration. */
export function topContexts(configuration: Configuration): readonly ReadonlySet<Context>[] {
  let contexts = known.get(configuration);
  if (contexts === undefined) {
    contexts = gather(configuration);
    known.set(configuration, contexts);
  }
  return contexts;
}

/** The contexts in which the children of a block stand; those of the whole file for ROOT. Empty for a block of data or of another module. */
export function contextsInside(configuration: Configuration, file: number, block: Statement): ReadonlySet<Context> {
  const tree = configuration.files[file]?.tree;
  const top = topContexts(configuration)[file];
  return tree === undefined || top === undefined ? new Set() : below(tree, block, top);
}

/** Goes down the blocks around a statement, outermost first. */
function below(tree: Tree, block: Statement, top: ReadonlySet<Context>): ReadonlySet<Context> {
  const names: string[] = [];
  for (let s = block; s !== ROOT; s = tree.parent(s)) names.push(tree.name(s));
  let contexts = top;
  for (const name of names.toReversed()) {
    contexts = new Set([...contexts].flatMap((context) => inside[context]?.[name] ?? []));
  }
  return contexts;
}

/** Each include hands its contexts to its files, until no file gets a new one. */
function gather(configuration: Configuration): readonly ReadonlySet<Context>[] {
  const contexts = configuration.files.map(() => new Set<Context>());
  contexts[0]?.add(configuration.fragmentContext ?? "main");
  const edges = edgesByFile(configuration);
  const waiting = [0];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    const tree = configuration.files[file]?.tree;
    const top = contexts[file];
    if (tree === undefined || top === undefined) continue;
    for (const { statement, targets } of edges.get(file) ?? []) {
      const here = below(tree, tree.parent(statement), top);
      for (const target of targets) if (addAll(contexts[target], here)) waiting.push(target);
    }
  }
  return contexts;
}

function edgesByFile(configuration: Configuration): ReadonlyMap<number, readonly IncludeEdge[]> {
  const edges = new Map<number, IncludeEdge[]>();
  for (const edge of configuration.includes.values()) {
    const known = edges.get(edge.file);
    if (known === undefined) edges.set(edge.file, [edge]);
    else known.push(edge);
  }
  return edges;
}

/** True where the set grew. */
function addAll(set: Set<Context> | undefined, more: ReadonlySet<Context>): boolean {
  if (set === undefined) return false;
  const before = set.size;
  for (const each of more) set.add(each);
  return set.size > before;
}
