/** PortRun as runs of neighbours that one record decides: a `listen` may name every port, and many may do so. */
import { memo } from "../base/memo.ts";
import { firstPosition } from "../base/search.ts";
import type { Policy, PolicyFacts, PortRecord, Protocol } from "./policy.ts";

/** PortRun from low to high, inclusive. */
export interface PortRun {
  readonly low: number;
  readonly high: number;
}

/** PortRun, and the record that decides their type; null where none does. */
export interface RecordRun extends PortRun {
  readonly record: PortRecord | null;
  readonly type: string;
}

/** The runs of the ports from `low` to `high`, in their order. Only ports where a record begins or ends are looked up. */
export function recordRuns(policy: Policy, protocol: Protocol, low: number, high: number): readonly RecordRun[] {
  const runs: RecordRun[] = [];
  const { defaultPortType } = policy.facts;
  const bounds = low < high ? boundsOf(policy, protocol) : [];
  let from = low;
  let record = policy.portRecord(protocol, low);
  const close = (to: number): void => {
    if (from <= to) runs.push({ low: from, high: to, record, type: record?.type ?? defaultPortType });
  };
  for (let at = firstPosition(bounds.length, (place) => (bounds[place] ?? 0) > low); at < bounds.length; at++) {
    const port = bounds[at];
    if (port === undefined || port > high) break;
    const next = policy.portRecord(protocol, port);
    if (next === record) continue;
    close(port - 1);
    from = port;
    record = next;
  }
  close(high);
  return runs;
}

/** The part of some runs, in port order, that lies between two ports. */
export function portsBetween<T extends PortRun>(runs: readonly T[], low: number, high: number): readonly T[] {
  const found: T[] = [];
  for (let at = firstPosition(runs.length, (place) => (runs[place]?.high ?? 0) >= low); at < runs.length; at++) {
    const run = runs[at];
    if (run === undefined || run.low > high) break;
    found.push(
      low <= run.low && run.high <= high
        ? run
        : { ...run, low: Math.max(run.low, low), high: Math.min(run.high, high) },
    );
  }
  return found;
}

/** The ports at which another record may decide than at the port before, ascending; some of them twice. */
function boundsOf(policy: Policy, protocol: Protocol): readonly number[] {
  const known = memo(boundsOfFacts, policy.facts, () => new Map<Protocol, readonly number[]>());
  const ofFacts = memo(known, protocol, () =>
    ascending([...new Set(policy.facts.ports.flatMap((each) => ends(each, protocol)))]),
  );
  const own = policy.changes.flatMap((change) => (change.kind === "port" ? ends(change, protocol) : []));
  return own.length === 0 ? ofFacts : ascending([...ofFacts, ...own]);
}

const boundsOfFacts = new WeakMap<PolicyFacts, Map<Protocol, readonly number[]>>();

function ends(record: Pick<PortRecord, "protocol" | "low" | "high">, protocol: Protocol): readonly number[] {
  return record.protocol === protocol ? [record.low, record.high + 1] : [];
}

function ascending(ports: readonly number[]): readonly number[] {
  return ports.toSorted((a, b) => a - b);
}

/** One number for each port of each protocol: for maps, since there may be an entry for every port. */
export function portKey(protocol: Protocol, port: number): number {
  return protocol === "tcp" ? port : port + PORTS;
}

const PORTS = 65536;
