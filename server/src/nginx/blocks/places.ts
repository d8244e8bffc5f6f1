/** From words of statements to places and problems. */
import type { ConfigProblem, Configuration } from "../load/configuration.ts";
import { utf8Length } from "./address.ts";
import type { Place } from "../access.ts";
import type { Statement, Tree } from "../tree/tree.ts";
import type { Node } from "./blocks.ts";
import type { Span } from "../../base/text.ts";

const LF = 0x0a;

/** The tree of a file. */
export function treeOf(configuration: Configuration, file: number): Tree {
  const entry = configuration.files[file];
  if (entry === undefined) throw new RangeError(`no file ${file}`);
  return entry.tree;
}

/**
 * Bytes of a part of a word. The whole word where escapes make the two differ.
 *
 * @param from start of the part in the decoded word, in UTF-16 units
 */
export function partSpan(tree: Tree, s: Statement, word: number, text: string, from: number, length: number): Span {
  const raw = tree.wordSpan(s, word);
  const bytes = raw.end - raw.start;
  if (bytes === text.length) return { start: raw.start + from, end: raw.start + from + length };
  if (bytes !== utf8Length(text)) return raw;
  const start = raw.start + utf8Length(text.slice(0, from));
  return { start, end: start + utf8Length(text.slice(from, from + length)) };
}

/** One-based line of a byte at or after the start of a statement. */
function lineAt(tree: Tree, s: Statement, offset: number): number {
  let line = tree.line(s);
  for (let i = tree.span(s).start; i < offset; i++) {
    if (tree.bytes[i] === LF) line++;
  }
  return line;
}

/** Where nginx reads the end of a statement: the semicolon, or the opening brace of a block. */
function terminatorOffset(tree: Tree, s: Statement): number {
  if (tree.terminator(s) !== "block") return tree.span(s).end;
  return tree.wordSpan(s, Math.max(0, tree.wordCount(s) - 1)).end;
}

/** Gathers problems: once each, and none that nginx would not come to. */
export class ProblemList {
  readonly #configuration: Configuration;
  readonly #problems: ConfigProblem[] = [];
  readonly #seen = new Set<string>();

  constructor(configuration: Configuration) {
    this.#configuration = configuration;
  }

  /** `span` defaults to the name of the directive; `atEnd` names the line of the closing brace, as nginx does for a block. */
  add(node: Node, message: string, span?: Span, atEnd = false): void {
    const { file, statement } = node;
    if (this.#configuration.template[file] === true) return;
    const tree = treeOf(this.#configuration, file);
    // nginx stops at the first syntax error, and what follows it here is a guess of the parser.
    const stop = tree.problems[0]?.span.start ?? Infinity;
    const end = terminatorOffset(tree, statement);
    if (end > stop || tree.terminator(statement) === "open") return;
    if (atEnd && tree.span(statement).end > stop) return;
    const key = `${file} ${statement} ${message}`;
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    const line = lineAt(tree, statement, atEnd ? tree.span(statement).end : end);
    this.#problems.push({ file, span: span ?? tree.wordSpan(statement, 0), line, message });
  }

  sorted(): readonly ConfigProblem[] {
    return this.#problems.sort((a, b) => a.file - b.file || a.span.start - b.span.start);
  }
}

/** The place of a whole word. */
export function wordPlace(configuration: Configuration, node: Node, word: number): Place {
  return { file: node.file, span: treeOf(configuration, node.file).wordSpan(node.statement, word) };
}
