/**
 * The syntax tree of one nginx file: statements in preorder, kept as columns of numbers.
 *
 * A statement is a number (`Statement`), its data lives in typed arrays, and its words are byte spans that are decoded
 * only when asked for. A tree of a million statements costs a few dozen bytes each and no object.
 */
import type { Span } from "../../base/text.ts";

/** Index of a statement in its tree's preorder, `0 <= s < tree.size`. `ROOT` (-1) is the parent of top-level ones. */
export type Statement = number;
export const ROOT: Statement = -1;

/**
 * How a statement ended:
 * `simple` at `;`, `block` at `{` (its children follow), `lua` at `{` of a `*_by_lua_block` (its body is a span),
 * `open` not at all: the file or its block ended first, or recovery closed it.
 */
export type Terminator = "simple" | "block" | "lua" | "open";

/** Something nginx would refuse in this file, in nginx's words. */
export interface Problem {
  readonly span: Span;
  /** One-based line as nginx reports it: LF only, and where the terminator was read. */
  readonly line: number;
  /** nginx's message without the `in FILE:LINE` tail, for example `unexpected "}"`. */
  readonly message: string;
}

export interface Tree {
  readonly bytes: Uint8Array;
  /** In file order. `problems[0]` is the one at which nginx stops; everything before it is exactly nginx's reading. */
  readonly problems: readonly Problem[];
  /** Number of statements. */
  readonly size: number;

  terminator(s: Statement): Terminator;
  /** The enclosing block, or ROOT. */
  parent(s: Statement): Statement;
  /** First child of a block (of ROOT: the first top-level statement), or -1. */
  firstChild(s: Statement): Statement;
  /** Next statement in the same block, or -1. */
  nextSibling(s: Statement): Statement;
  /** One past the last descendant: the descendants of `s` are `s + 1 .. subtreeEnd(s) - 1`. `subtreeEnd(ROOT) === size`. */
  subtreeEnd(s: Statement): Statement;
  /** From the first byte of the first word to one past the terminator (of a block: its closing brace). */
  span(s: Statement): Span;
  /** One-based line of the first word (LF only). */
  line(s: Statement): number;
  /** The body between the braces of a `lua` statement. Throws a RangeError for any other. */
  luaSpan(s: Statement): Span;

  /** Number of words, the name included; at least 1 (0 only for a statement with a missing name, `open`). */
  wordCount(s: Statement): number;
  /** The i-th word after nginx's unescaping, decoded as UTF-8 with replacement characters. Word 0 is the name. */
  word(s: Statement, i: number): string;
  /** The same, interned: for a word that many statements have, such as a parameter of `listen`. */
  sharedWord(s: Statement, i: number): string;
  /** The same as Latin-1: one code unit per byte, exact for any input. */
  wordLatin1(s: Statement, i: number): string;
  /** Bytes of the raw word as written, quotes not included. */
  wordSpan(s: Statement, i: number): Span;
  /** The quote character that surrounds the word, or "". */
  wordQuote(s: Statement, i: number): "" | '"' | "'";
  /** Shorthand for `sharedWord(s, 0)`, and "" where there is no word; found once for each statement. */
  name(s: Statement): string;
}
