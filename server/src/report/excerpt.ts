/** The source line of a finding, with its target apart. */
import type { LineIndex, Span } from "../base/text.ts";
import { displayWidth, isPlain, printable } from "./terminal.ts";

export interface Excerpt {
  /** The line's text in three parts: before, the target, behind. Printable, tabs expanded, cut where it is long. */
  readonly before: string;
  readonly target: string;
  readonly behind: string;
}

/** Characters that are shown of each part. */
const BEFORE = 60;
const TARGET = 120;
const BEHIND = 60;
/** Bytes that are read of each part: enough for that many characters of four bytes. */
const BYTES = 4 * TARGET;
const TAB = 4;
const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

/** The excerpt for a span; a span of several lines shows its first. Reads a bounded part of the line only. */
export function excerptOf(index: LineIndex, span: Span): Excerpt {
  const { line } = index.positionAt(span.start);
  const whole = index.lineSpan(line);
  const start = Math.max(whole.start, Math.min(span.start, whole.end));
  const end = Math.max(start, Math.min(span.end, whole.end));
  const from = characterStart(index.bytes, Math.max(whole.start, start - BYTES), start);
  const before = cutLeft(expandTabs(textOf(index.bytes, from, start)), from > whole.start);
  const target = cutRight(expandTabs(textOf(index.bytes, start, Math.min(end, start + BYTES))), TARGET);
  const behind = cutRight(expandTabs(textOf(index.bytes, end, Math.min(whole.end, end + BYTES))), BEHIND);
  return { before, target, behind: behind.trimEnd() };
}

function textOf(bytes: Uint8Array, start: number, end: number): string {
  return utf8.decode(bytes.subarray(start, end));
}

/** Moves past the continuation bytes of a character that a cut would split. */
function characterStart(bytes: Uint8Array, from: number, limit: number): number {
  let at = from;
  while (at < limit && ((bytes[at] ?? 0) & 0xc0) === 0x80) at++;
  return at;
}

/** Tabs as spaces to the next stop, everything else printable. */
function expandTabs(text: string): string {
  if (isPlain(text)) return printable(text);
  let result = "";
  let column = 0;
  for (const part of text.split(/(\t)/)) {
    const shown = part === "\t" ? " ".repeat(TAB - (column % TAB)) : printable(part);
    result += shown;
    column += displayWidth(shown);
  }
  return result;
}

function cutLeft(text: string, cut: boolean): string {
  if (text.length <= BEFORE) return cut ? `...${text}` : text;
  const characters = Array.from(text);
  if (characters.length <= BEFORE) return cut ? `...${text}` : text;
  return `...${characters.slice(-BEFORE).join("")}`;
}

function cutRight(text: string, most: number): string {
  if (text.length <= most) return text;
  const characters = Array.from(text);
  return characters.length <= most ? text : `${characters.slice(0, most).join("")}...`;
}
