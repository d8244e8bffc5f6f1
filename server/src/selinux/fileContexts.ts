/**
 * Default labels, as libselinux finds them: ordered `{regex, kind, type}` specs plus path equivalences. The one engine
 * for a host's own file_contexts and for the lists of the bundled releases.
 *
 * Paths and specs are ordinary strings. libselinux matches bytes, so `FileContexts`, and nothing before it, turns both
 * into the bytes of their UTF-8: `.` is one byte of `é`. Follows libselinux 3.4 `label_file.c`.
 */
import { byteString } from "./byteString.ts";
import { compilePathPattern, type PathPattern } from "./pathPattern.ts";
import { PatternBudget } from "./patternBudget.ts";
import { PatternBudgetError, PatternError } from "./patternError.ts";
import type { LabelAnswer } from "./policy.ts";
import type { FileContextSpec, FileKind, PathEquivalence, SpecList } from "./fileContextLists.ts";
import { SpecPlaces, type Place } from "./specPlaces.ts";
import { pathStem, type Entry } from "./specText.ts";

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

/** What a path's label comes from; `index`: the spec's place in the list. */
export type FileContextMatch =
  | { readonly spec: FileContextSpec; readonly index: number; readonly literal: boolean }
  /** A spec that may match comes first, and it cannot be evaluated faithfully. */
  | { readonly spec: FileContextSpec; readonly index: number; readonly refused: string };

/**
 * Compiled specs; one with a U+FFFD, which stands for malformed UTF-8, is refused. A spec is read when a path leads into
 * its directory; a regex is compiled when it is first needed, and let go when the budget holds too many.
 */
export class FileContexts {
  readonly #places: SpecPlaces;
  readonly #budget: PatternBudget;
  /** Entries whose pattern is compiled. */
  readonly #compiled: Entry[] = [];

  /** `specs` in file order: base, homedirs, local. `budget`: what questions take their work from. */
  constructor(specs: SpecList, budget: PatternBudget = new PatternBudget()) {
    this.#places = new SpecPlaces(specs);
    this.#budget = budget;
  }

  /** Specs that were read so far: those about directories that a path led into. */
  get read(): number {
    return this.#places.read;
  }

  /**
   * The spec that decides the label of the path `text`, already canonical and absolute; null where none matches. Specs without
   * metacharacters come before all others; within each group the last one wins. `kind` `any` matches specs of any kind.
   */
  match(text: string, kind: FileKind): FileContextMatch | null {
    this.#budget.ask();
    if (this.#budget.isFull) this.#release();
    const path = byteString(text);
    const place = this.#places.lastOn(path);
    const named = this.#places.naming(path).find((entry) => kindMatches(entry.spec.kind, kind)) ?? null;
    const question: Question = { path, stem: pathStem(path).length, kind };
    return this.#last(place, "literal", question, named) ?? this.#last(place, "patterns", question, null);
  }

  /** The last matching spec of a place and those above it. `known`: one that is known to match, or null. */
  #last(
    lowest: Place,
    group: "literal" | "patterns",
    question: Question,
    known: Entry | null,
  ): FileContextMatch | null {
    let best = known;
    let refused: string | null = null;
    for (let place: Place | null = lowest; place !== null; place = place.above) {
      for (const entry of place[group]) {
        if (best !== null && best.index > entry.index) break;
        const matches = this.#matches(entry, question);
        if (matches === false) continue;
        best = entry;
        refused = matches === true ? null : matches;
        break;
      }
    }
    if (best === null) return null;
    const { spec, index, literal } = best;
    return refused === null ? { spec, index, literal } : { spec, index, refused };
  }

  /** Whether a spec matches, or why that cannot be told. */
  #matches(entry: Entry, { path, stem, kind }: Question): boolean | string {
    try {
      this.#budget.spend(1);
      if (!path.startsWith(entry.prefix) || !kindMatches(entry.spec.kind, kind)) return false;
      // A spec with a stem is about paths with that very stem, and matches what follows it.
      if (entry.stem !== 0 && entry.stem !== stem) return false;
      if (entry.form === "beginning") return true;
      if (entry.form === "directory") return isAtOrBelow(path, entry.prefix.length);
      const pattern = entry.pattern ?? this.#compile(entry);
      return typeof pattern === "string" ? pattern : pattern.matches(path.slice(entry.stem));
    } catch (error) {
      if (!(error instanceof PatternError)) throw error;
      return error.message;
    }
  }

  /** The compiled pattern, or why there can be none. Throws PatternBudgetError where the budget does not suffice now. */
  #compile(entry: Entry): PathPattern | string {
    if (this.#budget.isFull) this.#release();
    try {
      entry.pattern = compilePathPattern(entry.rest, this.#budget);
      this.#compiled.push(entry);
    } catch (error) {
      if (!(error instanceof PatternError) || error instanceof PatternBudgetError) throw error;
      entry.pattern = error.message;
    }
    return entry.pattern;
  }

  #release(): void {
    for (const entry of this.#compiled) entry.pattern = null;
    this.#compiled.length = 0;
    this.#budget.release();
  }
}

/** The answer where a spec of `file` may decide a label and cannot be evaluated: nothing is certain then. */
export function unknownLabel(
  { spec, refused }: FileContextMatch & { readonly refused: string },
  file: string,
): LabelAnswer {
  const { regex } = spec;
  const shown = regex.length > 40 ? `${regex.slice(0, 40)}…` : regex;
  const unknown = `the pattern ${shown} of ${file} may match and was not tried (${refused})`;
  return { type: null, exact: false, spec: regex, unknown };
}

interface Question {
  readonly path: string;
  /** Length of the path's stem. */
  readonly stem: number;
  readonly kind: FileKind;
}

function kindMatches(spec: FileKind, kind: FileKind): boolean {
  return spec === "any" || kind === "any" || spec === kind;
}

/** `(/.*)?$` on what follows a directory's name; `$` matches before a newline at the end, too. */
function isAtOrBelow(path: string, length: number): boolean {
  return path.length === length || path[length] === "/" || (path.length === length + 1 && path[length] === "\n");
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
  const single = path.includes("//") ? path.replace(/\/{2,}/g, "/") : path;
  const clean = single.length > 1 && single.endsWith("/") ? single.slice(0, -1) : single;
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
