/**
 * nginx's tokenizer and block structure (ngx_conf_read_token and ngx_conf_parse), byte by byte, into a `Tree`.
 *
 * Up to the first problem the tree is exactly nginx's reading. After it nginx is gone; the parser then resumes where a
 * reader would (at `;`, at `}`, at the next line after a quote that nothing closes) so that an editor still has the rest.
 */
/* oxlint-disable typescript/no-non-null-assertion -- elements of typed arrays, read inside of their bounds */
import type { Span } from "../../base/text.ts";
import { directiveContexts } from "./directives.ts";
import { lexLuaBlock } from "./luaLexer.ts";
import { isLuaBlock, isRawBlock, mayEndSpecialName } from "./names.ts";
import { BLOCK, DOUBLE_QUOTED, ESCAPED, LUA, OPEN, SIMPLE, SINGLE_QUOTED, TreeBuilder } from "./parsedTree.ts";
import { ROOT, type Problem, type Statement, type Tree } from "./tree.ts";
import { decodeUtf8 } from "./decodeWords.ts";

const TAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const DOUBLE_QUOTE = 0x22;
const HASH = 0x23;
const DOLLAR = 0x24;
const PERCENT = 0x25;
const CLOSE_PAREN = 0x29;
const SEMICOLON = 0x3b;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

// What a byte means. Below AS_BLANK it is an ordinary byte inside a word; below AS_BACKSLASH it ends one.
const AS_WORD = 0;
const AS_CLOSE_BRACE = 1;
const AS_HASH = 2;
const AS_QUOTE = 3;
const AS_BLANK = 4;
const AS_LINE_FEED = 5;
const AS_SEMICOLON = 6;
const AS_OPEN_BRACE = 7;
const AS_BACKSLASH = 8;
const AS_DOLLAR = 9;

/** nginx's whitespace is these four bytes only; NUL, FF, VT, NBSP and a byte order mark are parts of words. */
const CLASSES = new Uint8Array(256);
CLASSES[CLOSE_BRACE] = AS_CLOSE_BRACE;
CLASSES[HASH] = AS_HASH;
CLASSES[DOUBLE_QUOTE] = AS_QUOTE;
CLASSES["'".charCodeAt(0)] = AS_QUOTE;
CLASSES[SPACE] = AS_BLANK;
CLASSES[TAB] = AS_BLANK;
CLASSES[CR] = AS_BLANK;
CLASSES[LF] = AS_LINE_FEED;
CLASSES[SEMICOLON] = AS_SEMICOLON;
CLASSES[OPEN_BRACE] = AS_OPEN_BRACE;
CLASSES[BACKSLASH] = AS_BACKSLASH;
CLASSES[DOLLAR] = AS_DOLLAR;

/** NGX_CONF_BUFFER: nginx gives up when it must read a byte this far after the start of a word or comment. */
const BUFFER = 4096;

/** nginx stops at the first problem. A reader of more than this many wants to see the file instead. */
const MOST_PROBLEMS = 100;

/** Bytes in which a template's closing brace is looked for, so that a line of opening ones stays linear. */
const LONGEST_TEMPLATE = 500;

/** How many Lua blocks without an end are searched to the end of the file, which is linear in the file each. */
const MOST_LUA_FAILURES = 8;

/**
 * Parses a file. Takes any bytes up to 512 MB and never throws for what they hold; time and memory are linear in
 * their number, and nesting costs no stack. At most 100 problems are kept.
 */
export function parse(bytes: Uint8Array): Tree {
  return new Parser(bytes).run();
}

class Parser {
  private readonly bytes: Uint8Array;
  private readonly builder: TreeBuilder;
  private readonly problems: Problem[] = [];
  /** The outermost block whose statements are data, or ROOT. */
  private rawBlock: Statement = ROOT;
  private luaFailures = 0;
  /** Offset of the file's last LF, found when the first Lua block needs it. */
  private lastLineFeed: number | null = null;

