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
  round(random: Random): Generator<Failure, number> | AsyncGenerator<Failure, number>;
}

/** Milliseconds of processor time that one input may take. */
const MOST_TIME = 5000;

/** Milliseconds of processor time that some work takes. */
export function timed(work: () => void): number {
  const before = process.cpuUsage();
  work();
  return since(before);
}

/** Milliseconds of processor time since a point of it. */
export function since(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** A failure where an input took too long. `took`: milliseconds of processor time. */
export function* slow(input: string, took: number): Generator<Failure, void> {
  if (took > MOST_TIME) yield { input, error: `${Math.round(took)} ms of processor time` };
}
