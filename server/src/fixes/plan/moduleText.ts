/** Types, rules and port labels as the text of a policy module in CIL, the language that `semodule -i` reads. */
import type { ChangeOf } from "./changes.ts";
import type { PortChange } from "./portRecords.ts";

/**
 * The module's statements, with a line feed at the end; "" for none. Names must be identifiers, see `inexpressible`.
 * `types`: port types that the module declares.
 */
export function moduleText(
  types: readonly string[],
  rules: readonly ChangeOf<"allow">[],
  labels: readonly PortChange[],
): string {
  const lines = [
    ...types.flatMap((type) => [
      `(type ${type})`,
      `(roletype object_r ${type})`,
      `(typeattributeset port_type ${type})`,
    ]),
    ...ruleLines(rules),
    ...labels.map(portcon),
  ];
  return lines.map((line) => `${line}\n`).join("");
}

/** One line for each pair of types and class. A domain's rule on itself names it `self`. */
function ruleLines(rules: readonly ChangeOf<"allow">[]): readonly string[] {
  const permissions = new Map<string, Set<string>>();
  for (const { source, target, cls, permission } of rules) {
    const head = `${source} ${source === target ? "self" : target} (${cls}`;
    const known = permissions.get(head);
    if (known === undefined) permissions.set(head, new Set([permission]));
    else known.add(permission);
  }
  return [...permissions].map(([head, names]) => `(allow ${head} (${[...names].join(" ")})))`);
}

function portcon({ protocol, low, high, type }: PortChange): string {
  const ports = low === high ? String(low) : `(${low} ${high})`;
  return `(portcon ${protocol} ${ports} (system_u object_r ${type} ((s0) (s0))))`;
}
