/**
 * The syntax of the regular expressions of file_contexts: text -> tree, and how many states the tree takes. PCRE's syntax
 * as far as an automaton can match it; all else is refused with a reason.
 */
import { addRange, byteSetOf, codeOf, complement, escapedSets, everyByte, posixSets, union } from "./byteSet.ts";
import type { ByteSet } from "./byteSet.ts";
import { PatternError } from "./patternError.ts";

/** A part of a pattern. */
export type PatternNode =
  | { readonly op: "set"; readonly set: ByteSet }
  | { readonly op: "start" | "end" }
  | { readonly op: "all" | "any"; readonly of: readonly PatternNode[] }
  | { readonly op: "repeat"; readonly of: PatternNode; readonly min: number; readonly max: number };

const maxDepth = 50;

/** Characters of a pattern; the longest that a distribution has is of 80. */
const longestPattern = 8192;

/** Reads a pattern, anchors and all. Throws PatternError. Linear in the text. */
export function parsePattern(text: string): PatternNode {
  if (text.length > longestPattern) throw new PatternError("pattern too long");
  return new Parser(text).parse();
}

/**
 * The steps that it takes to build an automaton for a pattern, and so at least the number of its states. Known before
 * anything is built, however far repeats of repeats multiply.
 */
export function sizeOf(node: PatternNode): number {
  switch (node.op) {
    case "all":
      return node.of.reduce((sum, part) => sum + sizeOf(part), 1);
    case "any":
      return node.of.reduce((sum, branch) => sum + 1 + sizeOf(branch), 0);
    case "repeat": {
      const optional = node.max === Infinity ? 1 : node.max - node.min;
      const once = sizeOf(node.of);
      return 1 + optional * (1 + once) + node.min * once;
    }
    default:
      return 1;
  }
}

class Parser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  parse(): PatternNode {
    const node = this.#alternatives(0);
    if (this.#at < this.#text.length) throw new PatternError("unmatched closing parenthesis");
    return node;
  }

  #alternatives(depth: number): PatternNode {
    if (depth > maxDepth) throw new PatternError("groups nested too deeply");
    const branches = [this.#sequence(depth)];
    while (this.#text[this.#at] === "|") {
      this.#at++;
      branches.push(this.#sequence(depth));
    }
    const [only] = branches;
    return branches.length === 1 && only !== undefined ? only : { op: "any", of: branches };
  }

  #sequence(depth: number): PatternNode {
    const parts: PatternNode[] = [];
    for (;;) {
      const character = this.#text[this.#at];
      if (character === undefined || character === "|" || character === ")") return { op: "all", of: parts };
      const item = this.#item(depth);
      parts.push(this.#quantified(item));
    }
  }

  #quantified(item: PatternNode): PatternNode {
    const range = this.#quantifier();
    if (range === null) return item;
    if (item.op === "start" || item.op === "end") throw new PatternError("quantified anchor");
    const next = this.#text[this.#at];
    if (next === "+") throw new PatternError("possessive quantifier");
    // Lazy or greedy makes no difference to whether the whole path matches.
    if (next === "?") this.#at++;
    const following = this.#at;
    if (this.#quantifier() !== null) {
      this.#at = following;
      throw new PatternError("quantifier after a quantifier");
    }
    return { op: "repeat", of: item, min: range.min, max: range.max };
  }

  #quantifier(): { readonly min: number; readonly max: number } | null {
    const character = this.#text[this.#at];
    if (character === "*" || character === "+" || character === "?") {
      this.#at++;
      return { min: character === "+" ? 1 : 0, max: character === "?" ? 1 : Infinity };
    }
    if (character !== "{") return null;
    const braces = /\{(\d{0,5})(,?)(\d{0,5})\}/y;
    braces.lastIndex = this.#at;
    const found = braces.exec(this.#text);
    if (found === null || (found[1] === "" && found[3] === "")) return null;
    // `{,n}` is literal text before PCRE2 10.43 and a quantifier after.
    if (found[1] === "") throw new PatternError("quantifier without a lower bound");
    this.#at += found[0].length;
    const min = Number(found[1]);
    const max = found[2] === "" ? min : found[3] === "" ? Infinity : Number(found[3]);
    if (max < min) throw new PatternError("quantifier range out of order");
    if (min > 1000 || (max !== Infinity && max > 1000)) throw new PatternError("quantifier too large");
    return { min, max };
  }

