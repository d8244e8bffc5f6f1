/** Snapshots of a policy file or host: what is needed to answer for some domains, in the format of `snapshot.ts`. */
import { always, evaluateCondition, renderCondition } from "../conditions.ts";
import { kindFlag } from "../fileContexts.ts";
import { fileNeeds, fileUses } from "../filePermissions.ts";
import type { FileContextLists } from "../fileContextLists.ts";
import type { Condition, PolicyContents, PolicyFacts } from "../policy.ts";
import {
  distancesOf,
  SnapshotError,
  snapshotFormat,
  snapshotVersion,
  writeTypes,
  type SnapshotFile,
  type SnapshotRules,
} from "./snapshot.ts";

/** How a snapshot is called. */
export interface SnapshotNames {
  readonly name: string;
  readonly title: string;
  readonly provenance: string;
}

/** Where services begin: what it executes enters the services' domains. */
const init = "init_t";

/** Permissions that are asked about beside those of files. */
const otherPermissions: readonly (readonly [cls: string, permissions: readonly string[]])[] = [
  ["tcp_socket", ["name_connect", "name_bind", "node_bind"]],
  ["udp_socket", ["name_bind", "node_bind"]],
  ["unix_stream_socket", ["connectto"]],
  ["unix_dgram_socket", ["sendto"]],
  ["sock_file", ["write", "create", "unlink", "getattr", "setattr"]],
  ["lnk_file", ["read", "getattr"]],
  ["process", ["setrlimit", "execmem"]],
  ["capability", ["net_raw", "sys_resource", "net_admin", "dac_override", "dac_read_search"]],
  ["netlink_netfilter_socket", ["create"]],
];

/**
 * The facts as a snapshot that gives the same answers for these domains; the first one is nginx's. Labels are the
 * policy's own where it knows them. Throws SnapshotError for facts that cannot list what they hold (a snapshot is one
 * already), or that lack a domain.
 */
export function writeSnapshot(facts: PolicyFacts, domains: readonly string[], names: SnapshotNames): SnapshotFile {
  const { contents } = facts;
  if (contents === undefined) throw new SnapshotError("only the policy of a host or of a policy file can be written");
  const [domain] = domains;
  if (domain === undefined) throw new SnapshotError("a snapshot needs a domain");
  const stranger = domains.find((name) => facts.resolveType(name) !== name);
  if (stranger !== undefined) throw new SnapshotError(`the policy has no type ${stranger}`);
  const types = [...contents.types].toSorted();
  const at = positionsIn(types);
  const conditions = new Conditions();
  const tablesBy = (targetsOf: TargetsOf): SnapshotRules =>
    Object.fromEntries(
      domains.map((source) => [
        source,
        Object.fromEntries(
          [...askedPermissions()].flatMap(([cls, permission]) => {
            const table = targetsOf(source, cls, permission);
            return table === null ? [] : [[`${cls} ${permission}`, tableText(table, at, conditions)] as const];
          }),
        ),
      ]),
    );
  const rules = tablesBy((source, cls, permission) => ruleTable(facts, contents, source, cls, permission));
  const dontaudit = tablesBy((source, cls, permission) =>
    isDefined(contents, cls, permission) ? contents.dontauditTargets(source, cls, permission) : null,
  );
  return {
    format: snapshotFormat,
    version: snapshotVersion,
    ...names,
    domain,
    permissive: types.filter((name) => facts.isPermissive(name)),
    types: writeTypes(types),
    allTypes: true,
    noTypes: [],
    aliases: [...contents.aliases].map(([alias, type]) => [alias, at(type)]),
    ports: facts.ports.map(({ protocol, low, high, type }) => [protocol, low, high, at(type)]),
    localPorts: facts.ports.filter(({ local }) => local === true).length,
    defaultPortType: at(facts.defaultPortType),
    booleans: Object.fromEntries(facts.booleans),
    since: Object.fromEntries(facts.booleanSince),
    conditions: conditions.texts,
    rules,
    dontaudit,
    ...transitionTables(facts, contents, domains, at),
    ...labelTables(facts, contents.fileContexts, at),
  };
}

/** Position of each type. Throws SnapshotError for a name that is none. */
function positionsIn(types: readonly string[]): (name: string) => number {
  const positions = new Map(types.map((name, position) => [name, position]));
  return (name) => {
    const position = positions.get(name);
    if (position === undefined) throw new SnapshotError(`the policy has no type ${name}`);
    return position;
  };
}

