/** What `npm run fuzz` can run. */
import type { Random } from "./random.ts";

/** A failure, with the input that shows it. */
export interface Failure {
  readonly input: string;
  readonly error: unknown;
}

export interface FuzzTarget {
  readonly name: string;
  /**
   * One round: tries a batch of inputs and yields the failures. A round takes seconds at most; the runner asks for
   * rounds until the time is over, and for at least one.
   *
   * @returns the number of inputs that were tried
   */
  round(random: Random): Generator<Failure, number>;
}
