/** The decision for any access, allowed ones included: what `--all` lists and a hover shows. */
import { accessWords } from "./accessWords.ts";
import type { Access } from "./nginx/access.ts";
import { queriesOf } from "./rules/accessQueries.ts";
import type { RuleContext } from "./rules/rule.ts";
import { undecided } from "./selinux/conclude.ts";
import { decide } from "./selinux/decide.ts";
import type { Decision } from "./selinux/query.ts";

/** Decides accesses; equal ones are decided once. */
export function createDecider(context: RuleContext): (access: Access) => Decision {
  const known = new Map<string, Decision>();
  return (access) => {
    const key = keyOf(access);
    let decision = known.get(key);
    if (decision === undefined) {
      decision = decideAccess(access, context);
      known.set(key, decision);
    }
    return decision;
  };
}

function keyOf(access: Access): string {
  const { verb, what, name } = accessWords(access);
  const use =
    access.protocol === "file"
      ? access.use
      : access.protocol === "process"
        ? `${access.resource} ${access.amount}`
        : "";
  return `${verb} ${what} ${name} ${use} ${access.certainty} ${access.reason ?? ""}`;
}

/** A range of ports is refused where one of them is, and known where all are. */
function decideAccess(access: Access, context: RuleContext): Decision {
  if (context.container !== null) return undecided(`not checked, since this is for a container: ${context.container}`);
  if (access.certainty === "unknown") return undecided(access.reason ?? "the target is not known");
  let result: Decision | null = null;
  for (const query of queriesOf(access, context)) {
    const next = decide(context.policy, query, context);
    if (next.verdict === "denied") return next;
    if (result === null || next.verdict === "unknown") result = next;
  }
  return result ?? undecided(access.reason ?? "the target is not known");
}
