/** Narrow changes in place of a wide boolean that is on. */
import { decide } from "../selinux/decide.ts";
import type { Change, Policy } from "../selinux/policy.ts";
import type { QueryOf } from "../selinux/query.ts";
import type { FixContext } from "./candidate.ts";
import { commandsFor } from "./commands.ts";
import type { Fix } from "./fix.ts";
import { connectPortFixes } from "./offer.ts";

/** What a wide boolean is needed for, and what would do in its place. */
export interface Narrowing {
  /** The TCP ports that are refused without it, ascending. */
  readonly needed: readonly number[];
  readonly fix: Fix;
}

type PortQuery = QueryOf<"connect-port">;

/** More ports than this are better served by the wide boolean. */
const MOST_PORTS = 10;

/**
 * What would do in place of a boolean that is on, for these connections. Null where the narrow changes
 * would need the boolean itself, where they would be too many, or where the configuration would not work with them.
 */
export function narrowing(context: FixContext, boolean: string, queries: Iterable<PortQuery>): Narrowing | null {
  const { policy, source } = context;
  const off: Change = { kind: "boolean", name: boolean, value: false };
  const without = { ...context, policy: policy.with([off]) };
  const needed: PortQuery[] = [];
  for (const query of queries) {
    if (connects(without.policy, context, query)) continue;
    if (needed.push(query) > MOST_PORTS) return null;
  }
  const changes: Change[] = [];
  for (const query of needed) {
    const fix = connectPortFixes(without, query).find((each) => isNarrow(each, boolean));
    if (fix === undefined) return null;
    for (const change of fix.changes) if (!changes.some((other) => isSame(other, change))) changes.push(change);
  }
  changes.push(off);
  const works = (some: readonly Change[]): boolean => {
    const after = policy.with(some);
    return needed.every((query) => connects(after, context, query));
  };
  if (!works(changes)) return null;
  // One port's boolean may do for another port's label.
  for (const change of changes.slice(0, -1)) {
    const fewer = changes.filter((other) => other !== change);
    if (works(fewer)) changes.splice(changes.indexOf(change), 1);
  }
  const after = policy.with(changes);
  const commands = commandsFor(policy, { changes, restore: null });
  if (!commands.ok) return null;
  const closed = closedTypes(policy, after, source);
  return {
    needed: needed.map(({ port }) => port).toSorted((a, b) => a - b),
    fix: {
      id: "narrow",
      tier: "purpose",
      title: `Turn off ${boolean}${needed.length === 0 ? "" : " and open only the needed ports"}`,
      commands: commands.run,
      undo: commands.undo,
      durable: true,
      opensBriefly: `closes ${closed} types of ports`,
      opens: `Closes ${closed} port types to everything that runs as ${source}. Other programs of that domain (php-fpm, Apache) may need them: check before you turn it off.`,
      changes,
      restore: null,
    },
  };
}

function connects(policy: Policy, context: FixContext, query: PortQuery): boolean {
  return decide(policy, query, context).verdict === "allowed";
}

function isNarrow(fix: Fix, boolean: string): boolean {
  if (fix.tier === "broad" || fix.tier === "taking" || fix.module !== undefined) return false;
  return fix.changes.every((change) => change.kind !== "boolean" || change.name !== boolean);
}

function isSame(a: Change, b: Change): boolean {
  if (a.kind === "boolean" && b.kind === "boolean") return a.name === b.name;
  return a.kind === "port" && b.kind === "port" && a.low === b.low && a.high === b.high;
}

function closedTypes(before: Policy, after: Policy, source: string): number {
  const may = (policy: Policy, type: string): boolean =>
    policy.check(source, type, "tcp_socket", "name_connect").verdict === "allowed";
  const types = before.facts.targets(source, "tcp_socket", "name_connect").keys();
  return [...types].filter((type) => may(before, type) && !may(after, type)).length;
}
