/**
 * Snapshots: a policy's answers as JSON. The bundled releases are snapshots; `nginx-selinux snapshot` writes one of a
 * host. What they hold, in file order of `SnapshotFile`:
 *
 * - `format` `"nginx-selinux-snapshot"`, `version` 1, `name`, `title`, `provenance`: as shown to the user.
 * - `domain`: nginx's domain. `permissive`: permissive domains.
 * - `types`: every type that the snapshot names, sorted, separated by spaces; all other places refer to them by
 *   position. Each is written as one digit, how many `_`-separated words it has in common with the one before, and the
 *   words that follow: `0ntop_port_t 1t`. `allTypes`: true where the policy has no others. `noTypes`: names that the policy is known not to have. `aliases`: `[alias, type]`.
 * - `ports`: `[protocol, low, high, type]` in policy order, the first match wins; `localPorts`, which may be missing: how
 *   many of the first were added on the host; `defaultPortType`: of all others.
 * - `booleans`: name to shipped value; `since`: name to the first minor release that has it.
 * - `conditions`: boolean expressions as text. Position 0 is the unconditional rule, text `""`.
 * - `rules`: domain to `"class permission"` to `[condition, targets]` pairs. A class-permission that is missing is
 *   unknown; one without the target denies it. Positions of targets ascend and each is written as its distance from
 *   the one before (the first from -1) less one.
 * - `dontaudit`, which may be missing: the same of refusals that leave no AVC. Missing, or without the domain or the
 *   class-permission: unknown.
 * - `fileTransitions`: `[domain, directory type, class, new type]`; `nameTransitions`, which may be missing: the same
 *   with the name that the new object must have at the end; `processTransitions`: `[domain, executable type, new domain]`.
 * - `equivalences`: `[from, to]` lines of `.subs_dist` form, `localEquivalences` of `.subs` form; the last wins.
 * - `fileContexts`: `[regex, kind flag, type]` in file order, type -1 for `<<none>>` and where it is not known; `exactLabels`: true where they
 *   are the host's own.
 * - `definedFileContexts`: the positions in `fileContexts` of those specs that `semanage fcontext -a` refuses, written as
 *   distances like targets. Where labels are exact and it is empty, these are all specs of any kind of file.
 */
import { ConditionError, always, booleansOf, parseCondition } from "../conditions.ts";
import { kindOfFlag } from "../fileContexts.ts";
import type { FileContextSpec, PathEquivalence, SpecList } from "../fileContextLists.ts";
import type { Condition, PolicyFacts, PolicyInfo, PortRecord } from "../policy.ts";
import { factsOfTables, transitionKey } from "./tables.ts";
import type { PolicyTables, RulesByDomain } from "./tables.ts";
import { positionOf, tableOfRows, type RuleRow } from "./ruleTable.ts";

export const snapshotFormat = "nginx-selinux-snapshot";
export const snapshotVersion = 1;

/** Domain to `"class permission"` to targets under conditions. */
export interface SnapshotRules {
  readonly [domain: string]: {
    readonly [classPermission: string]: readonly (readonly [condition: number, targets: readonly number[]])[];
  };
}

/** The JSON value; see the head of this file. Positions index `types` or `conditions`. */
export interface SnapshotFile {
  readonly format: typeof snapshotFormat;
  readonly version: typeof snapshotVersion;
  readonly name: string;
  readonly title: string;
  readonly provenance: string;
  readonly domain: string;
  readonly permissive: readonly string[];
  readonly types: string;
  readonly allTypes: boolean;
  readonly noTypes: readonly string[];
  readonly aliases: readonly (readonly [alias: string, type: number])[];
  readonly ports: readonly (readonly [protocol: string, low: number, high: number, type: number])[];
  readonly localPorts?: number;
  readonly defaultPortType: number;
  readonly booleans: { readonly [name: string]: boolean };
  readonly since: { readonly [name: string]: string };
  readonly conditions: readonly string[];
  readonly rules: SnapshotRules;
  readonly dontaudit?: SnapshotRules;
  readonly fileTransitions: readonly (readonly [domain: string, directory: number, cls: string, type: number])[];
  readonly nameTransitions?: readonly (readonly [
    domain: string,
    directory: number,
    cls: string,
    type: number,
    name: string,
  ])[];
  readonly processTransitions: readonly (readonly [domain: string, executable: number, newDomain: string])[];
  readonly equivalences: readonly (readonly [from: string, to: string])[];
  readonly localEquivalences: readonly (readonly [from: string, to: string])[];
  readonly exactLabels: boolean;
  readonly fileContexts: readonly (readonly [regex: string, flag: string, type: number])[];
  readonly definedFileContexts: readonly number[];
}

