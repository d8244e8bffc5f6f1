/** What a fix opens, in words and in numbers. */
import type { Change, Policy, Protocol } from "../selinux/policy.ts";
import { portRange } from "./commands.ts";
import { CONNECT_ANY } from "./purpose.ts";

/**
 * Port types to which a domain may connect once some booleans are on, and may not now. Sorted by name. Computed once
 * per policy, domain and set of booleans.
 */
export function newlyConnectable(policy: Policy, source: string, changes: readonly Change[]): readonly string[] {
  const booleans = changes.filter((change) => change.kind === "boolean");
  if (booleans.length === 0) return [];
  const key = [source, ...booleans.map((change) => `${change.name}=${change.value}`)].join(" ");
  const known = opened.get(policy) ?? new Map<string, readonly string[]>();
  opened.set(policy, known);
  const cached = known.get(key);
  if (cached !== undefined) return cached;
  const after = policy.with(booleans);
  const targets = [...policy.facts.targets(source, "tcp_socket", "name_connect").keys()];
  const types = targets.filter((type) => !connects(policy, source, type) && connects(after, source, type)).sort();
  known.set(key, types);
  return types;
}

const opened = new WeakMap<Policy, Map<string, readonly string[]>>();

function connects(policy: Policy, source: string, type: string): boolean {
  return policy.check(source, type, "tcp_socket", "name_connect").verdict === "allowed";
}

/** One sentence: to what else a domain may connect after the booleans of some changes; "" where there are none. */
export function describeConnects(policy: Policy, source: string, changes: readonly Change[]): string {
  const booleans = changes.filter((change) => change.kind === "boolean").map((change) => change.name);
  if (booleans.length === 0) return "";
  const types = newlyConnectable(policy, source, changes);
  if (booleans.includes(CONNECT_ANY)) {
    return `Opens every port: ${source} may then connect to all ${types.length} port types that are closed now, on any host.`;
  }
  if (types.length === 0) return "";
  if (types.length <= MAX_NAMED) {
    return `Lets ${source} connect to ${types.map((type) => named(policy, type)).join(", ")}, nothing else.`;
  }
  const count = types.length - MAX_NAMED;
  return `Lets ${source} connect to ${types.length} port types: ${types.toSorted(byProminence).slice(0, MAX_NAMED).join(", ")} and ${count} more.`;
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
