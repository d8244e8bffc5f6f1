/** All names of a configuration with their scopes: which places mean the same thing. */
import type { Configuration } from "../../nginx/load/configuration.ts";
import { ROOT, type Statement, type Tree } from "../../nginx/tree/tree.ts";
import { topContexts, type Context } from "./fileContexts.ts";
import { namesInStatement } from "./namesInStatement.ts";
import type { NameKind, NameSite } from "./nameSite.ts";

export interface NameSites {
  /** In the order of the files and of their statements. */
  readonly all: readonly NameSite[];
  /** The places that mean the same as this one, itself included, in the same order. */
  same(site: NameSite): readonly NameSite[];
  /** True where something else of the kind is defined as `name` and is known at one of the places that mean the same as this one. */
  isTaken(site: NameSite, name: string): boolean;
  /** The definitions that a statement in a block of a file can name: of the same module, and for locations of the same server. */
  within(kind: NameKind, file: number, block: Statement): readonly NameSite[];
}

const known = new WeakMap<Configuration, NameSites>();

/** The names of a configuration: linear in its statements, computed once. */
export function nameSites(configuration: Configuration): NameSites {
  let sites = known.get(configuration);
  if (sites === undefined) {
    sites = gather(configuration);
    known.set(configuration, sites);
  }
  return sites;
}

/** The name at a byte offset of a file, or right before it, as a cursor stands; undefined where there is none. */
export function siteAt(sites: NameSites, file: number, offset: number): NameSite | undefined {
  return sites.all.find((each) => each.file === file && each.span.start <= offset && offset <= each.span.end);
}

function gather(configuration: Configuration): NameSites {
  const all: NameSite[] = [];
  const byName = new Map<string, NameSite[]>();
  for (const [file, { tree }] of configuration.files.entries()) {
    for (let statement = 0; statement < tree.size; statement++) {
      for (const found of namesInStatement(tree, statement)) {
        const site: NameSite = { ...found, file, statement };
        all.push(site);
        const key = `${site.kind} ${site.name}`;
        const group = byName.get(key);
        if (group === undefined) byName.set(key, [site]);
        else group.push(site);
      }
    }
  }
  const scopes = createScopes(configuration);
  const same = (site: NameSite): readonly NameSite[] =>
    connected(byName.get(`${site.kind} ${site.name}`) ?? [], site, (each) => scopes.of(each));
  return {
    all,
    same,
    isTaken: (site, name) => {
      const known = new Set(same(site).flatMap((each) => [...scopes.of(each)]));
      const others = name === site.name ? [] : (byName.get(`${site.kind} ${name}`) ?? []);
      return others.some((other) => other.isDefinition && [...scopes.of(other)].some((scope) => known.has(scope)));
    },
    within: (kind, file, block) => {
      const here = scopes.inside(kind, file, block);
      return all.filter(
        (site) => site.isDefinition && site.kind === kind && [...scopes.of(site)].some((scope) => here.has(scope)),
      );
    },
  };
}

/** The sites that share a scope with one, directly or through others. */
function connected(
  group: readonly NameSite[],
  first: NameSite,
  scopesOf: (site: NameSite) => ReadonlySet<string>,
): readonly NameSite[] {
  const reached = new Set(scopesOf(first));
  const found = new Set<NameSite>([first]);
  for (let before = -1; before !== found.size;) {
    before = found.size;
    for (const site of group) {
      const scopes = found.has(site) ? null : scopesOf(site);
      if (scopes === null || ![...scopes].some((scope) => reached.has(scope))) continue;
      found.add(site);
      for (const scope of scopes) reached.add(scope);
    }
  }
  return group.filter((site) => found.has(site));
}

interface Scopes {
  /** Where a site's name is known: a module (`http`, `stream`, `mail`), and for a named location its `server` blocks. */
  of(site: NameSite): ReadonlySet<string>;
  /** The same for a name of a kind in a block. */
  inside(kind: NameKind, file: number, block: Statement): ReadonlySet<string>;
}

function createScopes(configuration: Configuration): Scopes {
  const contexts = topContexts(configuration);
  let servers: readonly ReadonlySet<string>[] | null = null;
  const inside = (kind: NameKind, file: number, block: Statement): ReadonlySet<string> => {
    const tree = configuration.files[file]?.tree;
    if (tree === undefined) return new Set();
    if (kind !== "location") return modulesOf(tree, block, contexts[file] ?? new Set());
    const server = around(tree, block, (name) => name === "server");
    servers ??= inheritedServers(configuration);
    return server === ROOT ? (servers[file] ?? new Set()) : new Set([`${file}:${server}`]);
  };
  return {
    of({ kind, file, statement }) {
      const tree = configuration.files[file]?.tree;
      return tree === undefined ? new Set() : inside(kind, file, tree.parent(statement));
    },
    inside,
  };
}

/** The modules whose names a block uses; those that its file is included in where neither it nor one around it says so. */
function modulesOf(tree: Tree, block: Statement, top: ReadonlySet<Context>): ReadonlySet<string> {
  const module = around(tree, block, (name) => name === "http" || name === "stream" || name === "mail");
  if (module !== ROOT) return new Set([tree.name(module)]);
  return new Set([...top].map((context) => (/^(?:stream|mail)/.exec(context) ?? ["http"])[0]));
}

/** The block itself or the nearest one around it with such a name, or ROOT. */
function around(tree: Tree, block: Statement, isWanted: (name: string) => boolean): Statement {
  let at = block;
  while (at !== ROOT && !isWanted(tree.name(at))) at = tree.parent(at);
  return at;
}

/** For each file the `server` blocks that include it, directly or through other files. */
function inheritedServers(configuration: Configuration): readonly ReadonlySet<string>[] {
  const servers = configuration.files.map(() => new Set<string>());
  for (let grew = true; grew;) {
    grew = false;
    for (const edge of configuration.includes.values()) {
      const tree = configuration.files[edge.file]?.tree;
      if (tree === undefined) continue;
      const server = around(tree, tree.parent(edge.statement), (name) => name === "server");
      const here = server === ROOT ? (servers[edge.file] ?? new Set<string>()) : new Set([`${edge.file}:${server}`]);
      for (const target of edge.targets) {
        const known = servers[target];
        if (known === undefined) continue;
        const before = known.size;
        for (const each of here) known.add(each);
        grew ||= known.size > before;
      }
    }
  }
  return servers;
}
