/** The order in which fixes are offered: purpose, then what they open, durable before temporary, fewer commands. */
import { TIERS } from "./candidate.ts";
import type { Candidate } from "./candidate.ts";

/** A candidate that passed the replay, with what ranking needs to know of it. */
export interface Ranked {
  readonly candidate: Candidate;
  /** Number of types that become reachable beyond the target. */
  readonly opened: number;
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

/**
 * Index of the fix to offer first: the best durable one that is made of plain commands and does not open everything;
 * else the best durable one. -1 where every fix is temporary.
 */
export function preferredIndex(ranked: readonly Ranked[]): number {
  const plain = ranked.findIndex(
    ({ candidate: { durable, tier, changes } }) =>
      durable && tier !== "broad" && changes.every((change) => change.kind !== "allow"),
  );
  return plain >= 0 ? plain : ranked.findIndex((fix) => fix.candidate.durable);
}
