/** The columns behind a `Tree`, and the builder that fills them while the parser reads. */
/* oxlint-disable typescript/no-non-null-assertion -- elements of typed arrays, read inside of their bounds */
import type { Span } from "../../base/text.ts";
import { ROOT, type Problem, type Statement, type Terminator, type Tree } from "./tree.ts";
import { decodeLatin1, decodeUtf8 } from "./decodeWords.ts";

// A word is its start and `length << 3 | flags`.
export const ESCAPED = 1;
export const DOUBLE_QUOTED = 2;
export const SINGLE_QUOTED = 4;
const QUOTED = DOUBLE_QUOTED | SINGLE_QUOTED;

export const SIMPLE = 0;
export const BLOCK = 1;
export const LUA = 2;
export const OPEN = 3;
export type TerminatorCode = typeof SIMPLE | typeof BLOCK | typeof LUA | typeof OPEN;
const TERMINATORS: readonly Terminator[] = ["simple", "block", "lua", "open"];

/**
 * Fills the columns in file order. A statement is begun by its words and ended by `finish`; a block is the parent of
 * what follows until `closeBlock`.
 */
export class TreeBuilder {
  wordStart: Uint32Array;
  wordInfo: Uint32Array;
  words = 0;

  firstWord: Uint32Array;
  line: Uint32Array;
  end: Uint32Array;
  parent: Int32Array;
  /** One past the last descendant; 0 for a statement that is no block. */
  subtreeEnd: Uint32Array;
  terminator: Uint8Array;
  size = 0;

  /** What the columns do not hold: the bodies of Lua blocks, and the place of a brace that has no name before it. */
  readonly extra = new Map<Statement, Span>();
  /** The block that is being read. */
  current: Statement = ROOT;
  /** The first word of the statement that is being read. */
  pendingFirst = 0;

  constructor(bytes: number) {
    // Guesses from real files; pages that are never written cost nothing.
    const statements = (bytes >>> 5) + 16;
    const words = (bytes >>> 4) + 32;
    this.wordStart = new Uint32Array(words);
    this.wordInfo = new Uint32Array(words);
    this.firstWord = new Uint32Array(statements);
    this.line = new Uint32Array(statements);
    this.end = new Uint32Array(statements);
    this.parent = new Int32Array(statements);
    this.subtreeEnd = new Uint32Array(statements);
    this.terminator = new Uint8Array(statements);
  }

  /** Adds a word to the statement that is being read. */
  pushWord(start: number, length: number, flags: number): void {
    const w = this.words;
    if (w === this.wordStart.length) this.growWords();
    this.wordStart[w] = start;
    this.wordInfo[w] = (length << 3) | flags;
    this.words = w + 1;
  }

  /** Ends the statement that is being read. */
  finish(terminator: TerminatorCode, line: number, end: number): void {
    const s = this.size;
    // One spare element: the end of the last statement's words.
    if (s + 1 === this.firstWord.length) this.growStatements();
    this.firstWord[s] = this.pendingFirst;
    this.line[s] = line;
    this.end[s] = end;
    this.parent[s] = this.current;
    this.terminator[s] = terminator;
    this.size = s + 1;
    this.pendingFirst = this.words;
  }

  /** Makes the last finished statement the parent of what follows. */
  enterBlock(): void {
    this.current = this.size - 1;
  }

  /** Ends the current block, which must not be ROOT. */
  closeBlock(end: number): void {
    const block = this.current;
    this.end[block] = end;
    this.subtreeEnd[block] = this.size;
    this.current = this.parent[block]!;
  }

  build(bytes: Uint8Array, problems: readonly Problem[]): Tree {
    const statements = this.size + 1;
    this.firstWord[this.size] = this.words;
    this.firstWord = trimmed(this.firstWord, statements);
    this.line = trimmed(this.line, statements);
    this.end = trimmed(this.end, statements);
    this.parent = trimmed(this.parent, statements);
    this.subtreeEnd = trimmed(this.subtreeEnd, statements);
    this.terminator = trimmed(this.terminator, statements);
    this.wordStart = trimmed(this.wordStart, this.words);
    this.wordInfo = trimmed(this.wordInfo, this.words);
    return new ParsedTree(bytes, problems, this);
  }

