/** Allow rules as a candidate: a policy module with exactly what is missing. */
import type { Candidate, FixContext, Tier } from "./candidate.ts";

/** One rule for nginx's domain. */
export interface Permission {
  readonly target: string;
  readonly cls: string;
  readonly permission: string;
}

/** A module that allows some permissions to nginx's domain. */
export function moduleCandidate(
  { source }: FixContext,
  permissions: readonly Permission[],
  tier: Tier,
  title: string,
  ...notes: readonly string[]
): Candidate {
  return {
    id: "module",
    tier,
    title,
    changes: permissions.map((permission) => ({ kind: "allow", source, ...permission })),
    restore: null,
    durable: true,
    notes: () => [
      ...notes,
      "semodule takes half a minute or more, and the .cil file is written to the current directory.",
    ],
  };
}
