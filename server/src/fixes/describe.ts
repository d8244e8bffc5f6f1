/** What a fix opens, in words and in numbers. */
import { memo } from "../base/memo.ts";
import { evaluateCondition } from "../selinux/conditions.ts";
import type { Change, Condition, Policy, Protocol } from "../selinux/policy.ts";
import { portRange } from "./commands.ts";
import { CONNECT_ANY } from "./purpose.ts";

/** A permission whose opening is counted: connecting to ports, reading files, and so on. */
export interface Aspect {
  readonly cls: string;
  readonly permission: string;
  /** `connect to`, `open files of`. */
  readonly verb: string;
  /** `port type`, `type`. */
  readonly noun: string;
}

export const CONNECT: Aspect = { cls: "tcp_socket", permission: "name_connect", verb: "connect to", noun: "port type" };

/** What some changes open for a domain. */
export interface Opening {
  /** Types on which it gets the permission, sorted by name. */
  readonly types: readonly string[];
  /** The same as a sentence; "" where nothing is opened. */
  readonly text: string;
}

const nothing: Opening = { types: [], text: "" };

/**
 * What the booleans and rules among `changes` open for a domain. Labels open nothing by themselves. Computed once per
 * policy, aspect and changes.
 */
export function opening(policy: Policy, source: string, changes: readonly Change[], aspect: Aspect = CONNECT): Opening {
  const counted = changes.filter((change) => change.kind === "boolean" || change.kind === "allow");
  if (counted.length === 0) return nothing;
  const known = openings.get(policy) ?? new Map<string, Opening>();
  openings.set(policy, known);
  const key = [source, aspect.cls, aspect.permission, ...counted.map(changeKey)].join(" ");
  let found = known.get(key);
  if (found === undefined) {
    const types = newlyAllowed(policy, policy.with(counted), source, aspect);
    const all = counted.some((change) => change.kind === "boolean" && change.name === CONNECT_ANY);
    found = { types, text: all ? everyPort(source, types) : describe(policy, source, types, aspect) };
    known.set(key, found);
  }
  return found;
}

function changeKey(change: Extract<Change, { readonly kind: "boolean" | "allow" }>): string {
  return change.kind === "boolean"
    ? `${change.name}=${change.value}`
    : `${change.target}:${change.cls}:${change.permission}`;
}

const openings = new WeakMap<Policy, Map<string, Opening>>();

function newlyAllowed(before: Policy, after: Policy, source: string, aspect: Aspect): readonly string[] {
  // Rules that booleans decide: the facts hold their conditions, and a question for each of some 300 types costs more.
  const ofBooleans: string[] = [];
  const decided = new Map<readonly Condition[], boolean>();
  before.facts.targets(source, aspect.cls, aspect.permission).forEach((conditions, type) => {
    const isOpened = memo(decided, conditions, () => !holds(conditions, before) && holds(conditions, after));
    if (isOpened && !allows(before, source, type, aspect)) ofBooleans.push(type);
  });
  const ofRules = after.changes
    .flatMap((change) => (change.kind === "allow" ? [change.target] : []))
    .filter((type) => !allows(before, source, type, aspect) && allows(after, source, type, aspect));
  return [...new Set([...ofBooleans, ...ofRules])].sort();
}

function holds(conditions: readonly Condition[], { booleans }: Policy): boolean {
  return conditions.some((condition) => evaluateCondition(condition, (name) => booleans.get(name) ?? false));
}

function allows(policy: Policy, source: string, type: string, { cls, permission }: Aspect): boolean {
  return policy.check(source, type, cls, permission).verdict === "allowed";
}

function everyPort(source: string, types: readonly string[]): string {
  return `Opens every port: ${source} may then connect to all ${types.length} port types that are closed now, on any host.`;
}

function describe(policy: Policy, source: string, types: readonly string[], { verb, noun, cls }: Aspect): string {
  if (types.length === 0) return "";
  if (types.length <= MAX_NAMED) {
    const names = types.map((type) => (cls === CONNECT.cls ? named(policy, type) : type));
    return `Lets ${source} ${verb} ${names.join(", ")}, nothing else.`;
  }
  const shown = types.toSorted(byProminence).slice(0, MAX_NAMED);
  return `Lets ${source} ${verb} ${types.length} ${noun}s: ${shown.join(", ")} and ${types.length - MAX_NAMED} more.`;
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
