/**
 * Default labels, as libselinux finds them: ordered `{regex, kind, type}` specs plus path equivalences. The one engine
 * for a host's own file_contexts and for the lists of the bundled releases.
 *
 * Paths and specs are ordinary strings. libselinux matches bytes, so `FileContexts`, and nothing before it, turns both
 * into the bytes of their UTF-8: `.` is one byte of `é`. Follows libselinux 3.4 `label_file.c`.
 */
import { byteString } from "./byteString.ts";
import { PatternError, compilePathPattern } from "./pathPattern.ts";
import type { PathPattern } from "./pathPattern.ts";
import type { FileContextSpec, FileKind, PathEquivalence } from "./fileContextLists.ts";

export interface LineProblem {
  /** One-based. */
  readonly line: number;
  readonly message: string;
}

const kindFlags: ReadonlyMap<string, FileKind> = new Map([
  ["--", "file"],
  ["-d", "dir"],
  ["-s", "sock"],
  ["-l", "link"],
  ["-c", "char"],
  ["-b", "block"],
  ["-p", "pipe"],
]);

/** The flag of a file kind in file_contexts, for example `-s` for `sock`; empty for `any`. */
export function kindFlag(kind: FileKind): string {
  for (const [flag, named] of kindFlags) if (named === kind) return flag;
  return "";
}

/** The file kind of a flag of file_contexts; the empty flag is `any`. Undefined for anything else. */
export function kindOfFlag(flag: string): FileKind | undefined {
  return flag === "" ? "any" : kindFlags.get(flag);
}

/**
 * Reads the text of a file_contexts file. Lines that libselinux would not accept are reported and left out. To join
 * several files, join the results in its order: base, `.homedirs`, `.local`.
 */
export function parseFileContexts(text: string): {
  readonly specs: readonly FileContextSpec[];
  readonly problems: readonly LineProblem[];
} {
  const specs: FileContextSpec[] = [];
  const problems: LineProblem[] = [];
  eachLine(text, (fields, line) => {
    const [regex, second, third] = fields;
    if (regex === undefined) return;
    const kind = kindOfFlag(third === undefined ? "" : (second ?? ""));
    const context = third ?? second;
    const type = context === undefined ? undefined : typeOfContext(context);
    if (kind === undefined || type === undefined || fields.length > 3) {
      problems.push({ line, message: "expected `regex [flag] context`" });
    } else {
      specs.push({ regex, kind, type });
    }
  });
  return { specs, problems };
}

/** Reads the text of file_contexts.subs or .subs_dist. */
export function parseEquivalences(text: string): readonly PathEquivalence[] {
  const equivalences: PathEquivalence[] = [];
  eachLine(text, ([from, to]) => {
    if (from !== undefined && to !== undefined) equivalences.push({ from, to });
  });
  return equivalences;
}

function eachLine(text: string, use: (fields: string[], line: number) => void): void {
  let line = 0;
  for (const content of text.split("\n")) {
    line++;
    const fields = content.split(/[ \t\r\v\f]+/).filter((field) => field !== "");
    if (fields.length > 0 && !fields[0]?.startsWith("#")) use(fields, line);
  }
}

/** The type of `user:role:type[:range]`; null for `<<none>>`; undefined for anything else. */
function typeOfContext(context: string): string | null | undefined {
  if (context === "<<none>>") return null;
  const type = context.split(":")[2];
  return type === "" ? undefined : type;
}

/** What a path's label comes from. */
export type FileContextMatch =
  | { readonly spec: FileContextSpec; readonly literal: boolean }
  /** A spec that may match comes first, and it cannot be evaluated faithfully. */
  | { readonly spec: FileContextSpec; readonly refused: string };

interface Entry {
  readonly index: number;
  readonly spec: FileContextSpec;
  /** Bytes that every matched path begins with, for a quick no. */
  readonly prefix: string;
  /** Length of the stem, and the part of the regex behind it. */
  readonly stem: number;
  readonly rest: string;
  pattern: PathPattern | string | null;
}

/** Specs by a directory that everything they match is or lies in; in each, last in the file first. */
interface Group {
  readonly byDirectory: Map<string, Entry[]>;
  /** Length of the longest directory. */
  longest: number;
}

