/** How handlers read a statement: every question has an answer, whatever the statement lacks. */
import type { Place } from "../access.ts";
import type { Node } from "./blocks.ts";
import { partSpan } from "./places.ts";
import type { Span } from "../../base/text.ts";
import type { Statement, Terminator, Tree } from "../tree/tree.ts";

const noArguments: readonly string[] = [];

/**
 * One statement with its tree. An argument that does not exist reads as "" and has the place of the directive's name,
 * so no handler can fail on a statement, even if the check before it were wrong.
 */
export class StatementReader implements Node {
  readonly file: number;
  readonly statement: Statement;
  readonly tree: Tree;

  constructor(file: number, statement: Statement, tree: Tree) {
    this.file = file;
    this.statement = statement;
    this.tree = tree;
  }

  /** The name, for example `proxy_pass`. */
  get directive(): string {
    return this.tree.name(this.statement);
  }

  /** Number of arguments, the name not counted. */
  get count(): number {
    return Math.max(0, this.tree.wordCount(this.statement) - 1);
  }

  get terminator(): Terminator {
    return this.tree.terminator(this.statement);
  }

  /** The argument at a position from 1 on; "" if the statement has fewer. */
  argument(position: number): string {
    return this.#has(position) ? this.tree.word(this.statement, position) : "";
  }

  /** The same for a word that many statements have, such as `ssl` or `max_fails=3`: it is decoded once. */
  parameter(position: number): string {
    return this.#has(position) ? this.tree.sharedWord(this.statement, position) : "";
  }

  /**
   * The arguments from a position on, in order.
   *
   * @param from 1 or more
   */
  arguments(from = 1): readonly string[] {
    const { count } = this;
    if (from > count) return noArguments;
    const found: string[] = [];
    for (let position = from; position <= count; position++) found.push(this.argument(position));
    return found;
  }

  /** Bytes of an argument; of the name if the statement has fewer. */
  span(position: number): Span {
    if (this.#has(position)) return this.tree.wordSpan(this.statement, position);
    if (this.tree.wordCount(this.statement) > 0) return this.tree.wordSpan(this.statement, 0);
    return this.tree.span(this.statement);
  }

  /**
   * Where the value of a `name=value` argument stands: the argument, and where in it the value begins. Null if no
   * argument begins with the name.
   *
   * @param prefix with its end, for example `port=`
   */
  option(prefix: string): { readonly word: number; readonly from: number } | null {
    for (let word = 1; word <= this.count; word++) {
      if (this.argument(word).startsWith(prefix)) return { word, from: prefix.length };
    }
    return null;
  }

  /** The place of an argument, or of the name. */
  place(position: number): Place {
    return { file: this.file, span: this.span(position) };
  }

  /**
   * Bytes of a part of an argument.
   *
   * @param from start of the part in UTF-16 units of the decoded argument
   * @param length in the same units
   */
  part(position: number, from: number, length: number): Span {
    if (!this.#has(position)) return this.span(position);
    return partSpan(this.tree, this.statement, position, this.argument(position), from, length);
  }

  #has(position: number): boolean {
    return position >= 0 && position < this.tree.wordCount(this.statement);
  }
}
