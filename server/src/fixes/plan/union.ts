/** The changes of some fixes together: each once, ports as records, in an order that runs. */
import type { Change, Policy } from "../../selinux/policy.ts";
import type { Fix } from "../fix.ts";
import { cheapKey, compareChanges, specKey } from "./changes.ts";
import { portRecords } from "./portRecords.ts";
import type { PortChange } from "./portRecords.ts";

/** The changes that some fixes make together. */
export function unionOf(policy: Policy, fixes: readonly Fix[]): readonly Change[] {
  const ports: PortChange[] = [];
  const others: Change[] = [];
  const seen = new Set<string | number>();
  for (const { changes } of fixes) {
    for (const change of changes) {
      const key = cheapKey(change);
      if (seen.has(key)) continue;
      seen.add(key);
      if (change.kind === "port") ports.push(change);
      else others.push(change);
    }
  }
  return lastOfEachSpec([...others, ...portRecords(policy, ports)].sort(compareChanges));
}

/** A spec gives one label to a kind of file: semanage keeps one record, and the last of equal ones wins. */
function lastOfEachSpec(changes: readonly Change[]): readonly Change[] {
  const last = new Map(changes.flatMap((change) => (change.kind === "fileContext" ? [[specKey(change), change]] : [])));
  return changes.filter((change) => change.kind !== "fileContext" || last.get(specKey(change)) === change);
}
