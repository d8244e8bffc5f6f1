/**
 * From probed labels to a short ordered list of file contexts that gives every probe its label and answers sensibly
 * for paths that were not probed.
 *
 * The probes of a directory D (`D/some`, `D/some.sock`, `D/some/deeper.file`, ...) stand for any name, so they become
 * specs about everything in D. Directories are taken from the general to the particular, and a spec is added only
 * where the list so far gives a wrong answer.
 */
import { FileContexts, canonicalisePath } from "../server/src/selinux/fileContexts.ts";
import { isLiteralSpec } from "../server/src/selinux/specText.ts";
import {
  listOf,
  type FileContextSpec,
  type FileKind,
  type PathEquivalence,
} from "../server/src/selinux/fileContextLists.ts";
import { compilePathPattern } from "../server/src/selinux/pathPattern.ts";
import type { PathPattern } from "../server/src/selinux/pathPattern.ts";

/**
 * A label that the policy gives: to a path, or to every path of a pattern in which `*` stands for any name, and the
 * component `**` for one or more directories.
 */
export interface LabelProbe {
  readonly path: string;
  readonly kind: FileKind;
  /** Null is `<<none>>`. */
  readonly type: string | null;
}

/** A place and what is known of it and of what lies below. Its path is written as that of a probe. */
interface Place {
  readonly path: string;
  /** True where the policy has a spec for exactly this directory and all below it. */
  defined: boolean;
  /** Of the place itself, by kind. */
  readonly self: LabelProbe[];
  /** Of any name directly in it, by kind. */
  readonly children: LabelProbe[];
  /** Of anything below a directory in it. */
  readonly deeper: LabelProbe[];
}

/**
 * The list for one release. `defined`: directories D for which the policy has `D(/.*)?`, and so the list has it too.
 * Throws where it would not give every probe its label.
 */
export function generaliseLabels(
  rows: readonly LabelProbe[],
  patterns: readonly LabelProbe[],
  defined: readonly string[],
  equivalences: readonly PathEquivalence[],
): readonly FileContextSpec[] {
  const canonical = (probe: LabelProbe): LabelProbe => ({
    ...probe,
    path: canonicalisePath(probe.path, [], equivalences),
  });
  const probes = [...known, ...rows, ...rows.flatMap(forAnyUser), ...ofAnyDepth(patterns)].map(canonical);
  const list = new SpecList();
  const byPath = placesOf(probes);
  for (const directory of defined) placeAt(byPath, directory).defined = true;
  const places = [...byPath.values()].sort(
    (a, b) =>
      literalLength(a.path) - literalLength(b.path) || a.path.length - b.path.length || (a.path < b.path ? -1 : 1),
  );
  // A later spec may take a path from an earlier one; what went wrong that way is put right in another round.
  for (let round = 0; round < 5; round++) for (const place of places) describePlace(list, place);
  const contexts = new FileContexts(listOf(list.specs));
  const wrong = probes.filter((probe) =>
    instances(probe.path).some((path) => {
      const match = contexts.match(path, probe.kind);
      return match === null || "refused" in match || match.spec.type !== probe.type;
    }),
  );
  if (wrong.length > 0) {
    throw new Error(`${wrong.length} labels are not reproduced: ${JSON.stringify(wrong.slice(0, 10))}`);
  }
  return list.specs;
}

/** A directory in which everything has one label, the directory included. */
function tree(path: string, type: string | null): LabelProbe[] {
  return [
    { path, kind: "dir", type },
    { path: `${path}/some`, kind: "dir", type },
    { path: `${path}/some.file`, kind: "file", type },
    { path: `${path}/some/deeper.file`, kind: "file", type },
  ];
}

/**
 * What every targeted policy says of the root, of the file systems that the kernel labels, and of programs and
 * libraries (refpolicy's files.fc, corecommands.fc, libraries.fc), which the probes leave out.
 */
