/**
 * The body of a `*_by_lua_block`, which nginx's tokenizer never sees: lua-nginx-module's own lexer finds the closing
 * brace. It knows braces, `--` comments, long brackets and one-line strings, and skips everything else.
 *
 * Not modelled: its tokens may not cross the 4 KiB read buffer in every position, so nginx may refuse a valid
 * block that holds a very long token.
 */
/* oxlint-disable typescript/no-non-null-assertion -- elements of typed arrays, read inside of their bounds */

const LF = 0x0a;
const DOUBLE_QUOTE = 0x22;
const SINGLE_QUOTE = 0x27;
const DASH = 0x2d;
const EQUALS = 0x3d;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

export interface LuaBlock {
  /** Offset of the closing brace; where the block has no end, of the place at which the lexer gave up. */
  readonly end: number;
  /** One-based line of `end`, or the one that the module reports where `message` is set. */
  readonly line: number;
  /** The module's message where the block has no end, else null. */
  readonly message: string | null;
}

const UNTERMINATED = "unexpected end of file, expecting terminating characters for lua code block";

/**
 * Finds the brace that closes a Lua block. `start` is the offset after the opening brace, `line` its one-based line,
 * `lastLineFeed` the offset of the file's last LF (-1 without any). Linear in the number of bytes read.
 */
export function lexLuaBlock(bytes: Uint8Array, start: number, line: number, lastLineFeed: number): LuaBlock {
  const size = bytes.length;
  let level = 1;
  let levelLine = line;
  // A quote that starts no string is skipped alone. All others of its kind up to where that scan ended are then
  // escaped in it, so their own scans would end there too.
  let noDoubleBefore = start;
  let noSingleBefore = start;
  let p = start;
  while (p < size) {
    const byte = bytes[p]!;
    if (byte === LF) {
      line++;
      p++;
    } else if (byte === OPEN_BRACE) {
      level++;
      levelLine = line;
      p++;
    } else if (byte === CLOSE_BRACE) {
      level--;
      if (level === 0) return { end: p, line, message: null };
      p++;
    } else if (byte === DOUBLE_QUOTE || byte === SINGLE_QUOTE) {
      if (p < (byte === DOUBLE_QUOTE ? noDoubleBefore : noSingleBefore)) {
        p++;
        continue;
      }
      const end = scanString(bytes, p);
      if (end < size && bytes[end] === byte) {
        p = end + 1;
      } else {
        if (byte === DOUBLE_QUOTE) noDoubleBefore = end;
        else noSingleBefore = end;
        p++;
      }
    } else if (byte === OPEN_BRACKET || (byte === DASH && bytes[p + 1] === DASH)) {
      const comment = byte === DASH;
      const bracket = comment ? p + 2 : p;
      const open = longBracketEnd(bytes, bracket);
      if (open !== -1) {
        const close = findLongBracket(bytes, open, open - bracket);
        if (close === -1) {
          const message = `Lua code block missing the closing long bracket "]${"=".repeat(open - bracket - 2)}]"`;
          return { end: p, line, message };
        }
        line += countLines(bytes, open, close);
        p = close;
      } else if (comment && p < lastLineFeed) {
        p = bytes.indexOf(LF, p);
      } else {
        // Also a comment that the end of the file cuts off: its pattern ends in a line feed, so it is no token.
        p++;
      }
    } else {
      p++;
    }
  }
  return { end: size, line: levelLine, message: UNTERMINATED };
}

/** Offset of the closing quote of the string at `p`, or the offset at which it turns out to be none. */
function scanString(bytes: Uint8Array, p: number): number {
  const quote = bytes[p]!;
  let q = p + 1;
  while (q < bytes.length) {
    const byte = bytes[q]!;
    if (byte === quote || byte === LF) return q;
    if (byte === BACKSLASH) {
      if (bytes[q + 1] === LF) return q;
      q++;
    }
    q++;
  }
  return bytes.length;
}

/** Offset after `[=*[` at `p`, or -1. */
function longBracketEnd(bytes: Uint8Array, p: number): number {
  if (bytes[p] !== OPEN_BRACKET) return -1;
  let q = p + 1;
  while (bytes[q] === EQUALS) q++;
  return bytes[q] === OPEN_BRACKET ? q + 1 : -1;
}

/** Offset after the first `]=*]` of `width` bytes at or after `from`, or -1. */
function findLongBracket(bytes: Uint8Array, from: number, width: number): number {
  let p = bytes.indexOf(CLOSE_BRACKET, from);
  while (p !== -1) {
    let q = p + 1;
    while (bytes[q] === EQUALS) q++;
    if (bytes[q] === CLOSE_BRACKET && q + 1 - p === width) return q + 1;
    p = bytes.indexOf(CLOSE_BRACKET, q);
  }
  return -1;
}

function countLines(bytes: Uint8Array, start: number, end: number): number {
  let lines = 0;
  for (let p = start; p < end; p++) if (bytes[p] === LF) lines++;
  return lines;
}
