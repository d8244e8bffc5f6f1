/**
 * The regular expressions of file_contexts, matched in time linear in the path.
 *
 * libselinux matches with PCRE. Only the yes or no of a whole-path match counts, never what a group captured, so a
 * nondeterministic automaton gives the same answer without backtracking: a hostile pattern cannot make it slow. What
 * an automaton cannot do (look-around, back references, possessive and atomic groups) is refused with a reason and
 * never matched wrongly. Strings hold one byte per code unit, as PCRE without UTF sees them; `.` matches a newline.
 */

export interface PathPattern {
  /** True where PCRE would find `^pattern$` in the subject. */
  matches(subject: string): boolean;
}

/** A pattern that cannot be matched faithfully; `message` says why. */
export class PatternError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "PatternError";
  }
}

type Node =
  | { readonly op: "set"; readonly set: ByteSet }
  | { readonly op: "start" | "end" }
  | { readonly op: "all" | "any"; readonly of: readonly Node[] }
  | { readonly op: "repeat"; readonly of: Node; readonly min: number; readonly max: number };

/** 256 bits: which byte values match. */
type ByteSet = Uint8Array;

const maxDepth = 50;
const maxStates = 5000;

/** Compiles a pattern as written in file_contexts, without the anchors that libselinux adds. Throws PatternError. */
export function compilePathPattern(pattern: string): PathPattern {
  // No group is added, as in libselinux: a top-level `|` leaves `^` to the first branch and `$` to the last.
  const parser = new Parser(`^${pattern}$`);
  return new Automaton(parser.parse());
}

class Parser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  parse(): Node {
    const node = this.#alternatives(0);
    if (this.#at < this.#text.length) throw new PatternError("unmatched closing parenthesis");
    return node;
  }

