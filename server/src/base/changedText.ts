/**
 * A text after the changes that an editor reports. Only what a change touches is gone through: a text of megabytes is
 * typed into.
 */
/* oxlint-disable typescript/no-non-null-assertion -- elements of typed arrays, read inside of their bounds */
import { endsLine } from "./lineStarts.ts";
import { characterStart, countOf, LineIndex } from "./text.ts";
import type { Position, PositionEncoding, Range } from "./text.ts";

/** A change as LSP reports it. Without a range the text is the whole new one. */
export interface TextChange {
  readonly range?: Range;
  readonly text: string;
}

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });
const encoder = new TextEncoder();

/** A text as an editor sends it. */
export function textOf(text: string): LineIndex {
  return new LineIndex(encoder.encode(text));
}

/**
 * The text after some changes, each made to what the one before it left. Positions that do not exist are clamped; in
 * UTF-8 one inside a character is its beginning.
 */
export function withChanges(
  before: LineIndex,
  changes: readonly TextChange[],
  encoding: PositionEncoding = "utf-16",
): LineIndex {
  let text = before;
  let edited: EditedText | null = null;
  for (const { range, text: inserted } of changes) {
    if (range === undefined) {
      edited = null;
      text = textOf(inserted);
    } else {
      edited ??= new EditedText(text, encoding);
      edited.replace(range, inserted);
    }
  }
  return edited === null ? text : edited.result();
}

/** Bytes and beginnings of lines, each with room behind it. */
class EditedText {
  #bytes: Uint8Array;
  #length: number;
  #starts: Uint32Array;
  #lines: number;
  #isAscii: boolean;
  readonly #encoding: PositionEncoding;

  constructor({ bytes, starts: { offsets, isAscii } }: LineIndex, encoding: PositionEncoding) {
    this.#encoding = encoding;
    this.#bytes = withRoom(bytes, bytes.length, larger(bytes.length));
    this.#length = bytes.length;
    this.#starts = withRoom(offsets, offsets.length, larger(offsets.length));
    this.#lines = offsets.length;
    this.#isAscii = isAscii;
  }

  result(): LineIndex {
    const offsets = this.#starts.subarray(0, this.#lines);
    return new LineIndex(this.#bytes.subarray(0, this.#length), { offsets, isAscii: this.#isAscii });
  }

  /** Whole lines are replaced, as text: a UTF-16 position may lie between the two halves of a surrogate pair. */
  replace(range: Range, text: string): void {
    const [start, end] = isOrdered(range) ? [range.start, range.end] : [range.end, range.start];
    const first = this.#lineOf(start);
    const last = this.#lineOf(end);
    const [head] = this.#cut(first, this.#column(start));
    const [, tail] = this.#cut(last, this.#column(end));
    const inserted = encoder.encode(head + text + tail);
    this.#isAscii &&= inserted.every(isAscii);
    this.#splice(first, last, inserted);
  }

  /** Puts bytes in the place of some lines, the end of the last one left as it is. */
  #splice(first: number, last: number, inserted: Uint8Array): void {
    const start = this.#starts[first]!;
    const end = this.#lineEnd(last);
    const moved = inserted.length - (end - start);
    const length = this.#length + moved;
    if (length > this.#bytes.length) this.#bytes = withRoom(this.#bytes, this.#length, larger(length));
    this.#bytes.copyWithin(end + moved, end, this.#length);
    this.#bytes.set(inserted, start);
    this.#length = length;
    // What begins after a byte that is new, or before one, is looked at again.
    const found = linesIn(this.#bytes.subarray(0, length), Math.max(start - 1, 0), end + moved);
    const kept = Math.max(first, 1);
    const lines = kept + found.length + this.#lines - (last + 1);
    if (lines > this.#starts.length) this.#starts = withRoom(this.#starts, this.#lines, larger(lines));
    this.#starts.copyWithin(kept + found.length, last + 1, this.#lines);
    this.#starts.set(found, kept);
    for (let line = kept + found.length; line < lines; line++) this.#starts[line] = this.#starts[line]! + moved;
    this.#lines = lines;
  }

  #lineOf({ line }: Position): number {
    return Math.min(countOf(line), this.#lines - 1);
  }

  /** A column of a line; the end of the text is behind all of its lines. */
  #column({ line, character }: Position): number {
    if (line < 0) return 0;
    return line >= this.#lines ? Infinity : countOf(character);
  }

  /** The text of a line before a column, and from it on. */
  #cut(line: number, column: number): readonly [before: string, behind: string] {
    const start = this.#starts[line]!;
    const bytes = this.#bytes.subarray(start, this.#lineEnd(line));
    if (this.#encoding === "utf-8") {
      const at = characterStart(bytes, Math.min(column, bytes.length));
      return [utf8.decode(bytes.subarray(0, at)), utf8.decode(bytes.subarray(at))];
    }
    const text = utf8.decode(bytes);
    return [text.slice(0, column), text.slice(column)];
  }

  /** The offset of the end of a line, or of the text. */
  #lineEnd(line: number): number {
    if (line === this.#lines - 1) return this.#length;
    const end = this.#starts[line + 1]! - 1;
    const isPair = this.#bytes[end] === LF && end > this.#starts[line]! && this.#bytes[end - 1] === CR;
    return isPair ? end - 1 : end;
  }
}

const LF = 0x0a;
const CR = 0x0d;

/** With room for what is typed or pasted, so that many changes need few copies. */
function larger(size: number): number {
  return size + (size >>> 4) + 4096;
}

/** The beginnings of lines that end in a part of a text. */
function linesIn(bytes: Uint8Array, from: number, to: number): readonly number[] {
  const starts: number[] = [];
  for (let p = from; p < to; p++) if (endsLine(bytes, p)) starts.push(p + 1);
  return starts;
}

function withRoom<Column extends Uint8Array | Uint32Array>(column: Column, used: number, size: number): Column;
function withRoom(column: Uint8Array | Uint32Array, used: number, size: number): Uint8Array | Uint32Array {
  const roomy = column instanceof Uint8Array ? new Uint8Array(size) : new Uint32Array(size);
  roomy.set(column.subarray(0, used));
  return roomy;
}

function isOrdered({ start, end }: Range): boolean {
  return start.line < end.line || (start.line === end.line && start.character <= end.character);
}

function isAscii(byte: number): boolean {
  return byte < 0x80;
}