/** A text or value that is not a snapshot. The message says what is wrong and where. */
export class SnapshotError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "SnapshotError";
  }
}

/**
 * The facts of a snapshot, given as JSON text or as the parsed value. Every part is checked before anything is used:
 * damaged or hostile input gives a SnapshotError and nothing else. The large parts of a bundled one, which the packer
 * has checked, are read when they are first asked for.
 */
export function snapshotFacts(input: unknown, source: "bundled" | "snapshot"): PolicyFacts {
  const file = objectOf(parse(input), "snapshot");
  if (file["format"] !== snapshotFormat) throw new SnapshotError("not a policy snapshot: it has no such format mark");
  if (file["version"] !== snapshotVersion) {
    throw new SnapshotError(`snapshot version ${describe(file["version"])} is not one that this program reads`);
  }
  const types = typesOf(file["types"], source);
  const typeAt = (value: unknown, where: string): string => memberOf(types, value, where);
  const booleans = new Map(entriesOf(file["booleans"], "booleans", booleanOf));
  const conditions = arrayOf(file["conditions"], "conditions", (value, where) => conditionOf(value, where, booleans));
  const exactLabels = booleanOf(file["exactLabels"], "exactLabels");
  const domain = textOf(file["domain"], "domain");
  const later = source === "bundled" ? once : readNow;
  const rulesOf = (given: unknown, name: string): RulesByDomain =>
    new Map(
      entriesOf(given, name, (value, where) => {
        return new Map(
          entriesOf(value, where, (table, at) =>
            tableOfRows(
              types,
              later(() => rowsOf(table, at, types.length, conditions)),
            ),
          ),
        );
      }),
    );
  const rules = rulesOf(file["rules"], "rules");
  if (!rules.has(domain)) throw invalid("rules", `has nothing for ${describe(domain)}`);
  const equivalences = arrayOf(file["equivalences"], "equivalences", equivalenceOf);
  const localEquivalences = arrayOf(file["localEquivalences"], "localEquivalences", equivalenceOf);
  if (equivalences.length + localEquivalences.length > mostEquivalences) throw invalid("equivalences", "is too long");
  return factsOfTables({
    info: { ...infoOf(file, source), mode: "assumed", exactLabels },
    domain,
    permissive: new Set(arrayOf(file["permissive"], "permissive", textOf)),
    types: { has: (name) => positionOf(types, name) !== -1 },
    allTypes: booleanOf(file["allTypes"], "allTypes"),
    noTypes: new Set(arrayOf(file["noTypes"], "noTypes", textOf)),
    aliases: new Map(arrayOf(file["aliases"], "aliases", (value, where) => aliasOf(value, where, typeAt))),
    ports: portsOf(file, typeAt),
    defaultPortType: typeAt(file["defaultPortType"], "defaultPortType"),
    booleans,
    booleanSince: new Map(entriesOf(file["since"], "since", textOf)),
    rules,
    dontaudit: file["dontaudit"] === undefined ? null : rulesOf(file["dontaudit"], "dontaudit"),
    ...transitionsOf(file, typeAt),
    equivalences,
    localEquivalences,
    ...contextsOf(file, types, source),
  });
}

type Fields = ReturnType<typeof objectOf>;
/** The type that a position stands for. */
type TypeAt = (value: unknown, where: string) => string;

function infoOf(file: Fields, source: "bundled" | "snapshot"): Omit<PolicyInfo, "mode" | "exactLabels"> {
  return {
    source,
    name: textOf(file["name"], "name"),
    title: textOf(file["title"], "title"),
    provenance: textOf(file["provenance"], "provenance"),
  };
}

function aliasOf(value: unknown, where: string, typeAt: TypeAt): readonly [string, string] {
  const [alias, type] = tupleOf(value, where, 2);
  return [textOf(alias, where), typeAt(type, where)];
}

/** The first ones are those that the host added. */
function portsOf(file: Fields, typeAt: TypeAt): readonly PortRecord[] {
  const localPorts = integerOf(file["localPorts"] ?? 0, "localPorts", 0, 2 ** 24);
  return arrayOf(file["ports"], "ports", (value, where): PortRecord => {
    const [protocol, lowest, highest, type] = tupleOf(value, where, 4);
    const low = integerOf(lowest, where, 0, 65535);
    return {
      protocol: textOf(protocol, where),
      low,
      high: integerOf(highest, where, low, 65535),
      type: typeAt(type, where),
    };
  }).map((record, position) => (position < localPorts ? { ...record, local: true } : record));
}