  private growWords(): void {
    const capacity = this.wordStart.length * 2;
    this.wordStart = grown(this.wordStart, new Uint32Array(capacity));
    this.wordInfo = grown(this.wordInfo, new Uint32Array(capacity));
  }

  private growStatements(): void {
    const capacity = this.firstWord.length * 2;
    this.firstWord = grown(this.firstWord, new Uint32Array(capacity));
    this.line = grown(this.line, new Uint32Array(capacity));
    this.end = grown(this.end, new Uint32Array(capacity));
    this.parent = grown(this.parent, new Int32Array(capacity));
    this.subtreeEnd = grown(this.subtreeEnd, new Uint32Array(capacity));
    this.terminator = grown(this.terminator, new Uint8Array(capacity));
  }
}

type Column = Uint32Array | Int32Array | Uint8Array;

function grown<C extends Column>(from: C, to: C): C {
  to.set(from);
  return to;
}

/** The first `length` elements; a copy where that gives back a good part of the memory. */
function trimmed<C extends Column>(column: C, length: number): C;
function trimmed(column: Column, length: number): Column {
  return length * 2 < column.length ? column.slice(0, length) : column.subarray(0, length);
}

class ParsedTree implements Tree {
  readonly bytes: Uint8Array;
  readonly problems: readonly Problem[];
  readonly size: number;
  private readonly columns: TreeBuilder;
  private names: NameTable | null = null;
  /** Index into `names` plus one, by statement; 0 where the name was not asked for yet. */
  private nameIds: Uint32Array | null = null;

  constructor(bytes: Uint8Array, problems: readonly Problem[], columns: TreeBuilder) {
    this.bytes = bytes;
    this.problems = problems;
    this.size = columns.size;
    this.columns = columns;
  }

  terminator(s: Statement): Terminator {
    return TERMINATORS[this.columns.terminator[this.check(s)]!]!;
  }

  parent(s: Statement): Statement {
    return this.columns.parent[this.check(s)]!;
  }

  firstChild(s: Statement): Statement {
    return s + 1 < this.subtreeEnd(s) ? s + 1 : -1;
  }

  nextSibling(s: Statement): Statement {
    const next = this.subtreeEnd(s);
    return next < this.size && this.columns.parent[next] === this.columns.parent[s] ? next : -1;
  }

  subtreeEnd(s: Statement): Statement {
    if (s === ROOT) return this.size;
    return this.columns.subtreeEnd[this.check(s)]! || s + 1;
  }

  span(s: Statement): Span {
    const end = this.columns.end[this.check(s)]!;
    const first = this.columns.firstWord[s]!;
    if (first === this.columns.firstWord[s + 1]) return { start: this.columns.extra.get(s)?.start ?? end, end };
    const quote = (this.columns.wordInfo[first]! & QUOTED) === 0 ? 0 : 1;
    return { start: this.columns.wordStart[first]! - quote, end };
  }

  line(s: Statement): number {
    return this.columns.line[this.check(s)]!;
  }

  luaSpan(s: Statement): Span {
    const span = this.columns.terminator[this.check(s)] === LUA ? this.columns.extra.get(s) : undefined;
    if (span === undefined) throw new RangeError(`Statement ${s} is no Lua block`);
    return span;
  }

  wordCount(s: Statement): number {
    return this.columns.firstWord[this.check(s) + 1]! - this.columns.firstWord[s]!;
  }

  word(s: Statement, i: number): string {
    const w = this.wordIndex(s, i);
    const start = this.columns.wordStart[w]!;
    const info = this.columns.wordInfo[w]!;
    return decodeUtf8(this.bytes, start, start + (info >>> 3), (info & ESCAPED) !== 0);
  }

  sharedWord(s: Statement, i: number): string {
    this.names ??= new NameTable();
    return this.names.name(this.nameId(this.names, this.wordIndex(s, i)));
  }

