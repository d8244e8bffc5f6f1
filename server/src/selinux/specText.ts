/**
 * What the text of a file_contexts spec says before it is compiled: which paths it can match at all, and where they lie.
 * Strings hold one byte per code unit, as libselinux sees them.
 */
import type { FileContextSpec } from "./fileContextLists.ts";
import type { PathPattern } from "./pathPattern.ts";

/** A spec that was read. */
export interface Entry {
  /** Its place in the list. */
  readonly index: number;
  readonly spec: FileContextSpec;
  /** True where it has no metacharacter: such specs are consulted before all others. */
  readonly literal: boolean;
  /** The one path that it matches; null where there may be more, or it cannot be told. */
  readonly path: string | null;
  /** Bytes that every matched path begins with, for a quick no. */
  readonly prefix: string;
  /** Most specs are `DIRECTORY(/.*)?` or `TEXT.*`: the prefix is the directory or the text, and nothing is compiled. */
  readonly form: "directory" | "beginning" | "pattern";
  /** Length of the stem, and the part of the regex behind it. */
  readonly stem: number;
  readonly rest: string;
  /** Compiled, or why it cannot be; null where it is not compiled now. */
  pattern: PathPattern | string | null;
}

/** Reads the spec at `index` of a list; `regex` is its text. One with a U+FFFD, which stands for malformed UTF-8, is refused. */
export function readSpec(spec: FileContextSpec, index: number, regex: string): Entry {
  const stem = stemOf(regex);
  const rest = regex.slice(stem.length);
  const literal = isLiteralSpec(regex);
  const fixed = { index, spec, literal, stem: stem.length, rest };
  if (spec.regex.includes("\ufffd")) {
    const prefix = stem + literalPrefix(rest);
    return { ...fixed, path: null, prefix, form: "pattern", pattern: "bytes that are not UTF-8" };
  }
  const path = literal ? literalPath(rest) : null;
  if (path !== null) return { ...fixed, path: stem + path, prefix: stem + path, form: "pattern", pattern: null };
  const directory = literalBefore(rest, everythingBelow);
  const beginning = literalBefore(rest, ".*");
  const prefix = stem + (directory ?? beginning ?? literalPrefix(rest));
  const form = directory !== null ? "directory" : beginning !== null ? "beginning" : "pattern";
  return { ...fixed, path: null, prefix, form, pattern: null };
}

/**
 * The name that begins at the slash `from` of a spec's text, as it is written, where all that the spec matches is or lies in
 * one directory there; empty where that cannot be relied on.
 */
export function nextName(regex: string, from: number): string {
  if (from === 0 && isScattered(regex)) return "";
  const slash = regex.indexOf("/", from + 1);
  if (slash === -1 || isQuantifier(regex[slash + 1])) return "";
  if (regex[slash - 1] !== "(") return regex.slice(from, slash);
  const isEnding = regex.length === slash - 1 + everythingBelow.length && regex.endsWith(everythingBelow);
  return isEnding ? regex.slice(from, slash - 1) : "";
}

/**
 * True where the paths that a spec matches need not begin with its text: a branch may begin anew, bytes are not known
 * (U+FFFD begins with the byte EF), or `$` may stand before a newline in it.
 */
function isScattered(regex: string): boolean {
  return unreliable.test(regex) || hasTopLevelBranch(regex);
}

const unreliable = /[\n\xef]/;

/** The directory that a name between two slashes of a spec stands for, slash and all; null where it is a pattern, or none. */
export function directoryNamed(written: string, isTop: boolean): string | null {
  // The stem, which is compared as it is written, has no escapes.
  if (!written.startsWith("/") || (isTop && written.includes("\\"))) return null;
  return textMatched(written);
}

/** A directory itself, and everything in it. */
const everythingBelow = "(/.*)?";

const metacharacters = /[.^$?*+|[({]/;

/** libselinux `spec_hasMetaChars`: no unescaped metacharacter. Such specs are consulted before all others. */
export function isLiteralSpec(regex: string): boolean {
  return !metacharacters.test(unescaped(regex));
}

/**
 * libselinux `get_stem_from_spec`: the text before the second slash, if it has no metacharacter; else empty. A
 * backslash is not one, so a stem with an escape equals no path's stem and such a spec never matches.
 */
function stemOf(regex: string): string {
  const stem = pathStem(regex);
  return metacharacters.test(stem) ? "" : stem;
}

/** The text before a path's second slash; empty where there is none. */
export function pathStem(path: string): string {
  const slash = path.indexOf("/", 1);
  return slash === -1 ? "" : path.slice(0, slash);
}

/**
 * The text that a literal spec matches, or null where an escape may mean something else than its character. So that one
 * directory is enough to look in, that is said of an escaped slash too.
 */
function literalPath(rest: string): string | null {
  if (!rest.includes("\\")) return rest.includes(")") ? null : rest;
  if (/\\(?:[A-Za-z0-9/]|$)/.test(rest)) return null;
  // An unmatched `)` is an error of the pattern, found when it is compiled.
  return unescaped(rest).includes(")") ? null : rest.replace(/\\([^])/g, "$1");
}

/** Text in which every character stands for itself, as in most specs. */
const plain = /^[^.^$?*+|[({)\\]*$/;

/** The text that a pattern matches before an ending such as `(/.*)?`; null where there is a pattern there as well. */
function literalBefore(rest: string, ending: string): string | null {
  if (!rest.endsWith(ending)) return null;
  return textMatched(rest.slice(0, -ending.length));
}

/** The text that a part of a spec matches; null where it is a pattern. */
function textMatched(part: string): string | null {
  if (plain.test(part)) return part;
  return isLiteralSpec(part) ? literalPath(part) : null;
}

const literalBeginning = /^(?:[^.^$?*+|[({)\\]|\\[^A-Za-z0-9])*/;

/** Characters that every match of the pattern begins with: up to the first one that is not itself. */
function literalPrefix(rest: string): string {
  if (hasTopLevelBranch(rest)) return "";
  const text = literalBeginning.exec(rest)?.[0] ?? "";
  const kept = isQuantifier(rest[text.length]) ? text.replace(/\\?[^]$/, "") : text;
  return kept.includes("\\") ? kept.replace(/\\([^])/g, "$1") : kept;
}

/** True for what makes the character before it one that need not be there. */
function isQuantifier(character: string | undefined): boolean {
  return character === "?" || character === "*" || character === "{";
}

/** The text without escapes and what they escape. */
function unescaped(text: string): string {
  return text.includes("\\") ? text.replace(/\\[^]/g, "") : text;
}

/** True where a `|` stands outside of any group. Errs towards true. */
function hasTopLevelBranch(rest: string): boolean {
  if (!rest.includes("|")) return false;
  let depth = 0;
  for (const character of unescaped(rest)) {
    if (character === "[") return true;
    if (character === "(") depth++;
    else if (character === ")") depth--;
    else if (character === "|" && depth <= 0) return true;
  }
  return false;
}
