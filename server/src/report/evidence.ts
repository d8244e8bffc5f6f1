/** Evidence for people: sentences that differ in their permission alone are one. */

/** `httpd_t may not open default_t, and no boolean changes that`: who may or may not, the permission, the rest. */
const PERMISSION = /^(\S+ may(?: not)?) ([a-z_]+) (.+)$/u;

/** The sentences in their order; those about several permissions on one type stand where the first of them stood. */
export function mergedEvidence(because: readonly string[]): readonly string[] {
  const merged = new Map<string, { readonly who: string; readonly permissions: string[]; readonly rest: string }>();
  for (const sentence of because) {
    const [, who, permission, rest] = PERMISSION.exec(sentence) ?? [];
    if (who === undefined || permission === undefined || rest === undefined) {
      merged.set(sentence, { who: sentence, permissions: [], rest: "" });
      continue;
    }
    const key = `${who} ${rest}`;
    const known = merged.get(key);
    if (known === undefined) merged.set(key, { who, permissions: [permission], rest });
    else known.permissions.push(permission);
  }
  return [...merged.values()].map(({ who, permissions, rest }) =>
    permissions.length === 0 ? who : `${who} ${inWords(permissions)} ${rest}`,
  );
}

function inWords(permissions: readonly string[]): string {
  const once = [...new Set(permissions)];
  const last = once.pop() ?? "";
  return once.length === 0 ? last : `${once.join(", ")} or ${last}`;
}