  wordLatin1(s: Statement, i: number): string {
    const w = this.wordIndex(s, i);
    const start = this.columns.wordStart[w]!;
    const info = this.columns.wordInfo[w]!;
    return decodeLatin1(this.bytes, start, start + (info >>> 3), (info & ESCAPED) !== 0);
  }

  wordSpan(s: Statement, i: number): Span {
    const w = this.wordIndex(s, i);
    const start = this.columns.wordStart[w]!;
    return { start, end: start + (this.columns.wordInfo[w]! >>> 3) };
  }

  wordQuote(s: Statement, i: number): "" | '"' | "'" {
    const info = this.columns.wordInfo[this.wordIndex(s, i)]!;
    if ((info & QUOTED) === 0) return "";
    return (info & DOUBLE_QUOTED) !== 0 ? '"' : "'";
  }

  name(s: Statement): string {
    this.nameIds ??= new Uint32Array(this.size);
    this.names ??= new NameTable();
    let id = this.nameIds[this.check(s)]!;
    if (id === 0) {
      id = this.wordCount(s) === 0 ? this.names.add("") : this.nameId(this.names, this.columns.firstWord[s]!);
      this.nameIds[s] = id;
    }
    return this.names.name(id);
  }

  private nameId(names: NameTable, w: number): number {
    const start = this.columns.wordStart[w]!;
    const info = this.columns.wordInfo[w]!;
    const end = start + (info >>> 3);
    if ((info & ESCAPED) !== 0) return names.add(decodeUtf8(this.bytes, start, end, true));
    return names.intern(this.bytes, start, end);
  }

  private wordIndex(s: Statement, i: number): number {
    if (i < 0 || i >= this.wordCount(s)) throw new RangeError(`Statement ${s} has no word ${i}`);
    return this.columns.firstWord[s]! + i;
  }

  private check(s: Statement): Statement {
    if (s < 0 || s >= this.size) throw new RangeError(`No statement ${s} in a tree of ${this.size}`);
    return s;
  }
}

/** Strings of names by their bytes, numbered from 1, so that a name is decoded once per file. */
class NameTable {
  private readonly byText = new Map<string, number>();
  private readonly names: string[] = [""];
  // A small open-addressed table in front of `byText`: by hash, a name's number and where it occurs first. It is never
  // enlarged and gives up after a few probes: there are some hundred directives, and the rest (keys of a `map`) may
  // be anything, chosen to collide included.
  private readonly ids = new Uint32Array(SLOTS);
  private readonly starts = new Uint32Array(SLOTS);
  private readonly lengths = new Uint32Array(SLOTS);

  name(id: number): string {
    return this.names[id]!;
  }

  add(text: string): number {
    let id = this.byText.get(text);
    if (id === undefined) {
      id = this.names.push(text) - 1;
      this.byText.set(text, id);
    }
    return id;
  }

  /** The number of the name whose bytes, without escapes, are `start..end`. */
  intern(bytes: Uint8Array, start: number, end: number): number {
    const length = end - start;
    let hash = length;
    for (let i = start; i < end; i++) hash = (Math.imul(hash, 31) + bytes[i]!) | 0;
    hash ^= hash >>> 15;
    for (let probe = 0; probe < PROBES; probe++) {
      const slot = (hash + probe) & (SLOTS - 1);
      const id = this.ids[slot]!;
      if (id === 0) {
        const added = this.add(decodeUtf8(bytes, start, end, false));
        this.ids[slot] = added;
        this.starts[slot] = start;
        this.lengths[slot] = length;
        return added;
      }
      if (this.lengths[slot] === length && equalBytes(bytes, this.starts[slot]!, start, length)) return id;
    }
    return this.add(decodeUtf8(bytes, start, end, false));
  }
}

const SLOTS = 1024;
const PROBES = 8;

function equalBytes(bytes: Uint8Array, a: number, b: number, length: number): boolean {
  for (let i = 0; i < length; i++) if (bytes[a + i] !== bytes[b + i]) return false;
  return true;
}
