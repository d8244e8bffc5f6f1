/** Words of a command that asks the same again: the options of this run, quoted for a shell. */
import { quoteWord } from "../fixes/quote.ts";
import type { PolicyOptions } from "./arguments.ts";

/** The options that choose the policy, each with a blank in front; null where one of them cannot be given again. */
export function samePolicyOptions({ policies, booleans, domain, root, define }: PolicyOptions): string | null {
  const given: readonly (readonly [option: string, value: string | null])[] = [
    ...policies.slice(0, 1).map((policy) => ["--policy", policy] as const),
    ...[...booleans].map(([name, value]) => ["--boolean", `${name}=${value ? "on" : "off"}`] as const),
    ["--domain", domain],
    ["--root", root],
    ...[...define].map(([name, value]) => ["--define", `${name}=${value}`] as const),
  ];
  const words = given.map(([option, value]) => {
    const word = value === null ? "" : operandOf(value);
    return word === null ? null : word === "" ? "" : ` ${option}${word}`;
  });
  return words.includes(null) ? null : words.join("");
}

/** A word as an operand, with a blank in front; null where it cannot be quoted, or where a CI service would act on it. */
export function operandOf(word: string): string | null {
  const quoted = quoteWord(word);
  return quoted.ok && !/::|##\w*\[/u.test(word) ? ` ${quoted.text}` : null;
}
