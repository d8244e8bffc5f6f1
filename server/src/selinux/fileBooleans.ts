/** The booleans that decisions about files can depend on. */
import { memo } from "../base/memo.ts";
import { booleansOf } from "./conditions.ts";
import { usedPermissions } from "./filePermissions.ts";
import type { PolicyFacts } from "./policy.ts";

/**
 * Names of the booleans in the conditions of a domain's rules on files and directories, for all permissions that a use of
 * files asks. Another boolean changes no decision about a file. Found once for a domain.
 */
export function fileBooleans(facts: PolicyFacts, source: string): ReadonlySet<string> {
  const known = memo(ofFacts, facts, () => new Map<string, ReadonlySet<string>>());
  return memo(known, source, () => {
    const domain = facts.resolveType(source) ?? source;
    const names = new Set<string>();
    for (const [cls, permissions] of usedPermissions)
      for (const permission of permissions)
        for (const conditions of facts.targets(domain, cls, permission).values())
          for (const condition of conditions) for (const name of booleansOf(condition)) names.add(name);
    return names;
  });
}

const ofFacts = new WeakMap<PolicyFacts, Map<string, ReadonlySet<string>>>();