  #item(depth: number): PatternNode {
    const character = this.#text[this.#at] ?? "";
    switch (character) {
      case "^":
        this.#at++;
        return { op: "start" };
      case "$":
        this.#at++;
        return { op: "end" };
      case ".":
        this.#at++;
        return { op: "set", set: everyByte };
      case "(":
        return this.#group(depth);
      case "[":
        return { op: "set", set: this.#characterClass() };
      case "\\":
        return { op: "set", set: this.#escape(false) };
      case "*":
      case "+":
      case "?":
        throw new PatternError("quantifier without anything to repeat");
      default:
        this.#at++;
        return { op: "set", set: byteSetOf(codeOf(character)) };
    }
  }

  #group(depth: number): PatternNode {
    this.#at++;
    const character = this.#text[this.#at];
    if (character === "*") throw new PatternError("backtracking verb");
    if (character === "?") {
      if (this.#text[this.#at + 1] !== ":") throw new PatternError("look-around, flag or other special group");
      this.#at += 2;
    }
    const node = this.#alternatives(depth + 1);
    if (this.#text[this.#at] !== ")") throw new PatternError("missing closing parenthesis");
    this.#at++;
    return node;
  }

  /** After a backslash. Leaves the position behind the escape. */
  #escape(inClass: boolean): ByteSet {
    const character = this.#text[this.#at + 1];
    if (character === undefined) throw new PatternError("backslash at the end");
    // The anchor that we added stands behind a final backslash: PCRE would see `\$`, and so do we.
    this.#at += 2;
    const named = escapedSets.get(character);
    if (named !== undefined) return named;
    if (character === "b" && inClass) return byteSetOf(8);
    if (character === "x") return byteSetOf(this.#hexadecimal());
    if (character === "0") return byteSetOf(this.#octal());
    if (/[1-9]/.test(character)) throw new PatternError("back reference");
    if (/[A-Za-z]/.test(character)) throw new PatternError(`escape \\${character}`);
    return byteSetOf(codeOf(character));
  }

  #hexadecimal(): number {
    const digits = /[0-9A-Fa-f]{0,2}/y;
    digits.lastIndex = this.#at;
    if (this.#text[this.#at] === "{") throw new PatternError("escape \\x{}");
    const found = digits.exec(this.#text)?.[0] ?? "";
    this.#at += found.length;
    return found === "" ? 0 : Number.parseInt(found, 16);
  }

  #octal(): number {
    const digits = /[0-7]{0,2}/y;
    digits.lastIndex = this.#at;
    const found = digits.exec(this.#text)?.[0] ?? "";
    this.#at += found.length;
    return found === "" ? 0 : Number.parseInt(found, 8);
  }

  #characterClass(): ByteSet {
    this.#at++;
    const set = new Uint8Array(256);
    const negated = this.#text[this.#at] === "^";
    if (negated) this.#at++;
    for (let first = true; ; first = false) {
      const character = this.#text[this.#at];
      if (character === undefined) throw new PatternError("missing ] of a character class");
      if (character === "]" && !first) break;
      if (character === "[" && /[:.=]/.test(this.#text[this.#at + 1] ?? "")) {
        union(set, this.#posixClass());
        continue;
      }
      const low = this.#classMember();
      if (this.#text[this.#at] !== "-" || (this.#text[this.#at + 1] ?? "]") === "]") {
        union(set, low);
        continue;
      }
      this.#at++;
      if (this.#text[this.#at] === "[" && /[:.=]/.test(this.#text[this.#at + 1] ?? "")) {
        throw new PatternError("range with a class");
      }
      addRange(set, low, this.#classMember());
    }
    this.#at++;
    return negated ? complement(set) : set;
  }

  #classMember(): ByteSet {
    const character = this.#text[this.#at] ?? "";
    if (character === "\\") return this.#escape(true);
    this.#at++;
    return byteSetOf(codeOf(character));
  }

  #posixClass(): ByteSet {
    const name = /\[:(\^?)([a-z]+):\]/y;
    name.lastIndex = this.#at;
    const found = name.exec(this.#text);
    if (found === null) {
      // `[[:]` and the like: PCRE takes the bracket as a literal where no class name follows, and rejects `[.` `[=`.
      if (this.#text[this.#at + 1] !== ":") throw new PatternError("POSIX collating element");
      throw new PatternError("unfinished POSIX class");
    }
    const set = posixSets.get(found[2] ?? "");
    if (set === undefined) throw new PatternError(`POSIX class ${found[2]}`);
    this.#at += found[0].length;
    return found[1] === "^" ? complement(set) : set;
  }
}
