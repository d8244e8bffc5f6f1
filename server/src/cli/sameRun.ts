/** Words of a command that asks the same again: the options of this run, quoted for a shell. */
import { quoteWord } from "../fixes/quote.ts";
import type { PolicyOptions } from "./arguments.ts";

/** The options that choose the policy, each with a blank in front. One that cannot be quoted is left out. */
export function samePolicyOptions({ policies, booleans, domain, root }: PolicyOptions): string {
  const given: readonly (readonly [option: string, value: string | null])[] = [
    ...policies.slice(0, 1).map((policy) => ["--policy", policy] as const),
    ...[...booleans].map(([name, value]) => ["--boolean", `${name}=${value ? "on" : "off"}`] as const),
    ["--domain", domain],
    ["--root", root],
  ];
  return given
    .map(([option, value]) => {
      const quoted = value === null ? null : quoteWord(value);
      return quoted?.ok === true ? ` ${option} ${quoted.text}` : "";
    })
    .join("");
}

/** A path as an operand, with a blank in front; null where it cannot be quoted, or where a CI service would act on it. */
export function operandOf(path: string): string | null {
  const quoted = quoteWord(path);
  return quoted.ok && !/::|##\w*\[/u.test(path) ? ` ${quoted.text}` : null;
}