  // Where the reader is. `run` keeps its own copies and writes them here around the calls that move it.
  private offset = 0;
  private line = 1;
  /** Line of the first word of the statement that is being read. */
  private statementLine = 1;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.builder = new TreeBuilder(bytes.length);
  }

  /** The one loop over the bytes. Each turn begins where a word may begin (`last_space` in nginx). */
  run(): Tree {
    const { bytes, builder } = this;
    const size = bytes.length;
    let p = 0;
    let line = 1;
    let statementLine = 1;
    while (p < size) {
      const kind = CLASSES[bytes[p]!]!;
      if (kind === AS_BLANK) {
        do p++;
        while (p < size && bytes[p] === SPACE);
      } else if (kind === AS_LINE_FEED) {
        line++;
        p++;
      } else if (kind === AS_WORD || kind >= AS_BACKSLASH) {
        const start = p;
        const startLine = line;
        let flags = 0;
        for (;;) {
          let next = AS_WORD;
          while (p < size && (next = CLASSES[bytes[p]!]!) < AS_BLANK) p++;
          if (next < AS_BACKSLASH || p >= size) break;
          p++;
          if (next === AS_DOLLAR) {
            // `${` opens no block, and neither does any brace that follows directly.
            while (p < size && bytes[p] === OPEN_BRACE) p++;
          } else {
            flags = ESCAPED;
            if (p < size && bytes[p++] === LF) line++;
          }
        }
        if (p - start >= BUFFER - 1) this.checkLength(start, startLine, p);
        if (builder.words === builder.pendingFirst) statementLine = startLine;
        builder.pushWord(start, p - start, flags);
      } else if (kind === AS_SEMICOLON) {
        p++;
        if (builder.words === builder.pendingFirst) this.report(p - 1, p, line, 'unexpected ";"');
        else builder.finish(SIMPLE, statementLine, p);
      } else if (kind === AS_HASH) {
        const start = p;
        p = bytes.indexOf(LF, p);
        if (p === -1) p = size;
        if (p - start >= BUFFER) this.checkLength(start, line, p);
      } else {
        this.offset = p;
        this.line = line;
        this.statementLine = statementLine;
        if (kind === AS_QUOTE) this.readQuoted();
        else if (kind === AS_OPEN_BRACE) this.openBlock();
        else this.closeBlock();
        p = this.offset;
        line = this.line;
        statementLine = this.statementLine;
      }
    }
    this.line = line;
    this.statementLine = statementLine;
    this.endOfFile();
    return builder.build(bytes, this.problems);
  }

  private isPending(): boolean {
    return this.builder.words !== this.builder.pendingFirst;
  }

  /** A word in quotes, and the check of the byte after it (`need_space` in nginx). */
  private readQuoted(): void {
    const { bytes, builder } = this;
    const size = bytes.length;
    const start = this.offset + 1;
    const startLine = this.line;
    const quote = bytes[this.offset]!;
    const limit = Math.min(size, start + BUFFER);
    let flags = quote === DOUBLE_QUOTE ? DOUBLE_QUOTED : SINGLE_QUOTED;
    let line = startLine;
    let p = start;
    let byte = 0;
    while (p < limit && (byte = bytes[p]!) !== quote) {
      if (byte === BACKSLASH) {
        flags |= ESCAPED;
        p++;
        if (p < limit) byte = bytes[p]!;
      }
      if (byte === LF) line++;
      p++;
    }
    if (!this.isPending()) this.statementLine = startLine;
    this.line = line;

    if (p >= limit) {
      const message =
        limit < size
          ? `too long parameter, probably missing terminating "${String.fromCharCode(quote)}" character`
          : 'unexpected end of file, expecting ";" or "}"';
      this.resumeAfterLine(start, startLine, flags, limit < size ? startLine : line, message);
      return;
    }
    const after = p + 1;
    if (after - start >= BUFFER - 1) this.checkLength(start, startLine, after);
    const next = after < size ? bytes[after]! : SPACE;
    const kind = CLASSES[next]!;
    // nginx takes `)` for the beginning of a new word: `if ($a = "b"){`.
    if (kind < AS_BLANK || kind > AS_OPEN_BRACE) {
      if (next !== CLOSE_PAREN) {
        const message = `unexpected "${printable(next)}"`;
        // A quote that runs over lines and ends badly was most likely never meant to: its own closing quote is missing.
        if (line !== startLine) {
          this.resumeAfterLine(start, startLine, flags, line, message);
          return;
        }
        this.report(after, after + 1, line, message);
      }
    }
    builder.pushWord(start, p - start, flags);
    this.offset = after;
  }

  /** Reports a quote without an end, and takes its word for ended at the end of its first line, before a `;` or `{` there. */
  private resumeAfterLine(start: number, startLine: number, flags: number, line: number, message: string): void {
    const { bytes } = this;
    let end = bytes.indexOf(LF, start);
    if (end === -1) end = bytes.length;
    while (end > start && CLASSES[bytes[end - 1]!] === AS_BLANK) end--;
    if (end > start && (bytes[end - 1] === SEMICOLON || bytes[end - 1] === OPEN_BRACE)) end--;
    this.report(start - 1, end, line, message);
    this.builder.pushWord(start, end - start, flags);
    this.offset = end;
    this.line = startLine;
  }

  private openBlock(): void {
    const { builder } = this;
    const at = this.offset++;
    if (!this.isPending()) {
      this.report(at, at + 1, this.line, 'unexpected "{"');
      if (this.skipTemplate(at)) return;
      builder.finish(OPEN, this.line, at + 1);
      builder.extra.set(builder.size - 1, { start: at, end: at + 1 });
      builder.enterBlock();
      return;
    }
    if (this.rawBlock !== ROOT) this.report(at, at + 1, this.line, 'unexpected "{"');
    const name = this.specialName();
    if (name !== "" && isLuaBlock(name)) {
      builder.finish(LUA, this.statementLine, at + 1);
      this.readLua();
      return;
    }
    builder.finish(BLOCK, this.statementLine, at + 1);
    builder.enterBlock();
    if (name !== "" && this.rawBlock === ROOT && isRawBlock(name)) this.rawBlock = builder.current;
  }

  /** The name of the pending statement where it may be a raw or Lua block's; "" for most others. */
  private specialName(): string {
    const w = this.builder.pendingFirst;
    const info = this.builder.wordInfo[w]!;
    const last = this.bytes[this.builder.wordStart[w]! + (info >>> 3) - 1]!;
    return mayEndSpecialName(last) || (info & ESCAPED) !== 0 ? this.pendingWord(w) : "";
  }

  private closeBlock(): void {
    const { builder } = this;
    const at = this.offset++;
    if (this.isPending()) {
      this.report(at, at + 1, this.line, 'unexpected "}"');
      this.finishOpen();
      if (builder.current === ROOT) return;
    } else if (builder.current === ROOT) {
      this.report(at, at + 1, this.line, 'unexpected "}"');
      return;
    }
    if (builder.current === this.rawBlock) this.rawBlock = ROOT;
    builder.closeBlock(at + 1);
  }

  private readLua(): void {
    const { builder, bytes } = this;
    const statement = builder.size - 1;
    const start = this.offset;
    // Once per file, because it may be far from the end.
    if (this.lastLineFeed === null) this.lastLineFeed = bytes.lastIndexOf(LF);
    let end: number;
    if (this.luaFailures >= MOST_LUA_FAILURES) {
      end = this.likelyLuaEnd(start);
      this.line += countLineFeeds(bytes, start, end);
    } else {
      const block = lexLuaBlock(bytes, start, this.line, this.lastLineFeed);
      end = block.end;
      if (block.message === null) {
        this.line = block.line;
      } else {
        this.luaFailures++;
        this.report(start - 1, start, block.line, block.message);
        end = this.likelyLuaEnd(start);
        this.line += countLineFeeds(bytes, start, end);
      }
    }
    builder.extra.set(statement, { start, end });
    this.offset = Math.min(end + 1, bytes.length);
    builder.end[statement] = this.offset;
  }

  /** Where Lua that has no end most likely ends: at a line that begins with a brace no deeper than the statement. */
  private likelyLuaEnd(start: number): number {
    const { bytes, builder } = this;
    const first = builder.wordStart[builder.firstWord[builder.size - 1]!]!;
    const depth = first - lineStart(bytes, first);
    for (let at = bytes.indexOf(LF, start); at !== -1; at = bytes.indexOf(LF, at + 1)) {
      let p = at + 1;
      while (CLASSES[bytes[p]!] === AS_BLANK) p++;
      if (bytes[p] === CLOSE_BRACE && p - at - 1 <= depth) return p;
    }
    return bytes.length;
  }

  private endOfFile(): void {
    const { builder, bytes } = this;
    const size = bytes.length;
    if (this.isPending()) {
      const last = builder.words - 1;
      // Problems stand in file order; one inside of the unfinished statement comes before its end.
      const start = Math.max(builder.wordStart[last]!, this.problems.at(-1)?.span.start ?? 0);
      this.report(start, size, this.line, 'unexpected end of file, expecting ";" or "}"');
      this.finishOpen();
    } else if (builder.current !== ROOT) {
      this.report(size, size, this.line, 'unexpected end of file, expecting "}"');
    }
    while (builder.current !== ROOT) builder.closeBlock(size);
  }

  /**
   * Ends the pending words as statements without a terminator: a new one at each line that begins with a directive's
   * name, because a forgotten `;` makes the next lines arguments.
   */
  private finishOpen(): void {
    const { builder, bytes } = this;
    const words = builder.words;
    let line = this.statementLine;
    for (let w = builder.pendingFirst + 1; w < words; w++) {
      const end = this.wordEnd(w - 1);
      const between = countLineFeeds(bytes, end, builder.wordStart[w]!);
      line += countLineFeeds(bytes, builder.wordStart[w - 1]!, end) + between;
      if (between > 0 && directiveContexts(this.pendingWord(w)) !== undefined) {
        builder.words = w;
        builder.finish(OPEN, this.statementLine, end);
        this.statementLine = line;
      }
    }
    builder.words = words;
    builder.finish(OPEN, this.statementLine, this.wordEnd(words - 1));
  }

  /** Offset after a word and its closing quote. */
  private wordEnd(w: number): number {
    const info = this.builder.wordInfo[w]!;
    const end = this.builder.wordStart[w]! + (info >>> 3);
    const quote = (info & DOUBLE_QUOTED) !== 0 ? DOUBLE_QUOTE : 0x27;
    return (info & (DOUBLE_QUOTED | SINGLE_QUOTED)) !== 0 && this.bytes[end] === quote ? end + 1 : end;
  }

  private pendingWord(w: number): string {
    const start = this.builder.wordStart[w]!;
    const info = this.builder.wordInfo[w]!;
    return decodeUtf8(this.bytes, start, start + (info >>> 3), (info & ESCAPED) !== 0);
  }

  /**
   * nginx's 4096 byte buffer: it must hold everything from `start` to before the next byte that is read. `end` is the
   * offset of the byte that ends the word or comment, or after the closing quote.
   */
  private checkLength(start: number, line: number, end: number): void {
    const { bytes } = this;
    if (start + BUFFER >= bytes.length) return;
    // Reading on after a blank needs one byte more than ending at `;` or `{` does.
    const needed = CLASSES[bytes[end]!] === AS_BLANK || CLASSES[bytes[end]!] === AS_LINE_FEED ? end + 1 : end;
    if (needed - start < BUFFER) return;
    const head = decodeUtf8(bytes, start, start + 10, false);
    this.report(start, end, line, `too long parameter "${head}..." started`);
  }

  /** Adds a problem. After the first, one per line is enough: what follows on a line is mostly a consequence. */
  private report(start: number, end: number, line: number, message: string): void {
    const last = this.problems.at(-1);
    if (last !== undefined && (last.line === line || this.problems.length >= MOST_PROBLEMS)) return;
    const span: Span = { start, end };
    this.problems.push({ span, line, message });
  }

  /** Moves past a template's `{{ }}`, `{% %}` or `{# #}` on this line; the brace at `at` is its first or second character. */
  private skipTemplate(at: number): boolean {
    const { bytes } = this;
    const inner = at > 0 && bytes[at - 1] === OPEN_BRACE && !this.isPending();
    let close: number;
    if (inner || bytes[at + 1] === OPEN_BRACE) close = CLOSE_BRACE;
    else if (bytes[at + 1] === PERCENT || bytes[at + 1] === HASH) close = bytes[at + 1]!;
    else return false;
    const limit = Math.min(bytes.length - 1, at + LONGEST_TEMPLATE);
    for (let p = at + 1; p < limit && bytes[p] !== LF; p++) {
      if (bytes[p] === close && bytes[p + 1] === CLOSE_BRACE) {
        // The second of two opening braces: the first opened a block for nginx, which the last brace closes.
        this.offset = inner ? p + 1 : p + 2;
        return true;
      }
    }
    return false;
  }
}

function lineStart(bytes: Uint8Array, offset: number): number {
  return offset === 0 ? 0 : bytes.lastIndexOf(LF, offset - 1) + 1;
}

function countLineFeeds(bytes: Uint8Array, start: number, end: number): number {
  let lines = 0;
  for (let p = start; p < end; p++) if (bytes[p] === LF) lines++;
  return lines;
}

/** A byte as nginx's log shows it: ASCII as it is, any other by its value. */
function printable(byte: number): string {
  return byte < 0x80 ? String.fromCharCode(byte) : `\\x${byte.toString(16).toUpperCase()}`;
}
