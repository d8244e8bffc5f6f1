/** What a fix opens, in the few words that matter to whoever runs it; the whole is in `Fix.opens`. */
import { memo } from "../base/memo.ts";
import type { Change, Policy, PolicyFacts } from "../selinux/policy.ts";
import type { Candidate } from "./candidate.ts";
import { portRange } from "./commands.ts";
import { CONNECT, type Aspect } from "./describe.ts";
import { owners } from "./portLabel.ts";
import { ALL_HOMES, CONNECT_ANY } from "./purpose.ts";

/**
 * For example `opens ports 80, 81, 443, ... and nothing else; takes tcp 3000 from ntop_port_t`. `types`: those
 * on which the fix gives the domain the permission of `aspect`.
 */
export function briefly(policy: Policy, candidate: Candidate, types: readonly string[], aspect: Aspect): string {
  const takes = takenPorts(policy, candidate);
  const opened = openedWords(policy, candidate, types, aspect);
  return takes === "" ? opened : `${opened}; ${takes}`;
}

function openedWords(
  policy: Policy,
  { changes, restore, durable }: Candidate,
  types: readonly string[],
  aspect: Aspect,
): string {
  const turnsOn = (name: string): boolean =>
    changes.some((change) => change.kind === "boolean" && change.value && change.name === name);
  if (turnsOn(CONNECT_ANY)) return "opens all ports, on every host";
  if (turnsOn(ALL_HOMES)) return "opens every user's files, ~/.ssh included";
  if (types.length > 0) {
    if (aspect.cls === CONNECT.cls) return openedPorts(policy, types);
    if (aspect.cls === "process") return `opens this for all processes of ${firstOf(types, MOST_TYPES)}`;
    if (changes.some((change) => change.kind === "boolean" && change.value))
      return `opens all files of ${firstOf(types, MOST_TYPES)}`;
  }
  if (!durable) return "lasts until the next relabel";
  const rules = changes.flatMap((change) => (change.kind === "allow" ? [ruleWords(change)] : []));
  const place = changes.some(({ kind }) => kind === "fileContext") && restore !== null ? `opens ${restore}` : "";
  const allows = rules.length === 0 ? "" : `allows ${firstOf([...new Set(rules)], MOST_TYPES)}`;
  if (place === "" && allows === "") return "opens nothing else";
  return `${place}${place === "" || allows === "" ? "" : ", "}${allows}, and nothing else`;
}

/** The type that a rule gives access to; of a domain's rules on itself the permission. */
function ruleWords({ source, target, permission }: Extract<Change, { readonly kind: "allow" }>): string {
  return target === source ? permission : target;
}

/** The TCP ports of some types. Worked out once for a list: all fixes that turn the same boolean on share theirs. */
function openedPorts(policy: Policy, types: readonly string[]): string {
  const { facts } = policy;
  const known = memo(listed, facts, () => new WeakMap<readonly string[], string>());
  return memo(known, types, () => portsInWords(facts, types));
}

const listed = new WeakMap<PolicyFacts, WeakMap<readonly string[], string>>();

function portsInWords(facts: PolicyFacts, types: readonly string[]): string {
  const records = facts.ports.filter(({ protocol, type }) => protocol === "tcp" && types.includes(type));
  const ranges = records.toSorted((a, b) => a.low - b.low).map(({ low, high }) => portRange(low, high));
  if (ranges.length === 0) return `opens ports of ${firstOf(types, MOST_TYPES)}`;
  const end = types.length === 1 ? " and nothing else" : ` (${types.length} types of ports)`;
  const isOne = ranges.length === 1 && !(ranges[0] ?? "").includes("-");
  return `opens ${isOne ? "port" : "ports"} ${firstOf([...new Set(ranges)], MOST_RANGES)}${end}`;
}

/** The ports that named services lose. */
function takenPorts(policy: Policy, { changes }: Candidate): string {
  const taken = changes.flatMap((change) => {
    if (change.kind !== "port") return [];
    const { protocol, low, high } = change;
    const types = [...new Set(owners(policy, protocol, { low, high }).map(({ type }) => type))];
    return types.length === 0 ? [] : [`${protocol} ${portRange(low, high)} from ${firstOf(types, MOST_TYPES)}`];
  });
  return taken.length === 0 ? "" : `takes ${firstOf(taken, MOST_TYPES)}`;
}

const MOST_RANGES = 4;
const MOST_TYPES = 2;

function firstOf(words: readonly string[], most: number): string {
  return words.length <= most ? words.join(", ") : `${words.slice(0, most).join(", ")}, ...`;
}
