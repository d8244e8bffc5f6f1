/** Exactly the allow rules that some questions lack, for a module where no label and no boolean is meant for it. */
import { decide } from "../selinux/decide.ts";
import type { Change } from "../selinux/policy.ts";
import type { Query } from "../selinux/query.ts";
import type { Candidate, FixContext } from "./candidate.ts";
import { moduleCandidate, type Permission } from "./moduleCandidate.ts";
import { isServiceType } from "./purpose.ts";

/** Directories above, the file, and each permission of a use; more is no "small" module any more. */
const MOST_RULES = 24;

/**
 * A module for objects of another service's own types: their labels belong to that service, so a relabel would take them
 * from it. Null where a general type is among those that refuse (a rule on `var_t` would open every file of that kind),
 * and where rules are not what is missing.
 */
export function serviceModule(
  context: FixContext,
  queries: readonly Query[],
  title: (types: string) => string,
): Candidate | null {
  const rules = missingRules(context, queries);
  if (rules === null || rules.length === 0) return null;
  const types = [...new Set(rules.map((rule) => rule.target))].join(" and ");
  return moduleCandidate(
    context,
    rules,
    "module",
    title(types),
    `Everything of type ${types} is opened so, wherever it lies; it stays its service's own.`,
  );
}

/** The rules in the order in which the kernel would ask for them; null where they are not what is missing, too many, or on a general type. */
function missingRules(context: FixContext, queries: readonly Query[]): readonly Permission[] | null {
  const { policy, source } = context;
  const rules: Permission[] = [];
  const changes: Change[] = [];
  while (rules.length <= MOST_RULES) {
    const after = changes.length === 0 ? policy : policy.with(changes);
    const open = queries.map((query) => decide(after, query, context)).find(({ verdict }) => verdict !== "allowed");
    if (open === undefined) return rules;
    const { verdict, target, cls, permission } = open;
    if (verdict !== "denied" || target === null || cls === null || permission === null) return null;
    if (!isServiceType(target)) return null;
    if (rules.some((rule) => rule.target === target && rule.cls === cls && rule.permission === permission)) return null;
    rules.push({ target, cls, permission });
    changes.push({ kind: "allow", source, target, cls, permission });
  }
  return null;
}
