/** Port records that the administrator added: semanage refuses a new one that overlaps them, and an undo gives them back. */
import type { Policy, PortRecord, Protocol } from "../selinux/policy.ts";

interface Range {
  readonly low: number;
  readonly high: number;
}

/** The local records of the facts that share a port with the range, newest first. They stand before the policy's own. */
export function localPortRecords(policy: Policy, protocol: Protocol, { low, high }: Range): readonly PortRecord[] {
  const found: PortRecord[] = [];
  for (const record of policy.facts.ports) {
    if (record.local !== true) break;
    if (record.protocol === protocol && record.low <= high && record.high >= low) found.push(record);
  }
  return found;
}

/** True for a record of these ports and no others. */
export function isExactly(record: PortRecord, { low, high }: Range): boolean {
  return record.low === low && record.high === high;
}