/** Compiled specs; one with a U+FFFD, which stands for malformed UTF-8, is refused.  Building is linear in the specs; a regex is compiled when it is first needed. */
export class FileContexts {
  /** Specs without metacharacters, by the path that they name; last in the file first. */
  readonly #byPath = new Map<string, Entry[]>();
  readonly #literal: Group = { byDirectory: new Map(), longest: 0 };
  readonly #regex: Group = { byDirectory: new Map(), longest: 0 };

  /** `specs` in file order: base, homedirs, local. */
  constructor(specs: readonly FileContextSpec[]) {
    for (let index = specs.length - 1; index >= 0; index--) {
      const spec = specs[index];
      if (spec !== undefined) this.#add(index, spec);
    }
  }

  #add(index: number, spec: FileContextSpec): void {
    const regex = byteString(spec.regex);
    const stem = stemOf(regex);
    const rest = regex.slice(stem.length);
    const prefix = stem + literalPrefix(rest);
    const literal = isLiteralSpec(regex);
    const pattern = spec.regex.includes("\ufffd") ? "bytes that are not UTF-8" : null;
    const entry: Entry = { index, spec, prefix, stem: stem.length, rest, pattern };
    const path = literal && pattern === null ? literalPath(rest) : null;
    if (path !== null) {
      append(this.#byPath, stem + path, entry);
      return;
    }
    const group = literal ? this.#literal : this.#regex;
    const whole = prefix.length === regex.length - directoryAndBelow.length;
    const directory =
      whole && regex.endsWith(directoryAndBelow) ? prefix : prefix.slice(0, Math.max(prefix.lastIndexOf("/"), 0));
    append(group.byDirectory, directory, entry);
    group.longest = Math.max(group.longest, directory.length);
  }

