/** The proof that a candidate helps: its changes on a copy of the policy, and the same question again. */
import { decide } from "../selinux/decide.ts";
import type { Query } from "../selinux/query.ts";
import { isNeverOffered } from "./purpose.ts";
import type { Candidate, FixContext } from "./candidate.ts";

/** True where every question is answered `allowed` after the candidate's changes. */
export function solves(context: FixContext, queries: readonly Query[], candidate: Pick<Candidate, "changes">): boolean {
  const after = context.policy.with(candidate.changes);
  return queries.every((query) => decide(after, query, context).verdict === "allowed");
}

/** True where a candidate touches nothing that must never be suggested and nothing that the policy does not have. */
export function isOfferable(context: FixContext, candidate: Pick<Candidate, "changes">): boolean {
  const { policy } = context;
  return candidate.changes.every((change) => {
    switch (change.kind) {
      case "boolean":
        return policy.booleans.has(change.name) && !isNeverOffered(change.name);
      case "allow":
        return true;
      case "port":
      case "fileContext":
      case "label":
        // Null: the table cannot tell; the types used here are real in every release.
        return policy.facts.resolveType(change.type) !== undefined;
    }
  });
}
