/**
 * A template with its placeholders filled in. The tree is that of the filled text, in whose offsets the engine works;
 * its line index gives the positions of the text as it was written.
 */
import { LineIndex, type Position, type PositionEncoding, type Range, type Span } from "../../base/text.ts";
import { setLineIndex } from "./lineIndexes.ts";
import { parse } from "./parse.ts";
import type { Tree } from "./tree.ts";

/** Values by name of placeholders, as `--define` gives them. Values have no line ends. */
export type Definitions = ReadonlyMap<string, string>;

/** Where a value stands in the filled text, and its placeholder in the written one. */
interface Filled {
  readonly value: Span;
  readonly written: Span;
}

/** The last filling of each tree: a tree is kept as long as its text stays the same. */
const known = new WeakMap<Tree, { readonly key: string; readonly tree: Tree }>();
const filledTrees = new WeakSet<Tree>();

/** True for a tree in which a placeholder was filled in. */
export function isFilledIn(tree: Tree): boolean {
  return filledTrees.has(tree);
}

/** The tree with `${NAME}`, `{{ NAME }}` and `{NAME}` replaced; the same tree where it has none of them. */
export function filledIn(tree: Tree, definitions: Definitions): Tree {
  if (definitions.size === 0) return tree;
  const key = JSON.stringify([...definitions]);
  const before = known.get(tree);
  if (before?.key === key) return before.tree;
  const filled = fill(tree, definitions);
  known.set(tree, { key, tree: filled });
  return filled;
}

function fill(tree: Tree, definitions: Definitions): Tree {
  const text = latin1.decode(tree.bytes);
  const parts: Uint8Array[] = [];
  const fills: Filled[] = [];
  let from = 0;
  let length = 0;
  const append = (bytes: Uint8Array): void => {
    parts.push(bytes);
    length += bytes.length;
  };
  for (const match of text.matchAll(placeholders([...definitions.keys()]))) {
    const value = definitions.get(match[1] ?? match[2] ?? match[3] ?? "");
    if (value === undefined) continue;
    append(tree.bytes.subarray(from, match.index));
    from = match.index + match[0].length;
    const start = length;
    append(utf8.encode(value));
    fills.push({ value: { start, end: length }, written: { start: match.index, end: from } });
  }
  if (fills.length === 0) return tree;
  append(tree.bytes.subarray(from));
  const filled = parse(joined(parts, length));
  filledTrees.add(filled);
  setLineIndex(filled, new FilledLineIndex(filled.bytes, new LineIndex(tree.bytes), fills));
  return filled;
}

const utf8 = new TextEncoder();
/** A character for each byte, but for some of 0x80-0x9f, which are in no name. */
const latin1 = new TextDecoder("latin1");

function placeholders(names: readonly string[]): RegExp {
  const any = names.map((name) => name.replaceAll(/[.-]/g, String.raw`\$&`)).join("|");
  return new RegExp(String.raw`\$\{(${any})\}|\{\{-?[ \t]*(${any})[ \t]*-?\}\}|(?<![{$])\{(${any})\}(?!\})`, "g");
}

function joined(parts: readonly Uint8Array[], length: number): Uint8Array {
  const all = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Offsets of the filled text, positions of the written one. A place inside of a value is its whole placeholder. */
class FilledLineIndex extends LineIndex {
  readonly #written: LineIndex;
  readonly #fills: readonly Filled[];

  constructor(bytes: Uint8Array, written: LineIndex, fills: readonly Filled[]) {
    super(bytes);
    this.#written = written;
    this.#fills = fills;
  }

  override positionAt(byteOffset: number, encoding?: PositionEncoding): Position {
    return this.#written.positionAt(this.#writtenOffset(byteOffset, "start"), encoding);
  }

  override rangeOf({ start, end }: Span, encoding?: PositionEncoding): Range {
    const last = this.#writtenOffset(end, "end");
    return { start: this.positionAt(start, encoding), end: this.#written.positionAt(last, encoding) };
  }

  override offsetAt(position: Position, encoding?: PositionEncoding): number {
    const offset = this.#written.offsetAt(position, encoding);
    const fill = this.#fills.findLast(({ written }) => written.start <= offset);
    if (fill === undefined) return offset;
    const { value, written } = fill;
    return offset < written.end ? value.start : value.end + offset - written.end;
  }

  #writtenOffset(offset: number, side: "start" | "end"): number {
    const fill = this.#fills.findLast(({ value }) => value.start <= offset);
    if (fill === undefined) return offset;
    const { value, written } = fill;
    if (offset >= value.end) return written.end + offset - value.end;
    return offset === value.start ? written.start : written[side];
  }
}
