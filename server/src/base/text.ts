/**
 * Text geometry: byte spans inside the engine, LSP positions at its edge.
 *
 * nginx reads bytes, so the engine works on bytes and byte offsets. Editors count zero-based lines, and columns in
 * UTF-16 or in bytes. `LineIndex` is the only place where the two meet.
 */
/* oxlint-disable typescript/no-non-null-assertion -- elements of typed arrays, read inside of their bounds */
import { findLines, type LineStarts } from "./lineStarts.ts";

/** A half-open range of byte offsets, `start <= end`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** How columns are counted, as LSP names it: in UTF-16 units, or in the bytes of UTF-8. Reports count in UTF-16. */
export type PositionEncoding = "utf-16" | "utf-8";

/** An LSP position: zero-based line, zero-based column in the encoding that the client and the server agreed on. */
export interface Position {
  readonly line: number;
  readonly character: number;
}

/** An LSP range, `end` exclusive. */
export interface Range {
  readonly start: Position;
  readonly end: Position;
}

const LF = 0x0a;
const CR = 0x0d;

/** Lines keep a U+FEFF in the middle of a file; the byte order mark at its start is cut off by hand. */
const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

/** Bytes between two places whose UTF-16 distance from the start is kept: the most that a look-up reads. */
const STRIDE = 128;

/**
 * Byte offsets of one text from and to LSP positions.
 *
 * Lines end at LF, CRLF or a lone CR. UTF-16 columns count the units of what decoding the bytes as UTF-8 gives, each
 * malformed piece being one replacement character, as TextDecoder and editors do it; UTF-8 columns count the bytes as
 * they are. A byte order mark at the start has no columns: editors take it away. Built at the first question, in one
 * pass; a question is then answered in logarithmic time, however long the line is.
 */
export class LineIndex {
  readonly bytes: Uint8Array;
  private built: Lines | null;
  private found: LineStarts | null;

  /** `starts`: where the lines begin, for a caller that knows; else it is found out at the first question. */
  constructor(bytes: Uint8Array, starts: LineStarts | null = null) {
    this.bytes = bytes;
    this.built = null;
    this.found = starts;
  }

  /** Where the lines begin. */
  get starts(): LineStarts {
    return (this.found ??= findLines(this.bytes));
  }

  /** Number of lines, at least one: a text that ends in a line end has an empty last line. */
  get lineCount(): number {
    return this.lines().count;
  }

  /**
   * The position of a byte offset. Offsets outside the text are clamped, one inside a line end counts as the end of
   * its line, one inside a character as its beginning.
   */
  positionAt(byteOffset: number, encoding: PositionEncoding = "utf-16"): Position {
    const lines = this.lines();
    const line = lines.lineAt(byteOffset);
    const { start, end } = this.lineSpan(line);
    const offset = Math.min(Math.max(byteOffset, start), end);
    return { line, character: lines.units(offset, encoding) - lines.units(start, encoding) };
  }

  /**
   * The byte offset of a position; lines and columns that do not exist are clamped to the nearest that do, and a column
   * inside a character is its beginning.
   */
  offsetAt(position: Position, encoding: PositionEncoding = "utf-16"): number {
    if (position.line < 0) return this.lineSpan(0).start;
    const lines = this.lines();
    const [line, character] = [countOf(position.line), countOf(position.character)];
    if (line >= lines.count) return this.bytes.length;
    const { start, end } = this.lineSpan(line);
    if (character === 0) return start;
    return Math.min(lines.offsetOfUnits(lines.units(start, encoding) + character, encoding), end);
  }

  /** The range of a span of byte offsets. */
  rangeOf(span: Span, encoding: PositionEncoding = "utf-16"): Range {
    return { start: this.positionAt(span.start, encoding), end: this.positionAt(span.end, encoding) };
  }

  /** The bytes of a zero-based line, without its line end and without a byte order mark; clamped to the text. */
  lineSpan(line: number): Span {
    return this.lines().span(Math.min(countOf(line), this.lines().count - 1));
  }

  /** The text of a zero-based line without its line end. */
  lineText(line: number): string {
    const { start, end } = this.lineSpan(line);
    return utf8.decode(this.bytes.subarray(start, end));
  }

  private lines(): Lines {
    return (this.built ??= new Lines(this.bytes, this.starts));
  }
}

/** A whole number from 0 on: clients send what they like, and a search for what is no number does not end. */
export function countOf(value: number): number {
  return value > 0 ? Math.floor(value) : 0;
}

