/**
 * The regular expressions of file_contexts, matched in time linear in the path.
 *
 * libselinux matches with PCRE. Only the yes or no of a whole-path match counts, never what a group captured, so a
 * nondeterministic automaton gives the same answer without backtracking: a hostile pattern cannot make it slow. What
 * an automaton cannot do (look-around, back references, possessive and atomic groups) is refused with a reason and
 * never matched wrongly. Strings hold one byte per code unit, as PCRE without UTF sees them; `.` matches a newline.
 */
import type { ByteSet } from "./byteSet.ts";
import { noLimits, PatternBudget } from "./patternBudget.ts";
import { PatternError } from "./patternError.ts";
import { parsePattern, sizeOf, type PatternNode } from "./patternSyntax.ts";

export interface PathPattern {
  /** True where PCRE would find `^pattern$` in the subject. Throws PatternError where the budget does not suffice. */
  matches(subject: string): boolean;
}

/** Steps of building a pattern. A distribution's take 10 to 200. */
const largestPattern = 5000;

/**
 * Compiles a pattern as written in file_contexts, without the anchors that libselinux adds. Throws PatternError.
 * `budget`: what building and matching take their units from; without one there is no limit but the size of one pattern.
 */
export function compilePathPattern(pattern: string, budget: PatternBudget = new PatternBudget(noLimits)): PathPattern {
  budget.spend(pattern.length);
  // No group is added, as in libselinux: a top-level `|` leaves `^` to the first branch and `$` to the last.
  const node = parsePattern(`^${pattern}$`);
  const size = sizeOf(node);
  if (size > largestPattern) throw new PatternError("pattern too large");
  budget.build(size);
  return new Automaton(node, budget);
}

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
  /** Null: not asked for yet. */
  acceptsAtEnd: boolean | null;
  readonly next: Map<number, Step>;
}

class Automaton implements PathPattern {
  readonly #states: State[] = [];
  readonly #budget: PatternBudget;
  readonly #first: number;
  /** True where a match may begin after the start: some branch has no `^`. */
  readonly #floating: boolean;
  #start: Step | null = null;
  readonly #steps = new Map<string, Step>();
  /** By state: the number of the walk that reached it last. */
  readonly #reached: Uint32Array;
  #walk = 0;

  constructor(node: PatternNode, budget: PatternBudget) {
    this.#budget = budget;
    this.#states.push({ op: "match" });
    this.#first = this.#build(node, 0);
    this.#floating = node.op === "any";
    this.#reached = new Uint32Array(this.#states.length);
  }

  /** Builds the states for `node`, leading on to state `next`; returns the entry state. */
  #build(node: PatternNode, next: number): number {
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

  #repeat(of: PatternNode, min: number, max: number, next: number): number {
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
    return this.#states.push(state) - 1;
  }

  matches(subject: string): boolean {
    this.#budget.spend(subject.length);
    if (subject.endsWith("\n")) return this.#simulate(subject);
    let step = (this.#start ??= this.#stepOf(this.#follow([this.#first], true, false)));
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
    return step.accepts || (step.acceptsAtEnd ??= this.#acceptsAtEnd(step.states, subject === ""));
  }

  /** The step that a byte leads to, made when it is first needed; null where there are too many to keep. */
  #stepAfter(step: Step, code: number): Step | null {
    const reached = this.#follow(this.#after(step.states, code), false, false);
    const key = reached.join();
    const known = this.#steps.get(key);
    if (known !== undefined) return known;
    if (this.#steps.size >= maxSteps || this.#budget.isFull) return null;
    const made = this.#stepOf(reached);
    this.#steps.set(key, made);
    return made;
  }

  #stepOf(states: readonly number[]): Step {
    this.#budget.hold(states.length + 1);
    return { states, accepts: states.includes(matchState), acceptsAtEnd: null, next: new Map() };
  }

  #acceptsAtEnd(states: readonly number[], atStart: boolean): boolean {
    return this.#follow(states, atStart, true).includes(matchState);
  }

  /** The states that are entered when a byte is read. */
  #after(states: readonly number[], code: number): number[] {
    const entered: number[] = [];
    for (const index of states) {
      const state = this.#states[index];
      if (state?.op === "set" && state.set[code] === 1) entered.push(state.next);
    }
    if (this.#floating) entered.push(this.#first);
    return entered;
  }

  /** The states that empty steps lead to, ascending, those that wait for a byte or an end, and the match. */
  #follow(entered: readonly number[], atStart: boolean, atEnd: boolean): number[] {
    const walk = ++this.#walk;
    const waiting: number[] = [];
    const pending = [...entered];
    let visited = entered.length;
    for (let index = pending.pop(); index !== undefined; index = pending.pop()) {
      if (this.#reached[index] === walk) continue;
      this.#reached[index] = walk;
      visited++;
      const state = this.#states[index];
      if (state === undefined) continue;
      if (state.op === "split") pending.push(state.next, state.other);
      else if (state.op === "start") pending.push(...(atStart ? [state.next] : []));
      else if (state.op === "end" && atEnd) pending.push(state.next);
      else waiting.push(index);
    }
    this.#budget.spend(visited);
    return waiting.sort((a, b) => a - b);
  }

  /** Without the steps kept; for a subject that ends in a newline, where `$` matches twice, and for a pattern with many. */
  #simulate(subject: string): boolean {
    let entered: readonly number[] = [this.#first];
    for (let at = 0; at <= subject.length; at++) {
      const atEnd = at === subject.length || (at === subject.length - 1 && subject[at] === "\n");
      const waiting = this.#follow(entered, at === 0, atEnd);
      if (waiting.includes(matchState)) return true;
      if (waiting.length === 0 && !this.#floating) return false;
      entered = this.#after(waiting, subject.charCodeAt(at));
    }
    return false;
  }
}
