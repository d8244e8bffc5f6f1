/**
 * Text geometry: byte spans inside the engine, LSP positions at its edge.
 *
 * nginx reads bytes, so the engine works on bytes and byte offsets. Editors count zero-based lines and UTF-16
 * columns. `LineIndex` is the only place where the two meet.
 */

/** A half-open range of byte offsets, `start <= end`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** An LSP position: zero-based line, zero-based UTF-16 column. */
export interface Position {
  readonly line: number;
  readonly character: number;
}

/** An LSP range, `end` exclusive. */
export interface Range {
  readonly start: Position;
  readonly end: Position;
}
