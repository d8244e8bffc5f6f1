/**
 * Packs measured facts about a distribution's policy into the bundled snapshots.
 *
 *     node scripts/pack-policy.ts FACTS_DIR OUT_DIR
 *
 * FACTS_DIR has `<release>.json` (ports, rules, booleans), `default-labels.json` (labels that matchpathcon gave to
 * probed paths) and `defined-file-contexts.json`. OUT_DIR gets `<release>.json.br`. The snapshots are committed: the
 * build does not need the facts.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { argv, exit } from "node:process";
import { brotliCompressSync, constants } from "node:zlib";
import { escapePath, generaliseLabels } from "./generalise-labels.ts";
import type { LabelProbe } from "./generalise-labels.ts";
import { kindFlag } from "../server/src/selinux/fileContexts.ts";
import type { PathEquivalence } from "../server/src/selinux/fileContextLists.ts";
import type { FileKind } from "../server/src/selinux/fileContextLists.ts";
import {
  distancesOf,
  snapshotFacts,
  snapshotFormat,
  snapshotVersion,
  writeTypes,
} from "../server/src/selinux/snapshot.ts";
import type { SnapshotFile } from "../server/src/selinux/snapshot.ts";

/** A release's measured tables, as they lie in FACTS_DIR. */
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
  readonly allow: { readonly [classPermission: string]: { readonly [condition: string]: readonly string[] } };
  readonly types: {
    readonly [name: string]: { readonly exists: boolean; readonly real?: string; readonly aliases?: readonly string[] };
  };
  readonly aliases: { readonly [alias: string]: string };
  readonly fileTransitions: readonly (readonly [string, string, string])[];
  readonly processTransitions: readonly (readonly [string, string, string])[];
}

interface LabelFacts {
  readonly releases: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly patterns: readonly (readonly string[])[];
}

interface DefinedFacts {
  readonly releases: readonly string[];
  readonly directories: { readonly [directory: string]: readonly string[] };
}

/**
 * Which path stands for which. `/run` and `/var/run`: every probe below one equals the one below the other. `/run/lock`:
 * on RHEL 7-9 its own label differs from that of `/var/run/lock`, as the line `/run/lock /var/lock` makes it.
 */
function equivalencesOf(release: string): readonly PathEquivalence[] {
  const older = ["rhel7", "rhel8", "rhel9"].includes(release);
  return older
    ? [
        { from: "/run", to: "/var/run" },
        { from: "/run/lock", to: "/var/lock" },
      ]
    : [
        { from: "/var/run", to: "/run" },
        { from: "/var/lock", to: "/run/lock" },
      ];
}

function pack(facts: ReleaseFacts, labels: LabelFacts, defined: DefinedFacts): SnapshotFile {
  const column = labels.releases.indexOf(facts.name);
  const equivalences = equivalencesOf(facts.name);
  const directories = Object.entries(defined.directories).flatMap(([directory, releases]) =>
    releases.includes(facts.name) ? [directory] : [],
  );
  const specs = generaliseLabels(
    probesOf(labels.rows, column),
    probesOf(labels.patterns, column),
    directories,
    equivalences,
  );
  const definedSpecs = new Set(directories.map((directory) => `${escapePath(directory)}(/.*)?`));

  const aliases = new Map(Object.entries(facts.aliases));
  for (const { real, aliases: others } of Object.values(facts.types)) {
    for (const alias of others ?? []) if (real !== undefined && alias !== real) aliases.set(alias, real);
  }

  const types = new Set<string>([facts.defaultPortType, facts.source]);
  for (const [, , , type] of facts.ports) types.add(type);
  for (const table of Object.values(facts.allow))
    for (const names of Object.values(table)) names.forEach((name) => types.add(name));
  for (const { type } of specs) if (type !== null) types.add(type);
  for (const [directory, , type] of facts.fileTransitions) types.add(directory).add(type);
  for (const [domain, executable, target] of facts.processTransitions) types.add(domain).add(executable).add(target);
  for (const real of aliases.values()) types.add(real);
  for (const [name, { exists, real }] of Object.entries(facts.types)) if (exists) types.add(real ?? name);
  for (const alias of aliases.keys()) types.delete(alias);
  const sorted = [...types].sort();
  const positions = new Map(sorted.map((name, index) => [name, index]));
  const at = (name: string): number => {
    const position = positions.get(aliases.get(name) ?? name);
    if (position === undefined) throw new Error(`no such type: ${name}`);
    return position;
  };

  const conditions = ["", ...new Set(Object.values(facts.allow).flatMap((table) => Object.keys(table)))].filter(
    (condition) => condition !== "always",
  );
  const ruleTable = (table: { readonly [condition: string]: readonly string[] }) =>
    Object.entries(table).map(([condition, names]) => {
      const targets = [...new Set(names.map(at))].sort((a, b) => a - b);
      return [conditions.indexOf(condition === "always" ? "" : condition), distancesOf(targets)] as const;
    });

  return {
    format: snapshotFormat,
    version: snapshotVersion,
    name: facts.name,
    title: facts.title,
    provenance: facts.provenance,
    domain: facts.source,
    permissive: facts.sourcePermissive ? [facts.source] : [],
    types: writeTypes(sorted),
    allTypes: false,
    noTypes: Object.entries(facts.types).flatMap(([name, { exists }]) => (exists ? [] : [name])),
    aliases: [...aliases].map(([alias, real]) => [alias, at(real)] as const),
    ports: facts.ports.map(([protocol, low, high, type]) => [protocol, low, high, at(type)] as const),
    defaultPortType: at(facts.defaultPortType),
    booleans: facts.booleans,
    since: facts.since ?? {},
    conditions,
    rules: {
      [facts.source]: Object.fromEntries(Object.entries(facts.allow).map(([key, table]) => [key, ruleTable(table)])),
    },
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
mkdirSync(outDirectory, { recursive: true });
for (const release of labels.releases) {
  const facts: ReleaseFacts = readJson(join(factsDirectory, `${release}.json`));
  const snapshot = pack(facts, labels, defined);
  const text = JSON.stringify(snapshot);
  snapshotFacts(text, "bundled");
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
