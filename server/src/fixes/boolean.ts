/** A boolean as a candidate. */
import type { Candidate, FixContext, Tier } from "./candidate.ts";

/** Turning on one boolean. `subject`: what is left without it on releases that do not have it. */
export function booleanCandidate(context: FixContext, name: string, id: string, tier: Tier): Candidate {
  const since = context.policy.facts.booleanSince.get(name);
  return {
    id,
    tier,
    title: `Turn on ${name}${since === undefined ? "" : ` (exists since ${since})`}`,
    changes: [{ kind: "boolean", name, value: true }],
    restore: null,
    durable: true,
    notes: () =>
      since === undefined
        ? []
        : [`Releases before ${since} do not have this boolean: setsebool fails there, and the port needs a label.`],
  };
}