const known: readonly LabelProbe[] = [
  { path: "/", kind: "dir", type: "root_t" },
  ...["/proc", "/sys"].flatMap((path) => tree(path, null)),
  ...tree("/usr", "usr_t"),
  ...["/usr/lib", "/usr/lib64", "/usr/local/lib"].flatMap((path) => tree(path, "lib_t")),
  ...["/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin"].flatMap((path) => tree(path, "bin_t")),
];

/**
 * Patterns that say the same of one, two, ... levels of any directories (`/opt/<any>/bin`, `/opt/<any>/<any>/bin`) as
 * one that says it of any depth: the policy's own record is of that kind (`/opt/(.*\/)?bin(/.*)?`), so the answer is
 * right below the deepest probed level too, with a quarter of the specs. Patterns that end in a level stay as they are:
 * `/mnt/<any>` and `/mnt/<any>/<any>` have different labels by depth alone.
 */
function ofAnyDepth(patterns: readonly LabelProbe[]): readonly LabelProbe[] {
  const families = new Map<string, Map<number, LabelProbe>>();
  const rest: LabelProbe[] = [];
  for (const probe of patterns) {
    const [, above, levels, below] = /^(.*?)((?:\/\*)+)(\/[^*]+)$/.exec(probe.path) ?? [];
    if (above === undefined || levels === undefined || below === undefined) {
      rest.push(probe);
      continue;
    }
    const key = `${probe.kind} ${above}/**${below}`;
    const family = families.get(key) ?? new Map<number, LabelProbe>();
    families.set(key, family.set(levels.length / 2, probe));
  }
  for (const [key, family] of families) {
    const members = [...family.values()];
    const [first] = members;
    const isWhole = members.length > 1 && members.every((_, index) => family.has(index + 1));
    if (first !== undefined && isWhole && members.every(({ type }) => type === first.type)) {
      rest.push({ ...first, path: key.slice(key.indexOf(" ") + 1) });
    } else {
      rest.push(...members);
    }
  }
  return rest;
}

/** The probed user's home directory is like that of any other user. */
function forAnyUser(probe: LabelProbe): LabelProbe[] {
  return probe.path.startsWith("/home/u/") ? [{ ...probe, path: probe.path.replace("/home/u/", "/home/*/") }] : [];
}

function placeAt(places: Map<string, Place>, path: string): Place {
  let place = places.get(path);
  if (place === undefined) {
    place = { path, defined: false, self: [], children: [], deeper: [] };
    places.set(path, place);
  }
  return place;
}

function placesOf(probes: readonly LabelProbe[]): Map<string, Place> {
  const places = new Map<string, Place>();
  for (const probe of probes) {
    const deeper = /^(.*)\/some\/deeper\.(?:file|sock)$/.exec(probe.path);
    const child = /^(.*)\/some(?:\.file|\.sock)?$/.exec(probe.path);
    if (deeper !== null) placeAt(places, deeper[1] ?? "").deeper.push(probe);
    else if (child !== null) placeAt(places, child[1] ?? "").children.push(probe);
    else placeAt(places, probe.path).self.push(probe);
  }
  return places;
}

function describePlace(list: SpecList, place: Place): void {
  const path = escapePath(place.path);
  const { self, children, deeper } = place;
  const below = [...deeper, ...children];
  const [first] = below;
  // What the policy has a spec for, the list has one for. Where nothing was probed, its type is not known.
  if (place.defined) list.addOnce(`${path}(/.*)?`, first === undefined ? null : first.type);
  if (first !== undefined && below.every(({ type }) => type === first.type)) {
    if (list.allRight(below)) {
      // Nothing to say of what is below.
    } else if (self.some(({ type }) => type === first.type)) {
      list.add(`${path}(/.*)?`, "any", first.type);
    } else {
      list.add(`${path}/.*`, "any", first.type);
    }
  } else {
    describeLevel(list, `${path}/.*`, deeper);
    describeLevel(list, `${path}/[^/]*`, children);
  }
  const lone = place.path !== "/" && below.length === 0 && self.every(({ kind }) => kind === "dir");
  describeLevel(list, lone ? `${path}(/.*)?` : path, self);
  list.settle([...self, ...below]);
}