  /**
   * The spec that decides the label of the path `text`, already canonical and absolute; null where none matches. Specs without
   * metacharacters come before all others; within each group the last one wins. `kind` `any` matches specs of any kind.
   */
  match(text: string, kind: FileKind): FileContextMatch | null {
    const path = byteString(text);
    const stem = pathStem(path).length;
    const named = (this.#byPath.get(path) ?? []).find((entry) => kindMatches(entry.spec.kind, kind));
    return (
      find(this.#literal, path, stem, kind, true, named ?? null) ?? find(this.#regex, path, stem, kind, false, null)
    );
  }
}

const directoryAndBelow = "(/.*)?";

function append(map: Map<string, Entry[]>, key: string, entry: Entry): void {
  const entries = map.get(key);
  if (entries === undefined) map.set(key, [entry]);
  else entries.push(entry);
}

/** The last matching spec of a group. `known`: one that is known to match, or null. */
function find(
  group: Group,
  path: string,
  stem: number,
  kind: FileKind,
  literal: boolean,
  known: Entry | null,
): FileContextMatch | null {
  let best = known;
  let refused: string | null = null;
  for (const directory of directoriesOf(path, group.longest)) {
    for (const entry of group.byDirectory.get(directory) ?? []) {
      if (best !== null && best.index > entry.index) break;
      if (!path.startsWith(entry.prefix) || !kindMatches(entry.spec.kind, kind)) continue;
      // A spec with a stem is about paths with that very stem, and matches what follows it.
      if (entry.stem !== 0 && entry.stem !== stem) continue;
      const pattern = patternOf(entry);
      if (typeof pattern !== "string" && !pattern.matches(path.slice(entry.stem))) continue;
      best = entry;
      refused = typeof pattern === "string" ? pattern : null;
      break;
    }
  }
  if (best === null) return null;
  return refused === null ? { spec: best.spec, literal } : { spec: best.spec, refused };
}

/** The path itself and every directory above it down to the empty one, as far as they are at most `longest` long. */
function* directoriesOf(path: string, longest: number): Generator<string> {
  if (path.length <= longest) yield path;
  for (let slash = path.lastIndexOf("/", longest); slash >= 0; slash = path.lastIndexOf("/", slash - 1)) {
    if (slash < path.length) yield path.slice(0, slash);
    if (slash === 0) return;
  }
}

/** The compiled pattern, or why there is none. */
function patternOf(entry: Entry): PathPattern | string {
  if (entry.pattern === null) {
    try {
      entry.pattern = compilePathPattern(entry.rest);
    } catch (error) {
      if (!(error instanceof PatternError)) throw error;
      entry.pattern = error.message;
    }
  }
  return entry.pattern;
}

function kindMatches(spec: FileKind, kind: FileKind): boolean {
  return spec === "any" || kind === "any" || spec === kind;
}

const metacharacters = /[.^$?*+|[({]/;

/** libselinux `spec_hasMetaChars`: no unescaped metacharacter. Such specs are consulted before all others. */
export function isLiteralSpec(regex: string): boolean {
  return !metacharacters.test(regex.replace(/\\[^]/g, ""));
}

/**
 * libselinux `get_stem_from_spec`: the text before the second slash, if it has no metacharacter; else empty. A
 * backslash is not one, so a stem with an escape equals no path's stem and such a spec never matches.
 */
function stemOf(regex: string): string {
  const stem = pathStem(regex);
  return metacharacters.test(stem) ? "" : stem;
}

function pathStem(path: string): string {
  const slash = path.indexOf("/", 1);
  return slash === -1 ? "" : path.slice(0, slash);
}

/** The text that a literal spec matches, or null where an escape may mean something else than its character. */
function literalPath(rest: string): string | null {
  if (/\\(?:[A-Za-z0-9]|$)/.test(rest)) return null;
  // An unmatched `)` is an error of the pattern, found when it is compiled.
  const bare = rest.replace(/\\[^]/g, "");
  return bare.includes(")") ? null : rest.replace(/\\([^])/g, "$1");
}

/** Characters that every match of the pattern begins with: up to the first one that is not itself. */
function literalPrefix(rest: string): string {
  if (hasTopLevelBranch(rest)) return "";
  const plain = /^(?:[^.^$?*+|[({)\\]|\\[^A-Za-z0-9])*/.exec(rest)?.[0] ?? "";
  const quantified = /[?*{]/.test(rest[plain.length] ?? "");
  const kept = quantified ? plain.replace(/\\?[^]$/, "") : plain;
  return kept.replace(/\\([^])/g, "$1");
}

/** True where a `|` stands outside of any group. Errs towards true. */
function hasTopLevelBranch(rest: string): boolean {
  if (!rest.includes("|")) return false;
  let depth = 0;
  for (const character of rest.replace(/\\[^]/g, "")) {
    if (character === "[") return true;
    if (character === "(") depth++;
    else if (character === ")") depth--;
    else if (character === "|" && depth <= 0) return true;
  }
  return false;
}

/**
 * The path that specs are matched against: no doubled or trailing slash, `.subs` applied, then `.subs_dist` on the
 * result. Of several lines that apply the last one counts (libselinux 3.4 tries them from the end).
 */
export function canonicalisePath(
  path: string,
  local: readonly PathEquivalence[],
  distribution: readonly PathEquivalence[],
): string {
  const clean = path.replace(/\/{2,}/g, "/").replace(/(?<=[^])\/$/, "");
  return substitute(substitute(clean, local), distribution);
}

/**
 * The equivalence that makes `semanage fcontext` refuse a spec: its text lies below the left side (seobject.py,
 * `validate`). The right side of one may lie below the left side of another, so a canonical path can be refused too.
 */
export function equivalenceAgainst(
  spec: string,
  equivalences: readonly PathEquivalence[],
): PathEquivalence | undefined {
  return equivalences.find(({ from }) => spec.startsWith(`${from}/`));
}

function substitute(path: string, equivalences: readonly PathEquivalence[]): string {
  for (let index = equivalences.length - 1; index >= 0; index--) {
    const rule = equivalences[index];
    if (rule === undefined || !path.startsWith(rule.from)) continue;
    const after = path[rule.from.length];
    if (after !== undefined && after !== "/") continue;
    const rest = path.slice(rule.from.length);
    return rule.to === "/" && rest.startsWith("/") ? rest : rule.to + rest;
  }
  return path;
}
