/** What a cursor is in the middle of: the block around it, the directive, and the word that is being typed, quoted or not. */
import { statementAt } from "../../analysis/ignoreComments.ts";
import { isRawBlock } from "../../nginx/tree/names.ts";
import { ROOT, type Statement, type Tree } from "../../nginx/tree/tree.ts";
import type { Span } from "../../base/text.ts";

export interface TypedText {
  /** The block around the cursor, or ROOT. */
  readonly block: Statement;
  /** The words of the statement before the one that is being typed, as written, without quotes: none where its name is typed. */
  readonly words: readonly string[];
  /** The text of the word from its first byte to the cursor, without the quote. */
  readonly word: string;
  /** True behind a quote that is not closed before the cursor. */
  readonly isQuoted: boolean;
  /** Bytes that a completion replaces: the word up to the cursor. */
  readonly span: Span;
}

const utf8 = new TextDecoder();
const BACKSLASH = 0x5c;
const HASH = 0x23;
/** Bytes before the cursor that are looked at: longer words and statements get no completion. */
const LONGEST = 4096;

/**
 * Reads backwards from the cursor to the end of the statement before it, by nginx's rules of words: the statement is not
 * finished yet, so the tree says nothing of it. Null inside of a comment, Lua, or a block of data (`map`, `types`).
 */
export function typedTextAt(tree: Tree, offset: number): TypedText | null {
  const block = blockAround(tree, offset);
  if (block !== ROOT && (tree.terminator(block) === "lua" || isRawBlock(tree.name(block)))) return null;
  const from = Math.max(block === ROOT ? 0 : bodyStart(tree, block), offset - LONGEST);
  const words: { text: string; start: number }[] = [];
  let current = -1;
  let isQuoted = false;
  const end = (at: number): void => {
    if (current >= 0) words.push({ text: utf8.decode(tree.bytes.subarray(current, at)), start: current });
    current = -1;
  };
  for (let i = lastStatementEnd(tree, block, from, offset); i < offset; i++) {
    const byte = tree.bytes[i] ?? 0;
    if (byte === BACKSLASH) {
      if (current < 0) current = i;
      i++;
    } else if (current < 0 && byte === HASH) {
      while (i < offset && tree.bytes[i] !== 0x0a) i++;
      if (i >= offset) return null;
    } else if (current < 0 && (byte === 0x22 || byte === 0x27)) {
      const closing = closingQuote(tree.bytes, i, offset);
      current = i + 1;
      isQuoted = closing >= offset;
      i = closing;
      if (!isQuoted) end(i);
    } else if (byte === 0x3b || byte === 0x7b || byte === 0x7d) {
      // `${` belongs to a word.
      if (byte === 0x7b && tree.bytes[i - 1] === 0x24) continue;
      current = -1;
      words.length = 0;
    } else if (byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d) end(i);
    else if (current < 0) current = i;
  }
  const start = current < 0 ? offset : current;
  return {
    block,
    words: words.map(({ text }) => text),
    word: utf8.decode(tree.bytes.subarray(start, offset)),
    isQuoted,
    span: { start, end: offset },
  };
}

/** Where the quote at an offset is closed; `limit` where it is not closed before it. */
function closingQuote(bytes: Uint8Array, opening: number, limit: number): number {
  for (let i = opening + 1; i < limit; i++) {
    if (bytes[i] === BACKSLASH) i++;
    else if (bytes[i] === bytes[opening]) return i;
  }
  return limit;
}

/** The innermost block whose braces are around an offset. */
function blockAround(tree: Tree, offset: number): Statement {
  let s = statementAt(tree, offset);
  while (s !== ROOT && !isInside(tree, s, offset)) s = tree.parent(s);
  return s;
}

function isInside(tree: Tree, s: Statement, offset: number): boolean {
  const terminator = tree.terminator(s);
  if (terminator === "lua") return tree.luaSpan(s).start <= offset && offset <= tree.luaSpan(s).end;
  return terminator === "block" && bodyStart(tree, s) <= offset && offset < tree.span(s).end;
}

/** The byte behind the opening brace. */
function bodyStart(tree: Tree, block: Statement): number {
  let at = tree.wordSpan(block, tree.wordCount(block) - 1).end;
  while (at < tree.bytes.length && tree.bytes[at] !== 0x7b) at++;
  return at + 1;
}

/** Where the last statement of a block that is finished before the offset ends; the beginning of its body where none is. */
function lastStatementEnd(tree: Tree, block: Statement, from: number, offset: number): number {
  let last = from;
  for (let s = statementAt(tree, offset); s !== ROOT && s !== block; s = tree.parent(s)) {
    const { end } = tree.span(s);
    if (tree.terminator(s) === "simple" && end <= offset) last = Math.max(last, end);
  }
  return last;
}