function transitionsOf(file: Fields, typeAt: TypeAt): Pick<PolicyTables, "fileTransitions" | "processTransitions"> {
  const fileTransitions = arrayOf(file["fileTransitions"], "fileTransitions", (value, where) => {
    const [source, directory, cls, type] = tupleOf(value, where, 4);
    const key = transitionKey(textOf(source, where), typeAt(directory, where), textOf(cls, where));
    return [key, typeAt(type, where)] as const;
  });
  const nameTransitions = arrayOf(file["nameTransitions"] ?? [], "nameTransitions", (value, where) => {
    const [source, directory, cls, type, name] = tupleOf(value, where, 5);
    const parts = [textOf(source, where), typeAt(directory, where), textOf(cls, where), textOf(name, where)];
    return [transitionKey(...parts), typeAt(type, where)] as const;
  });
  const processTransitions = arrayOf(file["processTransitions"], "processTransitions", (value, where) => {
    const [source, executable, target] = tupleOf(value, where, 3);
    return [transitionKey(textOf(source, where), typeAt(executable, where)), textOf(target, where)] as const;
  });
  return {
    fileTransitions: new Map([...fileTransitions, ...nameTransitions]),
    processTransitions: new Map(processTransitions),
  };
}

function contextsOf(
  file: Fields,
  types: readonly string[],
  source: "bundled" | "snapshot",
): Pick<PolicyTables, "fileContexts" | "definedFileContexts"> {
  const fileContexts = once(() => fileContextsOf(file["fileContexts"], types));
  const definedFileContexts = once(() => {
    const positions = positionsOf(file["definedFileContexts"], "definedFileContexts");
    if (positions.length === 0 && booleanOf(file["exactLabels"], "exactLabels")) return null;
    return new Set(positions.map((position) => memberOf(fileContexts().regexes, position, "definedFileContexts")));
  });
  if (source !== "bundled") {
    fileContexts().regexes.forEach((_, index) => fileContexts().at(index));
    definedFileContexts();
  }
  return { fileContexts, definedFileContexts };
}

/** Reads when it is first called. */
function once<T>(read: () => T): () => T {
  let known: { readonly value: T } | null = null;
  return () => {
    known ??= { value: read() };
    return known.value;
  };
}

/** Reads at once, so that damage is found before anything is used. */
function readNow<T>(read: () => T): () => T {
  const value = read();
  return () => value;
}

function parse(input: unknown): unknown {
  if (typeof input !== "string") return input;
  try {
    const value: unknown = JSON.parse(input);
    return value;
  } catch {
    throw new SnapshotError("not a policy snapshot: it is not JSON");
  }
}

function invalid(where: string, what: string): SnapshotError {
  return new SnapshotError(`damaged policy snapshot: ${where} ${what}`);
}

function describe(value: unknown): string {
  return typeof value === "string"
    ? JSON.stringify(value.slice(0, 60))
    : typeof value === "number"
      ? `${value}`
      : typeof value;
}

function objectOf(value: unknown, where: string): { readonly [key: string]: unknown } {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw invalid(where, "is not an object");
  return Object.fromEntries(Object.entries(value));
}

function entriesOf<T>(value: unknown, where: string, read: (value: unknown, where: string) => T): [string, T][] {
  return Object.entries(objectOf(value, where)).map(([key, member]) => [key, read(member, `${where}.${key}`)]);
}

function arrayOf<T>(value: unknown, where: string, read: (value: unknown, where: string) => T): T[] {
  if (!Array.isArray(value)) throw invalid(where, "is not a list");
  const member = `a member of ${where}`;
  return value.map((item: unknown) => read(item, member));
}

function tupleOf(value: unknown, where: string, length: number): readonly unknown[] {
  if (!Array.isArray(value) || value.length !== length) throw invalid(where, `is not a list of ${length}`);
  return value;
}

function textOf(value: unknown, where: string): string {
  if (typeof value !== "string") throw invalid(where, "is not a text");
  return value;
}

function booleanOf(value: unknown, where: string): boolean {
  if (typeof value !== "boolean") throw invalid(where, "is not true or false");
  return value;
}

function integerOf(value: unknown, where: string, low: number, high: number): number {
  if (typeof value !== "number" || !Number.isInteger(value) || value < low || value > high) {
    throw invalid(where, `is not a whole number from ${low} to ${high}`);
  }
  return value;
}

function memberOf<T>(list: readonly T[], position: unknown, where: string): T {
  const found = list[integerOf(position, where, 0, list.length - 1)];
  if (found === undefined) throw invalid(where, "points at nothing");
  return found;
}

/** Ascending positions, each written as its distance from the one before, less one. */
function positionsOf(value: unknown, where: string): number[] {
  let position = -1;
  return arrayOf(value, where, (distance) => {
    position += integerOf(distance, where, 0, 2 ** 24) + 1;
    return position;
  });
}

