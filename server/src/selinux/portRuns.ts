/** Ports as runs of neighbours that one record decides: a `listen` may name every port, and many may do so. */
import { memo } from "../base/memo.ts";
import type { Policy, PortRecord, Protocol } from "./policy.ts";

/** Ports from low to high, inclusive, and the record that decides their type; null where none does. */
export interface RecordRun {
  readonly low: number;
  readonly high: number;
  readonly record: PortRecord | null;
  readonly type: string;
}

const LAST_PORT = 65535;
/** Up to so many ports are looked up one by one. */
const FEW_PORTS = 64;

/** The runs of the ports from `low` to `high`, in their order. All ports of a policy are looked up once at most. */
export function recordRuns(policy: Policy, protocol: Protocol, low: number, high: number): readonly RecordRun[] {
  if (high - low < FEW_PORTS) return runsBetween(policy, protocol, low, high);
  const known = memo(allRuns, policy, () => new Map<Protocol, readonly RecordRun[]>());
  const all = memo(known, protocol, () => runsBetween(policy, protocol, 0, LAST_PORT));
  const runs: RecordRun[] = [];
  for (let at = positionOf(all, low); at < all.length; at++) {
    const run = all[at];
    if (run === undefined || run.low > high) break;
    runs.push({ ...run, low: Math.max(run.low, low), high: Math.min(run.high, high) });
  }
  return runs;
}

const allRuns = new WeakMap<Policy, Map<Protocol, readonly RecordRun[]>>();

function runsBetween(policy: Policy, protocol: Protocol, low: number, high: number): readonly RecordRun[] {
  const runs: RecordRun[] = [];
  let from = low;
  let record = policy.portRecord(protocol, low);
  const close = (to: number): void => {
    if (from <= to) runs.push({ low: from, high: to, record, type: record?.type ?? policy.facts.defaultPortType });
  };
  for (let port = low + 1; port <= high; port++) {
    const next = policy.portRecord(protocol, port);
    if (next === record) continue;
    close(port - 1);
    from = port;
    record = next;
  }
  close(high);
  return runs;
}

/** Position of the run that holds a port. */
function positionOf(runs: readonly RecordRun[], port: number): number {
  let low = 0;
  let high = runs.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((runs[middle]?.high ?? LAST_PORT) < port) low = middle + 1;
    else high = middle;
  }
  return low;
}
