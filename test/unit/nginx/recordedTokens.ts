/** nginx's own reading of a file, as recorded from its tokenizer, and the same view of a `Tree`, to compare the two. */
import { ROOT, type Statement, type Tree } from "../../../server/src/nginx/tree/tree.ts";

interface RecordedStatement {
  /** `;`, `{`, `lua`, or `}` for the end of a block (which has neither line nor words). */
  readonly t: string;
  readonly d: number;
  readonly l?: number;
  /** Line, and offset one past the terminator. */
  readonly end: readonly [number, number];
  /** Words after unescaping, a code point per byte. */
  readonly w?: readonly string[];
  /** Per word: start, end, line, code of the quote or 0. */
  readonly p?: readonly (readonly [number, number, number, number])[];
  /** Start, end and last line of a Lua body. */
  readonly lua?: readonly [number, number, number];
}

export interface Recording {
  readonly ok: boolean;
  readonly error: string | null;
  readonly line: number | null;
  readonly statements: readonly RecordedStatement[];
}

const LF = 0x0a;

/** What nginx would have recorded for this file: every statement and block end up to the first problem. */
export function record(tree: Tree): Recording {
  const problem = tree.problems[0];
  const limit = problem === undefined ? tree.bytes.length : problem.span.start;
  const lines = lineCounter(tree.bytes);
  const statements: RecordedStatement[] = [];
  const open: Statement[] = [];

  const closeUpTo = (s: Statement): void => {
    for (let block = open.at(-1); block !== undefined && tree.subtreeEnd(block) <= s; block = open.at(-1)) {
      open.pop();
      const end = tree.span(block).end;
      // Blocks that the end of the file closes end there too, after the brace of another one perhaps.
      const closed = end <= limit && tree.bytes[end - 1] === 0x7d && statements.at(-1)?.end[1] !== end;
      if (closed) statements.push({ t: "}", d: open.length, end: [lines(end), end] });
    }
  };

  for (let s = 0; s < tree.size; s++) {
    closeUpTo(s);
    const terminator = tree.terminator(s);
    if (terminator === "open") break;
    const end = terminatorEnd(tree, s);
    if (end > limit && !(terminator === "lua" && end - 1 === limit)) break;
    const words: string[] = [];
    const places: [number, number, number, number][] = [];
    for (let i = 0; i < tree.wordCount(s); i++) {
      const span = tree.wordSpan(s, i);
      words.push(tree.wordLatin1(s, i));
      const quote = tree.wordQuote(s, i);
      places.push([span.start, span.end, lines(span.start), quote === "" ? 0 : quote.charCodeAt(0)]);
    }
    const common = { d: depth(tree, s), l: tree.line(s), end: [lines(end), end] as const, w: words, p: places };
    if (terminator === "lua") {
      const body = tree.luaSpan(s);
      const ended = problem === undefined || body.end < limit;
      statements.push({
        t: "lua",
        ...common,
        ...(ended ? { lua: [body.start, body.end, lines(body.end)] as const } : {}),
      });
    } else {
      statements.push({ t: terminator === "block" ? "{" : ";", ...common });
      if (terminator === "block") open.push(s);
    }
  }
  closeUpTo(tree.size);
  return {
    ok: problem === undefined,
    error: problem?.message ?? null,
    line: problem?.line ?? null,
    statements,
  };
}

function depth(tree: Tree, s: Statement): number {
  let depth = 0;
  for (let block = tree.parent(s); block !== ROOT; block = tree.parent(block)) depth++;
  return depth;
}

/** Offset after `;` or `{`: blanks and comments only are between the last word and it. */
function terminatorEnd(tree: Tree, s: Statement): number {
  if (tree.terminator(s) === "simple") return tree.span(s).end;
  if (tree.terminator(s) === "lua") return tree.luaSpan(s).start;
  const { bytes } = tree;
  const last = tree.wordCount(s) - 1;
  let p = tree.wordSpan(s, last).end + tree.wordQuote(s, last).length;
  while (bytes[p] !== 0x7b) {
    if (bytes[p] === 0x23) p = bytes.indexOf(LF, p);
    p++;
  }
  return p + 1;
}

/** A function from an offset to its one-based line, for offsets that mostly grow. */
function lineCounter(bytes: Uint8Array): (offset: number) => number {
  let at = 0;
  let line = 1;
  return (offset) => {
    if (offset < at) {
      at = 0;
      line = 1;
    }
    for (; at < offset; at++) if (bytes[at] === LF) line++;
    return line;
  };
}