/** The same list as it is written in a snapshot. `positions` ascend. */
export function distancesOf(positions: readonly number[]): readonly number[] {
  return positions.map((position, index) => position - (positions[index - 1] ?? -1) - 1);
}

/** Far more than any host has; the bounds keep a question cheap whatever the snapshot holds. */
const mostFileContexts = 100_000;
const mostEquivalences = 1000;

/** The kernel numbers types with 16 bits. The bound on names keeps shared words from growing without end. */
const mostTypes = 65536;
const longestType = 200;

function typesOf(value: unknown, source: "bundled" | "snapshot"): readonly string[] {
  let before = "";
  const types = textOf(value, "types")
    .split(" ", mostTypes)
    .map((written) => {
      const common = integerOf(written.charCodeAt(0) - digitZero, "types", 0, 9);
      before = `${firstWords(before, common)}${written.slice(1)}`;
      if (before === "" || before.length > longestType) throw invalid("types", "has a name that is none");
      return before;
    });
  const isSorted = source === "bundled" || types.every((name, position) => name > (types[position - 1] ?? ""));
  if (!isSorted) throw invalid("types", "is not sorted");
  return types;
}

const digitZero = "0".charCodeAt(0);

/** The first words of a name, each with the `_` behind it. */
function firstWords(name: string, count: number): string {
  let end = 0;
  for (let word = 0; word < count; word++) {
    if (end > name.length) throw invalid("types", "has a name that shares more words than there are");
    const underscore = name.indexOf("_", end);
    end = underscore === -1 ? name.length + 1 : underscore + 1;
  }
  return end > name.length ? `${name}_` : name.slice(0, end);
}

/** Type names as they are written in a snapshot. `names` are sorted. */
export function writeTypes(names: readonly string[]): string {
  let before: readonly string[] = [];
  const written = names.map((name) => {
    const words = name.split("_");
    const differs = words.findIndex((word, index) => word !== before[index]);
    const common = Math.min(differs === -1 ? words.length - 1 : differs, words.length - 1, 9);
    before = words;
    return `${common}${words.slice(common).join("_")}`;
  });
  return written.join(" ");
}

function conditionOf(value: unknown, where: string, booleans: ReadonlyMap<string, boolean>): Condition {
  const text = textOf(value, where);
  if (text === "") return always;
  try {
    const condition = parseCondition(text);
    const stranger = booleansOf(condition).find((name) => !booleans.has(name));
    if (stranger !== undefined) throw invalid(where, `names the unknown boolean ${describe(stranger)}`);
    return condition;
  } catch (error) {
    if (error instanceof ConditionError) throw invalid(where, `is ${error.message}`);
    throw error;
  }
}

function rowsOf(value: unknown, where: string, types: number, conditions: readonly Condition[]): readonly RuleRow[] {
  return arrayOf(value, where, (pair, at) => {
    const [position, distances] = tupleOf(pair, at, 2);
    return { condition: memberOf(conditions, position, at), targets: targetsOf(distances, at, types) };
  });
}

/** Positions below `types`, which are at most 65536. There are thousands in a snapshot: nothing else is made of them. */
function targetsOf(value: unknown, where: string, types: number): Uint16Array {
  if (!Array.isArray(value)) throw invalid(where, "is not a list");
  const targets = new Uint16Array(value.length);
  let position = -1;
  for (let index = 0; index < targets.length; index++) {
    const distance: unknown = value[index];
    position += integerOf(distance, where, 0, types - position - 2) + 1;
    targets[index] = position;
  }
  return targets;
}

function fileContextsOf(given: unknown, types: readonly string[]): SpecList {
  const where = "a member of fileContexts";
  const written = arrayOf(given, "fileContexts", (value) => tupleOf(value, where, 3));
  if (written.length > mostFileContexts) throw invalid("fileContexts", "is too long");
  return {
    regexes: written.map(([regex]) => textOf(regex, where)),
    at: (index) => {
      const spec = written[index];
      return spec === undefined ? undefined : fileContextOf(spec, where, types);
    },
  };
}

function fileContextOf(
  [regex, flag, type]: readonly unknown[],
  where: string,
  types: readonly string[],
): FileContextSpec {
  const kind = kindOfFlag(textOf(flag, where));
  if (kind === undefined) throw invalid(where, `has the unknown kind ${describe(flag)}`);
  return { regex: textOf(regex, where), kind, type: type === -1 ? null : memberOf(types, type, where) };
}

function equivalenceOf(value: unknown, where: string): PathEquivalence {
  const [from, to] = tupleOf(value, where, 2);
  return { from: textOf(from, where), to: textOf(to, where) };
}
