/** Port labels as the records that are written: without overlaps, and few. */
import type { Policy, PortRecord } from "../../selinux/policy.ts";
import type { ChangeOf } from "./changes.ts";

export type PortChange = ChangeOf<"port">;

/**
 * The same labels in the fewest records that `semanage` takes: it refuses local records that overlap. Neighbours become
 * one range, unless the policy has a record of exactly one of them or of exactly the range: that would be modified, and
 * could not be labelled by a module.
 */
export function portRecords(policy: Policy, changes: readonly PortChange[]): readonly PortChange[] {
  const sorted = changes.toSorted(
    (a, b) => compareText(a.protocol, b.protocol) || compareText(a.type, b.type) || a.low - b.low || b.high - a.high,
  );
  const records: PortChange[] = [];
  for (const change of sorted) {
    const last = records.at(-1);
    if (
      last !== undefined &&
      last.protocol === change.protocol &&
      last.type === change.type &&
      joins(policy, last, change)
    )
      records[records.length - 1] = { ...last, high: Math.max(last.high, change.high) };
    else records.push(change);
  }
  return records;
}

function joins(policy: Policy, first: PortChange, second: PortChange): boolean {
  if (second.low <= first.high) return true;
  if (second.low !== first.high + 1) return false;
  return ![first, second, { ...first, high: second.high }].some((change) => isDefined(policy, change));
}

/**
 * The records that a module's `portcon` can label, narrow enough to win, and those that only `semanage` can: those that
 * the policy has exactly, and those inside a local record. libsepol puts the narrower of two port contexts of policy and
 * modules in front (`cil_post_portcon_compare`), and silently ignores one that exists; what semanage adds comes before both.
 */
export function portcons(
  policy: Policy,
  records: readonly PortChange[],
): { readonly module: readonly PortChange[]; readonly command: readonly PortChange[] } {
  const module: PortChange[] = [];
  const command: PortChange[] = [];
  for (const record of records) {
    const overlapping = policy.facts.ports.filter((each) => overlaps(each, record));
    const width = record.high - record.low;
    if (overlapping.some((each) => each.local === true)) command.push(record);
    else if (overlapping.every((each) => each.high - each.low > width)) module.push(record);
    else
      for (let port = record.low; port <= record.high; port++) {
        const single = { ...record, low: port, high: port };
        (isDefined(policy, single) ? command : module).push(single);
      }
  }
  return { module, command };
}

function overlaps(a: PortRecord, b: PortChange): boolean {
  return a.protocol === b.protocol && a.low <= b.high && b.low <= a.high;
}

function isDefined(policy: Policy, { protocol, low, high }: PortChange): boolean {
  return policy.definesPort(protocol, low, high);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