/** Specs for one level, for all kinds together where they agree. */
function describeLevel(list: SpecList, regex: string, level: readonly LabelProbe[]): void {
  if (level.length === 0 || list.allRight(level)) return;
  const [first] = level;
  if (first !== undefined && level.every(({ type }) => type === first.type)) {
    list.add(regex, "any", first.type, first.kind);
    return;
  }
  for (const probe of level) if (!list.right(probe)) list.add(regex, probe.kind, probe.type);
}

function literalLength(path: string): number {
  const star = path.indexOf("*");
  return star === -1 ? path.length : star;
}

/** The regex of a path in which `*` stands for any name or any part of one, and `**` for one or more directories. */
export function escapePath(path: string): string {
  return path
    .split("/")
    .map((part) => {
      if (part === "**") return ".+";
      if (part === "*") return "[^/]+";
      return part
        .replace(/[.^$?+|[\](){}\\]/g, "\\$&")
        .replace(/\*+/g, "*")
        .replace(/\*/g, "[^/]*");
    })
    .join("/");
}

/** Paths of the pattern, with names that have nothing in common, at several depths. */
function instances(path: string): readonly string[] {
  if (!path.includes("*")) return [path];
  return [
    { directories: "any-name", name: "any-name" },
    { directories: "Q0/x.7_", name: "Q0" },
    { directories: "x.7_/a/Q0/b/any-name/c", name: "x.7_" },
  ].map(({ directories, name }) => path.replaceAll("/**/", `/${directories}/`).replaceAll("*", name));
}

interface Compiled {
  readonly prefix: string;
  readonly pattern: PathPattern;
  readonly spec: FileContextSpec;
}

/** The list in the making, asked again and again. */
class SpecList {
  readonly specs: FileContextSpec[] = [];
  readonly #compiled: Compiled[] = [];
  readonly #literal: Compiled[] = [];
  readonly #settled = new Set<LabelProbe>();

  /** Adds a spec. One for any kind is narrowed to `kind` where it would take a settled probe from its label. */
  add(regex: string, kind: FileKind, type: string | null, narrow: FileKind = kind): void {
    const prefix = (/^(?:[^\\[(.]|\\.)*/.exec(regex)?.[0] ?? "").replace(/\\(.)/g, "$1");
    const pattern = compilePathPattern(regex);
    const breaks = [...this.#settled].some(
      (probe) => probe.type !== type && probe.path.startsWith(prefix) && pattern.matches(probe.path),
    );
    const spec = { regex, kind: breaks ? narrow : kind, type };
    this.specs.push(spec);
    (isLiteralSpec(regex) ? this.#literal : this.#compiled).push({ prefix, pattern, spec });
  }

  addOnce(regex: string, type: string | null): void {
    if (!this.specs.some((spec) => spec.regex === regex)) this.add(regex, "any", type);
  }

  /** These probes are right, and should stay so. Only those without `*` are watched. */
  settle(probes: readonly LabelProbe[]): void {
    for (const probe of probes) if (!probe.path.includes("*")) this.#settled.add(probe);
  }

  label(path: string, kind: FileKind): string | null | undefined {
    const matches = ({ prefix, pattern, spec }: Compiled): boolean =>
      path.startsWith(prefix) && (spec.kind === "any" || spec.kind === kind) && pattern.matches(path);
    return (this.#literal.findLast(matches) ?? this.#compiled.findLast(matches))?.spec.type;
  }

  right(probe: LabelProbe): boolean {
    return instances(probe.path).every((path) => this.label(path, probe.kind) === probe.type);
  }

  allRight(probes: readonly LabelProbe[]): boolean {
    return probes.every((probe) => this.right(probe));
  }
}