/** Every class and permission that a decision, a fix or what it opens asks about. */
function* askedPermissions(): Generator<readonly [cls: string, permission: string], void> {
  for (const [cls, permissions] of otherPermissions) for (const permission of permissions) yield [cls, permission];
  // Permissions of every use, and those that undo them: tables for each use apart would say the same.
  const files = new Set(["getattr", "setattr", "unlink", "map", "execute"]);
  const directories = new Set(["getattr", "setattr", "open", "read", "create", "rmdir", "remove_name"]);
  for (const use of fileUses) {
    const { file, dir, makes } = fileNeeds(use);
    for (const permission of [...file, ...(makes?.file ?? [])]) files.add(permission);
    for (const permission of [...dir, ...(makes?.dir ?? [])]) directories.add(permission);
  }
  for (const permission of files) yield ["file", permission];
  for (const permission of directories) yield ["dir", permission];
}

type Targets = ReadonlyMap<string, readonly Condition[]>;
/** Null where the policy cannot tell: then the snapshot cannot either. */
type TargetsOf = (source: string, cls: string, permission: string) => Targets | null;

function isDefined(contents: PolicyContents, cls: string, permission: string): boolean {
  return contents.permissions.get(cls)?.includes(permission) === true;
}

/** Null where the policy cannot tell: then the snapshot cannot either. */
function ruleTable(
  facts: PolicyFacts,
  contents: PolicyContents,
  source: string,
  cls: string,
  permission: string,
): Targets | null {
  if (isDefined(contents, cls, permission)) return facts.targets(source, cls, permission);
  // A permission that the policy does not define is handled alike for all types (kernel services.c).
  const answer = facts.rules(source, source, cls, permission);
  if (!answer.known) return null;
  return new Map(answer.conditions.length === 0 ? [] : contents.types.map((type) => [type, [always]]));
}

/** Conditions by their text, each once; the first one is the unconditional one. */
class Conditions {
  readonly texts: string[] = [""];
  readonly #positions = new Map([["", 0]]);

  positionOf(condition: Condition): number {
    const text = condition.op === "true" ? "" : renderCondition(condition);
    let position = this.#positions.get(text);
    if (position === undefined) {
      position = this.texts.length;
      this.texts.push(text);
      this.#positions.set(text, position);
    }
    return position;
  }
}

function tableText(
  table: Targets,
  at: (name: string) => number,
  conditions: Conditions,
): readonly (readonly [number, readonly number[]])[] {
  const byCondition = new Map<number, Set<number>>();
  for (const [target, each] of table) {
    for (const condition of each) {
      const position = conditions.positionOf(condition);
      const targets = byCondition.get(position);
      if (targets === undefined) byCondition.set(position, new Set([at(target)]));
      else targets.add(at(target));
    }
  }
  return [...byCondition].map(([position, targets]) => [position, distancesOf([...targets].toSorted((a, b) => a - b))]);
}

/** Conditional transitions count under the facts' own booleans, as they do in the facts. */
function transitionTables(
  facts: PolicyFacts,
  contents: PolicyContents,
  domains: readonly string[],
  at: (name: string) => number,
): Pick<SnapshotFile, "fileTransitions" | "nameTransitions" | "processTransitions"> {
  const fileTransitions: (readonly [string, number, string, number])[] = [];
  const nameTransitions: (readonly [string, number, string, number, string])[] = [];
  const processTransitions: (readonly [string, number, string])[] = [];
  const sources = new Set([...domains, ...(facts.resolveType(init) === init ? [init] : [])]);
  for (const source of sources) {
    for (const { target, cls, newType, condition, name } of contents.transitionsFrom(source)) {
      if (!evaluateCondition(condition, (boolean) => facts.booleans.get(boolean) ?? false)) continue;
      if (cls === "process") processTransitions.push([source, at(target), newType]);
      else if (!domains.includes(source)) continue;
      else if (name === null) fileTransitions.push([source, at(target), cls, at(newType)]);
      else nameTransitions.push([source, at(target), cls, at(newType), name]);
    }
  }
  return { fileTransitions, nameTransitions, processTransitions };
}

function labelTables(
  facts: PolicyFacts,
  lists: FileContextLists | undefined,
  at: (name: string) => number,
): Pick<SnapshotFile, "equivalences" | "localEquivalences" | "exactLabels" | "fileContexts" | "definedFileContexts"> {
  if (lists === undefined) {
    return { equivalences: [], localEquivalences: [], exactLabels: false, fileContexts: [], definedFileContexts: [] };
  }
  const { specs, defined, subs, subsDist } = lists;
  return {
    equivalences: subsDist.map(({ from, to }) => [from, to]),
    localEquivalences: subs.map(({ from, to }) => [from, to]),
    exactLabels: true,
    fileContexts: specs.map(({ regex, kind, type }) => {
      const real = type === null ? null : (facts.resolveType(type) ?? null);
      return [regex, kindFlag(kind), real === null ? -1 : at(real)];
    }),
    definedFileContexts: distancesOf(
      specs.flatMap(({ regex, kind }, position) => (kind === "any" && defined.has(regex) ? [position] : [])),
    ),
  };
}
