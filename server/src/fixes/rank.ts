/** The order in which fixes are offered: purpose, then what they open, durable before temporary, fewer commands. */
import { TIERS } from "./candidate.ts";
import type { Candidate } from "./candidate.ts";
import type { Fix } from "./fix.ts";

/** Of ranked fixes the one to offer first where nothing else is asked for: the best of those that last. */
export function bestLasting(fixes: readonly Fix[]): Fix | undefined {
  return fixes.find(({ durable, lastResort }) => durable && lastResort !== true);
}

/** A candidate that passed the replay, with what ranking needs to know of it. */
export interface Ranked {
  readonly candidate: Candidate;
  /** Number of types that become reachable beyond the target. */
  readonly opened: number;
  /** In the order in which they run. */
  readonly commands: readonly string[];
}

/** Best first; equals keep their order. */
export function rank<T extends Ranked>(fixes: readonly T[]): readonly T[] {
  return fixes.toSorted((a, b) => order(a, b));
}

function order(a: Ranked, b: Ranked): number {
  return (
    TIERS.indexOf(a.candidate.tier) - TIERS.indexOf(b.candidate.tier) ||
    a.opened - b.opened ||
    Number(b.candidate.durable) - Number(a.candidate.durable) ||
    a.commands.length - b.commands.length
  );
}
