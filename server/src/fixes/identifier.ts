/** Names of types, booleans, classes and permissions in a policy (policy_scan.l, `identifier`). */
const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_.-]*$/u;

/** Names that were looked at: there are few, and a change for every port. */
const identifiers = new Set<string>();

/** True for a name that stands in commands, modules and playbooks as it is. A policy may come from a file that anybody wrote. */
export function isIdentifier(name: string): boolean {
  if (identifiers.has(name)) return true;
  if (!IDENTIFIER.test(name)) return false;
  identifiers.add(name);
  return true;
}
