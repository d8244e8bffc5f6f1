/** What a fix opens, in words and in numbers. */
import type { Change, Policy, Protocol } from "../selinux/policy.ts";
import { portRange } from "./commands.ts";
import { CONNECT_ANY } from "./purpose.ts";

/** What some boolean changes open for a domain. */
export interface Opening {
  /** Port types to which it may connect afterwards and may not now, sorted by name. */
  readonly types: readonly string[];
  /** The same as a sentence; "" where nothing is opened. */
  readonly text: string;
}

const nothing: Opening = { types: [], text: "" };

/** What the boolean changes among `changes` open for connections of a domain. Computed once per policy and booleans. */
export function opening(policy: Policy, source: string, changes: readonly Change[]): Opening {
  const booleans = changes.filter((change) => change.kind === "boolean");
  if (booleans.length === 0) return nothing;
  const known = openings.get(policy) ?? new Map<string, Opening>();
  openings.set(policy, known);
  const key = [source, ...booleans.map((change) => `${change.name}=${change.value}`)].join(" ");
  let found = known.get(key);
  if (found === undefined) {
    const types = newlyConnectable(policy, policy.with(booleans), source);
    const all = booleans.some((change) => change.name === CONNECT_ANY);
    found = { types, text: all ? everyPort(source, types) : describe(policy, source, types) };
    known.set(key, found);
  }
  return found;
}

const openings = new WeakMap<Policy, Map<string, Opening>>();

function newlyConnectable(before: Policy, after: Policy, source: string): readonly string[] {
  const targets = [...before.facts.targets(source, "tcp_socket", "name_connect").keys()];
  return targets.filter((type) => !connects(before, source, type) && connects(after, source, type)).sort();
}

function connects(policy: Policy, source: string, type: string): boolean {
  return policy.check(source, type, "tcp_socket", "name_connect").verdict === "allowed";
}

function everyPort(source: string, types: readonly string[]): string {
  return `Opens every port: ${source} may then connect to all ${types.length} port types that are closed now, on any host.`;
}

function describe(policy: Policy, source: string, types: readonly string[]): string {
  if (types.length === 0) return "";
  if (types.length <= MAX_NAMED) {
    return `Lets ${source} connect to ${types.map((type) => named(policy, type)).join(", ")}, nothing else.`;
  }
  const shown = types.toSorted(byProminence).slice(0, MAX_NAMED);
  return `Lets ${source} connect to ${types.length} port types: ${shown.join(", ")} and ${types.length - MAX_NAMED} more.`;
}

const MAX_NAMED = 6;

/** Types that a reader knows come first in a list that is cut. */
const PROMINENT: readonly string[] = [
  "http_port_t",
  "http_cache_port_t",
  "squid_port_t",
  "ftp_port_t",
  "ephemeral_port_t",
];

function byProminence(a: string, b: string): number {
  const rank = (type: string): number => {
    const index = PROMINENT.indexOf(type);
    return index < 0 ? PROMINENT.length : index;
  };
  return rank(a) - rank(b) || (a < b ? -1 : 1);
}

/** A port type with its TCP ports: `http_port_t (tcp 80, 81, 443)`. */
function named(policy: Policy, type: string): string {
  const ports = portsOf(policy, "tcp", type);
  return ports === "" ? type : `${type} (tcp ${ports})`;
}

function portsOf(policy: Policy, protocol: Protocol, type: string): string {
  const records = policy.facts.ports.filter((record) => record.protocol === protocol && record.type === type);
  const ranges = records.toSorted((a, b) => a.low - b.low).map((record) => portRange(record.low, record.high));
  return ranges.length > MAX_PORTS ? `${ranges.slice(0, MAX_PORTS).join(", ")}, ...` : ranges.join(", ");
}

const MAX_PORTS = 10;
