/** Inserting whole comment lines above a directive without changing what nginx reads. */
import { insideWord, statementAt } from "../analysis/ignoreComments.ts";
import type { Tree } from "../nginx/tree/tree.ts";

const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const TAB = 0x09;
/** nginx refuses a longer comment, `#` included: `NGX_CONF_BUFFER - 1`. */
const LONGEST_COMMENT = 4095;
const latin1 = new TextDecoder("latin1");
const utf8 = new TextDecoder();

/** Where lines go, and what they look like there. */
export interface InsertionPoint {
  /** Byte offset of the beginning of a line. */
  readonly offset: number;
  /** Spaces and tabs at the beginning of that line. */
  readonly indent: string;
  readonly newline: "\n" | "\r\n";
}

/**
 * The beginning of the line of a directive, moved up where that line begins inside of a quoted word, so that an inserted
 * comment is one.
 */
export function insertionPoint(tree: Tree, offset: number): InsertionPoint {
  const { bytes } = tree;
  const statement = statementAt(tree, offset);
  let line = lineStart(bytes, statement < 0 ? offset : tree.span(statement).start);
  // A word may well begin with the line: only one that has begun before takes the comment into itself.
  while (line > 0 && insideWord(tree, line - 1)) {
    const enclosing = statementAt(tree, line - 1);
    line = lineStart(bytes, Math.min(line - 1, tree.span(enclosing).start));
  }
  return { offset: line, indent: indentAt(bytes, line), newline: newlineNear(bytes, line) };
}

/** The lines as one text to insert; null where one of them would be no valid comment for nginx. */
export function commentText(point: InsertionPoint, lines: readonly string[]): string | null {
  const valid = lines.every(
    (line) =>
      !/[\u0000-\u0008\u000a-\u001f\u007f]/.test(line) && new TextEncoder().encode(line).length <= LONGEST_COMMENT,
  );
  if (!valid) return null;
  return lines.map((line) => `${point.indent}${line}${point.newline}`).join("");
}

/** A whole line that is a comment. */
export interface CommentLine {
  /** Byte offsets of the beginning of the line, and of the line below. */
  readonly start: number;
  readonly end: number;
  /** Without indentation. */
  readonly text: string;
}

/** The comment lines right above a line, the nearest first. At most `most` of them. */
export function commentsAbove(tree: Tree, lineOffset: number, most: number): readonly CommentLine[] {
  const { bytes } = tree;
  const comments: CommentLine[] = [];
  let end = lineOffset;
  while (end > 0 && comments.length < most) {
    const start = lineStart(bytes, end - 1);
    const text = utf8.decode(bytes.subarray(start, Math.min(end, start + 2 * LONGEST_COMMENT))).trim();
    if (!text.startsWith("#")) break;
    comments.push({ start, end, text });
    end = start;
  }
  return comments;
}

function lineStart(bytes: Uint8Array, offset: number): number {
  return offset <= 0 ? 0 : bytes.lastIndexOf(LF, offset - 1) + 1;
}

function indentAt(bytes: Uint8Array, line: number): string {
  let end = line;
  while (bytes[end] === SPACE || bytes[end] === TAB) end++;
  return latin1.decode(bytes.subarray(line, end));
}

/** The line ending of this line, or of the one above where this is the last. */
function newlineNear(bytes: Uint8Array, line: number): "\n" | "\r\n" {
  const next = bytes.indexOf(LF, line);
  const end = next < 0 ? line - 1 : next;
  return end > 0 && bytes[end - 1] === CR ? "\r\n" : "\n";
}
