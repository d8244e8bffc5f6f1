/** Allow rules as a policy module in CIL, the language that `semodule -i` reads. */
import type { Change } from "../selinux/policy.ts";
import { isIdentifier } from "./identifier.ts";

/** A module of one file. */
export interface Module {
  /** Name of the module, and of its file without `.cil`: what `semodule -r` takes. */
  readonly name: string;
  /** The text of the file, with a line feed at the end. */
  readonly cil: string;
}

type Allow = Extract<Change, { readonly kind: "allow" }>;

/** The allow rules among some changes as one module; null where there are none, or a name of them is no identifier. */
export function moduleOf(changes: readonly Change[]): Module | null {
  const rules = changes.filter((change) => change.kind === "allow");
  const [first] = rules;
  if (first === undefined) return null;
  const words = rules.flatMap(({ source, target, cls, permission }) => [source, target, cls, permission]);
  if (!words.every(isIdentifier)) return null;
  const cil = `${linesOf(rules).join("\n")}\n`;
  const name = `nginx_${first.permission}_${first.target}`;
  return { name: rules.length === 1 ? name : `${name}_${checksum(cil)}`, cil };
}

/** Tells modules apart that begin with the same rule: a module of the same name takes the place of the one before. */
export function checksum(text: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193) >>> 0;
  return hash.toString(16).padStart(8, "0");
}

/** One line for each pair of types and class. A domain's rule on itself names it `self`. */
function linesOf(rules: readonly Allow[]): readonly string[] {
  const permissions = new Map<string, string[]>();
  for (const { source, target, cls, permission } of rules) {
    const head = `${source} ${source === target ? "self" : target} (${cls}`;
    permissions.set(head, [...(permissions.get(head) ?? []), permission]);
  }
  return [...permissions].map(([head, names]) => `(allow ${head} (${[...new Set(names)].join(" ")})))`);
}
