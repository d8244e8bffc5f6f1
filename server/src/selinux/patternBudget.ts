/**
 * What matching paths against the patterns of one policy may cost. Snapshots and file_contexts come from anywhere, and
 * nothing but a count of work keeps thousands of patterns, each within its own limit, from taking minutes and gigabytes.
 *
 * Work is counted in units: a pattern looked at, a step of building, a state visited, a byte of a path. The count is the
 * same on every machine. What is left is shared by all questions, and each question adds to it, so that the cost of a
 * run is linear in the questions. A question for which nothing is left is answered "unknown".
 */
import { PatternBudgetError } from "./patternError.ts";

export interface PatternLimits {
  /** Units that may be spent at once, however few questions there are. A distribution's 5,500 patterns take 900,000 altogether. */
  readonly atOnce: number;
  /** Units that each question adds, up to `atOnce`. Real policies take up to 5,000. */
  readonly perQuestion: number;
  /** States that are held at once, compiled and of steps; more are let go and built again when they are needed. */
  readonly held: number;
}

export const usualLimits: PatternLimits = { atOnce: 3_000_000, perQuestion: 20_000, held: 250_000 };

/** For patterns of our own. */
export const noLimits: PatternLimits = { atOnce: Infinity, perQuestion: 0, held: Infinity };

export class PatternBudget {
  readonly #limits: PatternLimits;
  #left: number;
  #held = 0;
  #compiled = 0;

  constructor(limits: PatternLimits = usualLimits) {
    this.#limits = limits;
    this.#left = limits.atOnce;
  }

  /** Patterns that were compiled, those among them that were let go and compiled again. */
  get compiled(): number {
    return this.#compiled;
  }

  /** States that are held. */
  get held(): number {
    return this.#held;
  }

  /** Units that are left. */
  get left(): number {
    return this.#left;
  }

  /** True where too many states are held. */
  get isFull(): boolean {
    return this.#held > this.#limits.held;
  }

  /** A new question begins. */
  ask(): void {
    this.#left = Math.min(this.#limits.atOnce, this.#left + this.#limits.perQuestion);
  }

  /** Takes units. Throws PatternBudgetError where fewer are left: nothing is done then. */
  spend(units: number): void {
    if (units > this.#left) throw new PatternBudgetError();
    this.#left -= units;
  }

  /** A pattern is built: takes the units for it. Throws PatternBudgetError where fewer are left. */
  build(size: number): void {
    this.spend(size);
    this.#compiled++;
    this.#held += size;
  }

  /** States of a step are kept. */
  hold(states: number): void {
    this.#held += states;
  }

  /** Everything that was held was let go. */
  release(): void {
    this.#held = 0;
  }
}