  #alternatives(depth: number): Node {
    if (depth > maxDepth) throw new PatternError("groups nested too deeply");
    const branches = [this.#sequence(depth)];
    while (this.#text[this.#at] === "|") {
      this.#at++;
      branches.push(this.#sequence(depth));
    }
    const [only] = branches;
    return branches.length === 1 && only !== undefined ? only : { op: "any", of: branches };
  }

  #sequence(depth: number): Node {
    const parts: Node[] = [];
    for (;;) {
      const character = this.#text[this.#at];
      if (character === undefined || character === "|" || character === ")") return { op: "all", of: parts };
      const item = this.#item(depth);
      parts.push(this.#quantified(item));
    }
  }

  #quantified(item: Node): Node {
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

  #item(depth: number): Node {
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

  #group(depth: number): Node {
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

function codeOf(character: string): number {
  const code = character.charCodeAt(0);
  if (code > 255) throw new PatternError("not a byte string");
  return code;
}

function byteSetOf(...codes: readonly number[]): ByteSet {
  const set = new Uint8Array(256);
  for (const code of codes) set[code] = 1;
  return set;
}

function rangesOf(...ranges: readonly (readonly [string, string])[]): ByteSet {
  const set = new Uint8Array(256);
  for (const [low, high] of ranges) set.fill(1, low.charCodeAt(0), high.charCodeAt(0) + 1);
  return set;
}

function union(into: ByteSet, other: ByteSet): void {
  for (let code = 0; code < 256; code++) if (other[code] === 1) into[code] = 1;
}

function complement(set: ByteSet): ByteSet {
  return set.map((bit) => 1 - bit);
}

function addRange(into: ByteSet, low: ByteSet, high: ByteSet): void {
  const [from, to] = [only(low), only(high)];
  if (from === null || to === null) throw new PatternError("range with a class");
  if (to < from) throw new PatternError("range out of order");
  into.fill(1, from, to + 1);
}

function only(set: ByteSet): number | null {
  const first = set.indexOf(1);
  return first === set.lastIndexOf(1) ? first : null;
}

const everyByte = new Uint8Array(256).fill(1);
const digits = rangesOf(["0", "9"]);
const wordBytes = rangesOf(["0", "9"], ["A", "Z"], ["a", "z"], ["_", "_"]);
const spaces = rangesOf(["\t", "\r"], [" ", " "]);
const blanks = rangesOf(["\t", "\t"], [" ", " "]);
const verticalSpaces = byteSetOf(10, 11, 12, 13, 0x85);
const horizontalSpaces = byteSetOf(9, 32, 0xa0);

/** Escapes of PCRE in the C locale. `\s` includes the vertical tab since PCRE 8.34. */
const escapedSets: ReadonlyMap<string, ByteSet> = new Map([
  ["d", digits],
  ["D", complement(digits)],
  ["w", wordBytes],
  ["W", complement(wordBytes)],
  ["s", spaces],
  ["S", complement(spaces)],
  ["h", horizontalSpaces],
  ["H", complement(horizontalSpaces)],
  ["v", verticalSpaces],
  ["V", complement(verticalSpaces)],
  ["t", byteSetOf(9)],
  ["n", byteSetOf(10)],
  ["f", byteSetOf(12)],
  ["r", byteSetOf(13)],
  ["a", byteSetOf(7)],
  ["e", byteSetOf(27)],
]);

const posixSets: ReadonlyMap<string, ByteSet> = new Map([
  ["alnum", rangesOf(["0", "9"], ["A", "Z"], ["a", "z"])],
  ["alpha", rangesOf(["A", "Z"], ["a", "z"])],
  ["ascii", rangesOf(["\0", "\x7f"])],
  ["blank", blanks],
  ["cntrl", rangesOf(["\0", "\x1f"], ["\x7f", "\x7f"])],
  ["digit", digits],
  ["graph", rangesOf(["!", "~"])],
  ["lower", rangesOf(["a", "z"])],
  ["print", rangesOf([" ", "~"])],
  ["punct", rangesOf(["!", "/"], [":", "@"], ["[", "`"], ["{", "~"])],
  ["space", spaces],
  ["upper", rangesOf(["A", "Z"])],
  ["word", wordBytes],
  ["xdigit", rangesOf(["0", "9"], ["A", "F"], ["a", "f"])],
]);

type State =
  | { readonly op: "set"; readonly set: ByteSet; next: number }
  | { readonly op: "split"; next: number; other: number }
  | { readonly op: "start" | "end"; next: number }
  | { readonly op: "match" };

/** The state added first. */
const matchState = 0;

/** Steps kept per pattern. Real patterns need a handful; one that needs more is simulated. */
const maxSteps = 200;

/** All states that a prefix of a path can lead to at once. */
interface Step {
  readonly states: readonly number[];
  readonly accepts: boolean;
  readonly acceptsAtEnd: boolean;
  readonly next: Map<number, Step>;
}

class Automaton implements PathPattern {
  readonly #states: State[] = [];
  readonly #first: number;
  /** True where a match may begin after the start: some branch has no `^`. */
  readonly #floating: boolean;
  readonly #start: Step;
  readonly #steps = new Map<string, Step>();
  /** Nodes built, so that nested repeats of nothing cannot go on for ever. */
  #built = 0;

  constructor(node: Node) {
    this.#states.push({ op: "match" });
    this.#first = this.#build(node, 0);
    this.#floating = node.op === "any";
    this.#start = this.#step([this.#first], true);
  }

  /** Builds the states for `node`, leading on to state `next`; returns the entry state. */
  #build(node: Node, next: number): number {
    if (++this.#built > maxStates * 4) throw new PatternError("pattern too large");
    switch (node.op) {
      case "set":
        return this.#add({ op: "set", set: node.set, next });
      case "start":
      case "end":
        return this.#add({ op: node.op, next });
      case "all":
        return node.of.reduceRight((after, part) => this.#build(part, after), next);
      case "any": {
        const entries = node.of.map((branch) => this.#build(branch, next));
        return entries.reduceRight((other, entry) => this.#add({ op: "split", next: entry, other }));
      }
      default:
        return this.#repeat(node.of, node.min, node.max, next);
    }
  }

  #repeat(of: Node, min: number, max: number, next: number): number {
    let entry = next;
    if (max === Infinity) {
      const loop: State = { op: "split", next, other: next };
      entry = this.#add(loop);
      loop.next = this.#build(of, entry);
    } else {
      for (let count = max; count > min; count--) {
        entry = this.#add({ op: "split", next: this.#build(of, entry), other: next });
      }
    }
    for (let count = 0; count < min; count++) entry = this.#build(of, entry);
    return entry;
  }

  #add(state: State): number {
    if (this.#states.length >= maxStates) throw new PatternError("pattern too large");
    return this.#states.push(state) - 1;
  }

  matches(subject: string): boolean {
    if (subject.endsWith("\n")) return this.#simulate(subject);
    let step: Step = this.#start;
    for (let at = 0; at < subject.length; at++) {
      if (step.accepts) return true;
      if (step.states.length === 0) return false;
      const code = subject.charCodeAt(at);
      let next = step.next.get(code);
      if (next === undefined) {
        const found = this.#stepAfter(step, code);
        if (found === null) return this.#simulate(subject);
        step.next.set(code, found);
        next = found;
      }
      step = next;
    }
    return step.accepts || step.acceptsAtEnd;
  }

  /** The step that a byte leads to, made when it is first needed; null where there are too many to keep. */
  #stepAfter(step: Step, code: number): Step | null {
    const entered: number[] = [];
    for (const index of step.states) {
      const state = this.#states[index];
      if (state?.op === "set" && code < 256 && state.set[code] === 1) entered.push(state.next);
    }
    if (this.#floating) entered.push(this.#first);
    const made = this.#step(entered, false);
    const key = made.states.join();
    const known = this.#steps.get(key);
    if (known !== undefined) return known;
    if (this.#steps.size >= maxSteps) return null;
    this.#steps.set(key, made);
    return made;
  }

  #step(entered: readonly number[], atStart: boolean): Step {
    const reached = this.#follow(entered, atStart, false);
    const accepts = (states: readonly number[]): boolean => states.includes(matchState);
    return {
      states: reached,
      accepts: accepts(reached),
      acceptsAtEnd: accepts(this.#follow(entered, atStart, true)),
      next: new Map(),
    };
  }

  /** The states that empty steps lead to, ascending, those that wait for a byte or an end, and the match. */
  #follow(entered: readonly number[], atStart: boolean, atEnd: boolean): number[] {
    const reached = new Set<number>();
    const waiting: number[] = [];
    const pending = [...entered];
    for (let index = pending.pop(); index !== undefined; index = pending.pop()) {
      if (reached.has(index)) continue;
      reached.add(index);
      const state = this.#states[index];
      if (state === undefined) continue;
      if (state.op === "split") pending.push(state.next, state.other);
      else if (state.op === "start") pending.push(...(atStart ? [state.next] : []));
      else if (state.op === "end" && atEnd) pending.push(state.next);
      else waiting.push(index);
    }
    return waiting.sort((a, b) => a - b);
  }

  /** Without the steps kept; for a subject that ends in a newline, where `$` matches twice, and for a pattern with many. */
  #simulate(subject: string): boolean {
    let current: readonly number[] = [];
    for (let at = 0; at <= subject.length; at++) {
      const atEnd = at === subject.length || (at === subject.length - 1 && subject[at] === "\n");
      const entered = at === 0 || this.#floating ? [...current, this.#first] : current;
      const waiting = this.#follow(entered, at === 0, atEnd);
      if (waiting.includes(matchState)) return true;
      if (waiting.length === 0 && !this.#floating) return false;
      const code = subject.charCodeAt(at);
      current = waiting.flatMap((index) => {
        const state = this.#states[index];
        return state?.op === "set" && state.set[code] === 1 ? [state.next] : [];
      });
    }
    return false;
  }
}
