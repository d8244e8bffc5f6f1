/**
 * Packs measured facts about distributions' policies into the bundled snapshots.
 *
 *     node scripts/pack-policy.ts FACTS_DIR OUT_DIR
 *
 * docs/bundled-policies.md has the format of FACTS_DIR. OUT_DIR gets `<release>.json.br` for every release that the
 * facts name. The snapshots are committed: the build does not need the facts.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { argv, exit } from "node:process";
import { brotliCompressSync, constants } from "node:zlib";
import { escapePath, generaliseLabels } from "./generalise-labels.ts";
import type { LabelProbe } from "./generalise-labels.ts";
import { kindFlag } from "../server/src/selinux/fileContexts.ts";
import type { FileContextSpec, FileKind, PathEquivalence } from "../server/src/selinux/fileContextLists.ts";
import {
  distancesOf,
  snapshotFacts,
  snapshotFormat,
  snapshotVersion,
  writeTypes,
} from "../server/src/selinux/files/snapshot.ts";
import type { SnapshotFile, SnapshotRules } from "../server/src/selinux/files/snapshot.ts";

/** Target types under each condition: `always`, or a boolean expression. */
interface MeasuredRules {
  readonly [classPermission: string]: { readonly [condition: string]: readonly string[] };
}

/** A release's measured tables: `<release>.json`. */
interface ReleaseFacts {
  readonly name: string;
  readonly title: string;
  readonly provenance: string;
  readonly source: string;
  readonly sourcePermissive: boolean;
  readonly defaultPortType: string;
  readonly ports: readonly (readonly [string, number, number, string])[];
  readonly booleans: { readonly [name: string]: boolean };
  readonly since?: { readonly [name: string]: string };
  readonly allow: MeasuredRules;
  /** Only the class-permissions for which there are rules: the others that `allow` has were looked for and have none. */
  readonly dontaudit: MeasuredRules;
  readonly types: {
    readonly [name: string]: { readonly exists: boolean; readonly real?: string; readonly aliases?: readonly string[] };
  };
  readonly aliases: { readonly [alias: string]: string };
  readonly fileTransitions: readonly (readonly [string, string, string])[];
  readonly processTransitions: readonly (readonly [string, string, string])[];
}

/** `default-labels.json`. */
interface LabelFacts {
  readonly releases: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly patterns: readonly (readonly string[])[];
}

/** `defined-file-contexts.json`. */
interface DefinedFacts {
  readonly directories: { readonly [directory: string]: readonly string[] };
}

/** `equivalences.json`: by release the lines of file_contexts.subs_dist, in the file's order. */
interface EquivalenceFacts {
  readonly equivalences: { readonly [release: string]: readonly (readonly [from: string, to: string])[] };
}

/** What the files that are about all releases say of one. */
interface PathFacts {
  readonly rows: readonly LabelProbe[];
  readonly patterns: readonly LabelProbe[];
  readonly defined: readonly string[];
  readonly equivalences: readonly PathEquivalence[];
}

function pathFactsOf(
  release: string,
  labels: LabelFacts,
  { directories }: DefinedFacts,
  { equivalences }: EquivalenceFacts,
): PathFacts {
  const column = labels.releases.indexOf(release);
  const lines = equivalences[release];
  if (lines === undefined) throw new Error(`equivalences.json has nothing for ${release}`);
  return {
    rows: probesOf(labels.rows, column),
    patterns: probesOf(labels.patterns, column),
    defined: Object.entries(directories).flatMap(([directory, having]) => (having.includes(release) ? directory : [])),
    equivalences: lines.map(([from, to]) => ({ from, to })),
  };
}

/** All types that a snapshot must be able to name, without aliases, sorted. */
function typesOf(
  facts: ReleaseFacts,
  specs: readonly FileContextSpec[],
  aliases: ReadonlyMap<string, string>,
): string[] {
  const types = new Set<string>([facts.defaultPortType, facts.source, ...aliases.values()]);
  for (const [, , , type] of facts.ports) types.add(type);
  for (const table of [...Object.values(facts.allow), ...Object.values(facts.dontaudit)])
    for (const names of Object.values(table)) names.forEach((name) => types.add(name));
  for (const { type } of specs) if (type !== null) types.add(type);
  for (const [directory, , type] of facts.fileTransitions) types.add(directory).add(type);
  for (const [domain, executable, target] of facts.processTransitions) types.add(domain).add(executable).add(target);
  for (const [name, { exists, real }] of Object.entries(facts.types)) if (exists) types.add(real ?? name);
  for (const alias of aliases.keys()) types.delete(alias);
  return [...types].sort();
}

function aliasesOf(facts: ReleaseFacts): ReadonlyMap<string, string> {
  const aliases = new Map(Object.entries(facts.aliases));
  for (const { real, aliases: others } of Object.values(facts.types)) {
    for (const alias of others ?? []) if (real !== undefined && alias !== real) aliases.set(alias, real);
  }
  return aliases;
}

