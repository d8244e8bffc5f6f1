/** `# selinux-ignore RULE REASON`: comments that silence one rule on their own line or on the line below. */
import { isReason } from "../base/silenceReason.ts";
import { firstPosition } from "../base/search.ts";
import type { Statement, Tree } from "../nginx/tree/tree.ts";
import type { Span } from "../base/text.ts";

export interface IgnoreComment {
  /** From `#` to the end of the line. */
  readonly span: Span;
  /** Rule id as written; "" where none is. */
  readonly rule: string;
  /** As it is written, a placeholder too; "" where none is given. See `silenceReason.ts`. */
  readonly reason: string;
  /** The line that it speaks of. */
  readonly covers: Span;
}

const LF = 0x0a;
const HASH = 0x23;
/** nginx refuses longer comments, so nothing beyond is read. */
const LONGEST_COMMENT = 4095;
/** Comments looked at for one line; more are no honest configuration. */
const MOST_PER_LINE = 100;
const cache = new WeakMap<Tree, readonly IgnoreComment[]>();
const utf8 = new TextDecoder();

/** The comments of a file in file order. Linear in the file's size; kept with the tree. */
export function ignoreComments(tree: Tree): readonly IgnoreComment[] {
  const known = cache.get(tree);
  if (known !== undefined) return known;
  const comments = findComments(tree);
  cache.set(tree, comments);
  return comments;
}

/** The comment that silences `rule` for what begins at a byte offset, or undefined. */
export function silencedBy(tree: Tree, offset: number, rule: string): IgnoreComment | undefined {
  const comments = ignoreComments(tree);
  if (comments.length === 0) return undefined;
  const statement = statementAt(tree, offset);
  const offsets = statement < 0 ? [offset] : [offset, tree.span(statement).start];
  for (const each of offsets) {
    const last = lastAtOrBefore(comments.length, (k) => comments[k]?.covers.start ?? 0, each);
    for (let i = last; i >= 0 && i > last - MOST_PER_LINE; i--) {
      const comment = comments[i];
      if (comment === undefined || comment.covers.end < each) break;
      if (comment.rule === rule && isReason(comment.reason)) return comment;
    }
  }
  return undefined;
}

/** The last statement that begins at or before an offset, or -1. It contains the offset, or ends before it. */
export function statementAt(tree: Tree, offset: number): Statement {
  return lastAtOrBefore(tree.size, (s) => tree.span(s).start, offset);
}

/** Largest `i < count` with `key(i) <= wanted`, keys ascending; -1 where there is none. */
function lastAtOrBefore(count: number, key: (i: number) => number, wanted: number): number {
  return firstPosition(count, (i) => key(i) > wanted) - 1;
}

function findComments(tree: Tree): readonly IgnoreComment[] {
  const { bytes } = tree;
  const found: IgnoreComment[] = [];
  for (let at = bytes.indexOf(HASH); at >= 0; at = bytes.indexOf(HASH, at + 1)) {
    if (!mayBegin(bytes, at)) continue;
    const newline = bytes.indexOf(LF, at);
    const end = newline < 0 ? bytes.length : newline;
    const text = utf8.decode(bytes.subarray(at, Math.min(end, at + LONGEST_COMMENT)));
    const match = /^#[ \t]*selinux-ignore(?:[ \t]+(\S+))?(?:[ \t]+(\S.*?))?\s*$/.exec(text);
    if (match !== null && !insideWord(tree, at)) {
      found.push({
        span: { start: at, end: at + new TextEncoder().encode(text.trimEnd()).length },
        rule: match[1] ?? "",
        reason: match[2] ?? "",
        covers: { start: bytes.lastIndexOf(LF, at) + 1, end },
      });
    }
    at = end;
    if (at >= bytes.length) break;
  }
  return spreadDown(bytes, found);
}

/** `#`, spaces, `s`: cheap refusal of every other comment and of `#` inside of words. */
function mayBegin(bytes: Uint8Array, at: number): boolean {
  let next = at + 1;
  while (bytes[next] === 0x20 || bytes[next] === 0x09) next++;
  return bytes[next] === 0x73 && bytes[next + 1] === 0x65 && bytes[next + 2] === 0x6c;
}

/** True where a byte of a word or of Lua code stands at this offset: a `#` there begins no comment. */
export function insideWord(tree: Tree, at: number): boolean {
  const statement = statementAt(tree, at);
  if (statement < 0) return false;
  const word = lastAtOrBefore(tree.wordCount(statement), (i) => tree.wordSpan(statement, i).start, at);
  if (word >= 0 && at < tree.wordSpan(statement, word).end) return true;
  if (tree.terminator(statement) !== "lua") return false;
  const body = tree.luaSpan(statement);
  return body.start <= at && at < body.end;
}

/** A comment alone on its line covers the line below, past other such comments. */
function spreadDown(bytes: Uint8Array, comments: readonly IgnoreComment[]): readonly IgnoreComment[] {
  const result: IgnoreComment[] = [...comments];
  for (let i = comments.length - 1; i >= 0; i--) {
    const comment = comments[i];
    if (comment === undefined || !isBlank(bytes, comment.covers.start, comment.span.start)) continue;
    const start = comment.covers.end + 1;
    const below = comments[i + 1];
    const covers =
      below !== undefined && below.covers.start === start && isBlank(bytes, start, below.span.start)
        ? (result[i + 1]?.covers ?? below.covers)
        : { start, end: lineEnd(bytes, start) };
    result[i] = { ...comment, covers };
  }
  return result;
}

function lineEnd(bytes: Uint8Array, from: number): number {
  const newline = bytes.indexOf(LF, from);
  return newline < 0 ? bytes.length : newline;
}

function isBlank(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (bytes[i] !== 0x20 && bytes[i] !== 0x09) return false;
  return true;
}
