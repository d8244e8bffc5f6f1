/** Narrow changes in place of a wide boolean that is on. */
import { decide } from "../selinux/decide.ts";
import type { Change, Policy } from "../selinux/policy.ts";
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

/** More ports than this are better served by the wide boolean. */
const MOST_PORTS = 10;

/**
 * What would do in place of a boolean that is on, for connections to these TCP ports. Null where the narrow changes
 * would need the boolean itself, where they would be too many, or where the configuration would not work with them.
 */
export function narrowing(context: FixContext, boolean: string, ports: Iterable<number>): Narrowing | null {
  const { policy, source } = context;
  const off: Change = { kind: "boolean", name: boolean, value: false };
  const without = { ...context, policy: policy.with([off]) };
  const needed: number[] = [];
  for (const port of ports) {
    if (connects(without.policy, context, port)) continue;
    if (needed.push(port) > MOST_PORTS) return null;
  }
  const changes: Change[] = [];
  for (const port of needed) {
    const fix = connectPortFixes(without, "tcp", port).find((each) => each.preferred && isNarrow(each, boolean));
    if (fix === undefined) return null;
    for (const change of fix.changes) if (!changes.some((other) => isSame(other, change))) changes.push(change);
  }
  changes.push(off);
  const works = (some: readonly Change[]): boolean => {
    const after = policy.with(some);
    return needed.every((port) => connects(after, context, port));
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
    needed: needed.toSorted((a, b) => a - b),
    fix: {
      id: "narrow",
      title: `Turn off ${boolean}${needed.length === 0 ? "" : " and open only what is needed"}`,
      commands: commands.run,
      undo: commands.undo,
      durable: true,
      preferred: true,
      opens: `Closes ${closed} port types to everything that runs as ${source}. Other programs of that domain (php-fpm, Apache) may need them: check before you turn it off.`,
      changes,
      restore: null,
    },
  };
}

function connects(policy: Policy, { source, localPorts }: FixContext, port: number): boolean {
  return decide(policy, { kind: "connect-port", source, protocol: "tcp", port }, { localPorts }).verdict === "allowed";
}

function isNarrow(fix: Fix, boolean: string): boolean {
  if (fix.id === "broad-boolean" || fix.module !== undefined) return false;
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