function pack(facts: ReleaseFacts, paths: PathFacts): SnapshotFile {
  const { equivalences, defined } = paths;
  const specs = generaliseLabels(paths.rows, paths.patterns, defined, equivalences);
  const definedSpecs = new Set(defined.map((directory) => `${escapePath(directory)}(/.*)?`));
  const aliases = aliasesOf(facts);
  const types = typesOf(facts, specs, aliases);
  const positions = new Map(types.map((name, index) => [name, index]));
  const at = (name: string): number => {
    const position = positions.get(aliases.get(name) ?? name);
    if (position === undefined) throw new Error(`no such type: ${name}`);
    return position;
  };

  const conditions = ["", ...new Set([facts.allow, facts.dontaudit].flatMap(conditionsOf))];
  const ruleTable = (table: MeasuredRules[string]) =>
    Object.entries(table).map(([condition, names]) => {
      const targets = [...new Set(names.map(at))].sort((a, b) => a - b);
      return [conditions.indexOf(condition === "always" ? "" : condition), distancesOf(targets)] as const;
    });
  const tablesOf = (rules: MeasuredRules): SnapshotRules => ({
    [facts.source]: Object.fromEntries(Object.keys(facts.allow).map((key) => [key, ruleTable(rules[key] ?? {})])),
  });
  const strange = Object.keys(facts.dontaudit).find((key) => facts.allow[key] === undefined);
  if (strange !== undefined) throw new Error(`${facts.name}: dontaudit has ${strange}, which allow lacks`);

  return {
    format: snapshotFormat,
    version: snapshotVersion,
    name: facts.name,
    title: facts.title,
    provenance: facts.provenance,
    domain: facts.source,
    permissive: facts.sourcePermissive ? [facts.source] : [],
    types: writeTypes(types),
    allTypes: false,
    noTypes: Object.entries(facts.types).flatMap(([name, { exists }]) => (exists ? [] : [name])),
    aliases: [...aliases].map(([alias, real]) => [alias, at(real)] as const),
    ports: facts.ports.map(([protocol, low, high, type]) => [protocol, low, high, at(type)] as const),
    defaultPortType: at(facts.defaultPortType),
    booleans: facts.booleans,
    since: facts.since ?? {},
    conditions,
    rules: tablesOf(facts.allow),
    dontaudit: tablesOf(facts.dontaudit),
    fileTransitions: facts.fileTransitions.map(
      ([directory, cls, type]) => [facts.source, at(directory), cls, at(type)] as const,
    ),
    processTransitions: facts.processTransitions.map(
      ([domain, executable, target]) => [domain, at(executable), target] as const,
    ),
    equivalences: equivalences.map(({ from, to }) => [from, to] as const),
    localEquivalences: [],
    exactLabels: false,
    fileContexts: specs.map(({ regex, kind, type }) => [regex, kindFlag(kind), type === null ? -1 : at(type)] as const),
    definedFileContexts: distancesOf(
      specs.flatMap(({ regex, kind }, position) => (kind === "any" && definedSpecs.has(regex) ? [position] : [])),
    ),
  };
}

function conditionsOf(rules: MeasuredRules): readonly string[] {
  return Object.values(rules).flatMap((table) => Object.keys(table).filter((condition) => condition !== "always"));
}

function probesOf(rows: readonly (readonly string[])[], column: number): LabelProbe[] {
  return rows.map((row) => {
    const [path, kind, type] = [row[0], row[1], row[2 + column]];
    if (path === undefined || type === undefined) throw new Error(`short row ${row.join(" ")}`);
    return { path, kind: probeKind(kind), type: type === "<<none>>" ? null : type };
  });
}

function probeKind(kind: string | undefined): FileKind {
  if (kind === "dir" || kind === "file" || kind === "sock") return kind;
  throw new Error(`unknown kind ${kind}`);
}

/** JSON.parse gives `any`; each caller says what the file holds. */
function readJson(path: string): ReturnType<typeof JSON.parse> {
  return JSON.parse(readFileSync(path, "utf8"));
}

const [, , factsDirectory, outDirectory] = argv;
if (factsDirectory === undefined || outDirectory === undefined) {
  console.error("usage: node scripts/pack-policy.ts FACTS_DIR OUT_DIR");
  exit(2);
}
const labels: LabelFacts = readJson(join(factsDirectory, "default-labels.json"));
const defined: DefinedFacts = readJson(join(factsDirectory, "defined-file-contexts.json"));
const equivalences: EquivalenceFacts = readJson(join(factsDirectory, "equivalences.json"));
mkdirSync(outDirectory, { recursive: true });
for (const release of labels.releases) {
  const facts: ReleaseFacts = readJson(join(factsDirectory, `${release}.json`));
  const snapshot = pack(facts, pathFactsOf(release, labels, defined, equivalences));
  const text = JSON.stringify(snapshot);
  // As one that others wrote: every part is read and checked.
  snapshotFacts(text, "snapshot");
  const packed = brotliCompressSync(text, {
    params: {
      [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
      [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
      [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
      [constants.BROTLI_PARAM_SIZE_HINT]: text.length,
    },
  });
  writeFileSync(join(outDirectory, `${release}.json.br`), packed);
  console.log(
    `${release}: ${snapshot.fileContexts.length} labels, ${text.length} bytes of JSON, ${packed.length} packed`,
  );
}
