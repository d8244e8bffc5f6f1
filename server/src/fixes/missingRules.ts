/** Exactly the allow rules that some questions lack, for a module where no label and no boolean is meant for it. */
import type { Change } from "../selinux/policy.ts";
import type { Decision, Query } from "../selinux/query.ts";
import type { Candidate, FixContext } from "./candidate.ts";
import { moduleCandidate, type Permission } from "./moduleCandidate.ts";
import { isServiceType } from "./purpose.ts";
import { answersTo } from "./replay.ts";

/** Directories above, the file, and each permission of a use; more is no "small" module any more. */
const MOST_RULES = 24;

/**
 * A module for objects of another service's own types: their labels belong to that service, so a relabel would take them
 * from it. Null where a general type is among those that refuse (a rule on `var_t` would open every file of that kind),
 * and where rules are not what is missing. `answers`: those to the questions as things are.
 */
export function serviceModule(
  context: FixContext,
  queries: readonly Query[],
  answers: readonly Decision[],
  title: (types: string) => string,
): Candidate | null {
  const rules = missingRules(context, queries, answers);
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
function missingRules(
  context: FixContext,
  queries: readonly Query[],
  present: readonly Decision[],
): readonly Permission[] | null {
  const { policy, source } = context;
  let answers = present;
  const rules: Permission[] = [];
  const changes: Change[] = [];
  while (rules.length <= MOST_RULES) {
    const open = answers.find(({ verdict }) => verdict !== "allowed");
    if (open === undefined) return rules;
    const { verdict, target, cls, permission } = open;
    if (verdict !== "denied" || target === null || cls === null || permission === null) return null;
    if (!isServiceType(target)) return null;
    if (rules.some((rule) => rule.target === target && rule.cls === cls && rule.permission === permission)) return null;
    rules.push({ target, cls, permission });
    changes.push({ kind: "allow", source, target, cls, permission });
    answers = answersTo({ ...context, policy: policy.with(changes) }, queries);
  }
  return null;
}