/** The lines of a text, and how bytes relate to the units of columns: UTF-16 units, or bytes that begin characters. */
class Lines {
  readonly count: number;
  private readonly bytes: Uint8Array;
  private readonly starts: Uint32Array;
  /** Length of the byte order mark. */
  private readonly mark: number;
  private readonly isAscii: boolean;
  private found: Anchors | null;

  constructor(bytes: Uint8Array, { offsets, isAscii }: LineStarts) {
    this.bytes = bytes;
    this.mark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
    this.starts = offsets;
    this.count = offsets.length;
    this.isAscii = isAscii;
    this.found = null;
  }

  private get anchors(): Anchors {
    return (this.found ??= anchorsOf(this.bytes));
  }

  /** The line that holds an offset. */
  lineAt(offset: number): number {
    let low = 0;
    let high = this.count - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (this.starts[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  span(line: number): Span {
    const { bytes, starts } = this;
    const start = line === 0 ? this.mark : starts[line]!;
    if (line === this.count - 1) return { start, end: bytes.length };
    let end = starts[line + 1]! - 1;
    if (bytes[end] === LF && end > start && bytes[end - 1] === CR) end--;
    return { start, end };
  }

  /** Units of the characters that end at or before an offset, counted from the start of the text. */
  units(offset: number, encoding: PositionEncoding): number {
    if (this.isAscii) return offset;
    if (encoding === "utf-8") return characterStart(this.bytes, offset);
    const { offsets, units } = this.anchors;
    let anchor = Math.floor(offset / STRIDE);
    if (offsets[anchor]! > offset) anchor--;
    let p = offsets[anchor]!;
    let count = units[anchor]!;
    for (;;) {
      const length = characterLength(this.bytes, p);
      if (p + length > offset || length === 0) return count;
      p += length;
      count += length === 4 ? 2 : 1;
    }
  }

  /** The start of the character that holds the unit with this number; the inverse of `units`. */
  offsetOfUnits(wanted: number, encoding: PositionEncoding): number {
    if (this.isAscii) return wanted;
    if (encoding === "utf-8") return characterStart(this.bytes, wanted);
    const { offsets, units } = this.anchors;
    let low = 0;
    let high = units.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (units[middle]! <= wanted) low = middle;
      else high = middle - 1;
    }
    let p = offsets[low]!;
    let count = units[low]!;
    for (;;) {
      const length = characterLength(this.bytes, p);
      count += length === 4 ? 2 : 1;
      if (count > wanted || length === 0) return p;
      p += length;
    }
  }
}

/** Where the character at or after each multiple of STRIDE begins, and the UTF-16 units before it. */
interface Anchors {
  readonly offsets: Uint32Array;
  readonly units: Uint32Array;
}

function anchorsOf(bytes: Uint8Array): Anchors {
  const size = Math.floor(bytes.length / STRIDE) + 1;
  const offsets = new Uint32Array(size);
  const units = new Uint32Array(size);
  let anchor = 0;
  let count = 0;
  for (let p = 0; ;) {
    while (anchor < size && p >= anchor * STRIDE) {
      offsets[anchor] = p;
      units[anchor++] = count;
    }
    if (p >= bytes.length) return { offsets, units };
    const length = characterLength(bytes, p);
    p += length;
    count += length === 4 ? 2 : 1;
  }
}

/** Where the character begins that holds the byte at an offset; a malformed piece is one. The offset itself at the end. */
export function characterStart(bytes: Uint8Array, offset: number): number {
  // Only the bytes behind the first of a character are 10xxxxxx, at most three of them.
  for (let p = offset; p >= 0 && p > offset - 4; p--) {
    if ((bytes[p]! & 0xc0) === 0x80) continue;
    return p + characterLength(bytes, p) > offset ? p : offset;
  }
  return offset;
}

/**
 * How many bytes from `p` the UTF-8 decoder of the WHATWG Encoding Standard turns into one character: 4 only for one
 * outside the BMP (two UTF-16 units), the length of the malformed piece for a replacement character, 0 at the end.
 */
function characterLength(bytes: Uint8Array, p: number): number {
  if (p >= bytes.length) return 0;
  const lead = bytes[p]!;
  if (lead < 0xc2 || lead > 0xf4) return 1;
  const length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  // The second byte is what excludes overlong forms, surrogates and what is above U+10FFFF.
  let lower = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
  let upper = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  for (let i = 1; i < length; i++) {
    const byte = p + i < bytes.length ? bytes[p + i]! : 0;
    if (byte < lower || byte > upper) return i;
    lower = 0x80;
    upper = 0xbf;
  }
  return length;
}
