/** What a fix opens, in the few words that matter to whoever runs it; the whole is in `Fix.opens`. */
import { memo } from "../base/memo.ts";
import type { Policy, PolicyFacts } from "../selinux/policy.ts";
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
  const booleans = new Set(
    changes.flatMap((change) => (change.kind === "boolean" && change.value ? [change.name] : [])),
  );
  if (booleans.has(CONNECT_ANY)) return "opens all ports, on every host";
  if (booleans.has(ALL_HOMES)) return "opens every user's files, ~/.ssh included";
  if (booleans.size > 0 && types.length > 0)
    return aspect.cls === CONNECT.cls ? openedPorts(policy, types) : `opens all files of ${firstOf(types, MOST_TYPES)}`;
  if (booleans.size === 0 && types.length > 0 && aspect.cls === CONNECT.cls) return openedPorts(policy, types);
  const rules = new Set(changes.flatMap((change) => (change.kind === "allow" ? [change.target] : [])));
  const place = changes.some(({ kind }) => kind === "fileContext") && restore !== null ? `opens ${restore}` : "";
  const opened = [place, rules.size === 0 ? "" : `allows ${firstOf([...rules], MOST_TYPES)}`].filter(
    (part) => part !== "",
  );
  if (!durable) return "lasts until the next relabel";
  return opened.length === 0 ? "opens nothing else" : `${opened.join(", ")}, and nothing else`;
}

/** The TCP ports of some types. Few lists of types are asked for, and by every finding. */
function openedPorts({ facts }: Policy, types: readonly string[]): string {
  const known = memo(openedByTypes, facts, () => new Map<string, string>());
  return memo(known, types.join(" "), () => portWords(facts, types));
}

const openedByTypes = new WeakMap<PolicyFacts, Map<string, string>>();

function portWords({ ports }: PolicyFacts, types: readonly string[]): string {
  const records = ports.filter(({ protocol, type }) => protocol === "tcp" && types.includes(type));
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
