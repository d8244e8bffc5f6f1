/** Sets of byte values: what one character of a path may be. Shared, and never changed once they are in a pattern. */
import { PatternError } from "./patternError.ts";

/** 256 bits: which byte values match. */
export type ByteSet = Uint8Array;

/** The byte that a character of a byte string stands for. Throws PatternError. */
export function codeOf(character: string): number {
  const code = character.charCodeAt(0);
  if (code > 255) throw new PatternError("not a byte string");
  return code;
}

function setOf(...codes: readonly number[]): ByteSet {
  const set = new Uint8Array(256);
  for (const code of codes) set[code] = 1;
  return set;
}

/** One set per byte value, made when it is first needed: patterns are mostly plain characters. */
const singles: ByteSet[] = [];

/** The set of one byte value. */
export function byteSetOf(code: number): ByteSet {
  return (singles[code] ??= setOf(code));
}

function rangesOf(...ranges: readonly (readonly [string, string])[]): ByteSet {
  const set = new Uint8Array(256);
  for (const [low, high] of ranges) set.fill(1, low.charCodeAt(0), high.charCodeAt(0) + 1);
  return set;
}

/** Adds the other set's bytes to `into`. */
export function union(into: ByteSet, other: ByteSet): void {
  for (let code = 0; code < 256; code++) if (other[code] === 1) into[code] = 1;
}

/** All other bytes. */
export function complement(set: ByteSet): ByteSet {
  return set.map((bit) => 1 - bit);
}

/** Adds the bytes from one to another, given as sets of one. Throws PatternError. */
export function addRange(into: ByteSet, low: ByteSet, high: ByteSet): void {
  const [from, to] = [only(low), only(high)];
  if (from === null || to === null) throw new PatternError("range with a class");
  if (to < from) throw new PatternError("range out of order");
  into.fill(1, from, to + 1);
}

function only(set: ByteSet): number | null {
  const first = set.indexOf(1);
  return first === set.lastIndexOf(1) ? first : null;
}

/** What `.` matches. */
export const everyByte = new Uint8Array(256).fill(1);
const digits = rangesOf(["0", "9"]);
const wordBytes = rangesOf(["0", "9"], ["A", "Z"], ["a", "z"], ["_", "_"]);
const spaces = rangesOf(["\t", "\r"], [" ", " "]);
const blanks = rangesOf(["\t", "\t"], [" ", " "]);
const verticalSpaces = setOf(10, 11, 12, 13, 0x85);
const horizontalSpaces = setOf(9, 32, 0xa0);

/** Escapes of PCRE in the C locale. `\s` includes the vertical tab since PCRE 8.34. */
export const escapedSets: ReadonlyMap<string, ByteSet> = new Map([
  ["d", digits],
  ["D", complement(digits)],
  ["w", wordBytes],
  ["W", complement(wordBytes)],
  ["s", spaces],
  ["S", complement(spaces)],
  ["h", horizontalSpaces],
  ["H", complement(horizontalSpaces)],
  ["v", verticalSpaces],
  ["V", complement(verticalSpaces)],
  ["t", byteSetOf(9)],
  ["n", byteSetOf(10)],
  ["f", byteSetOf(12)],
  ["r", byteSetOf(13)],
  ["a", byteSetOf(7)],
  ["e", byteSetOf(27)],
]);

/** `[:name:]` of PCRE in the C locale. */
export const posixSets: ReadonlyMap<string, ByteSet> = new Map([
  ["alnum", rangesOf(["0", "9"], ["A", "Z"], ["a", "z"])],
  ["alpha", rangesOf(["A", "Z"], ["a", "z"])],
  ["ascii", rangesOf(["\0", "\x7f"])],
  ["blank", blanks],
  ["cntrl", rangesOf(["\0", "\x1f"], ["\x7f", "\x7f"])],
  ["digit", digits],
  ["graph", rangesOf(["!", "~"])],
  ["lower", rangesOf(["a", "z"])],
  ["print", rangesOf([" ", "~"])],
  ["punct", rangesOf(["!", "/"], [":", "@"], ["[", "`"], ["{", "~"])],
  ["space", spaces],
  ["upper", rangesOf(["A", "Z"])],
  ["word", wordBytes],
  ["xdigit", rangesOf(["0", "9"], ["A", "F"], ["a", "f"])],
]);
