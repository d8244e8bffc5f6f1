/** From everything that is refused to the least-opening set of changes that clears it all. */
import type { Change, Policy, PortRecord } from "../../selinux/policy.ts";
import type { FixContext } from "../candidate.ts";
import { CONNECT, opening } from "../describe.ts";
import { parentOf } from "../../base/paths.ts";
import { firstPosition } from "../../base/search.ts";
import { relabelTakes } from "../portLabel.ts";
import { changeKey } from "./changes.ts";
import { bestFixes } from "./choose.ts";
import type { Plan, PlanCopy, PlanPart, PlanParts, PlanRequest, PlanStep } from "./plan.ts";
import type { PortChange } from "./portRecords.ts";
import { settled } from "./settle.ts";
import { unionOf } from "./union.ts";

/**
 * One fix for each target, chosen together and replayed together on the policy. What no lasting command clears is listed
 * with the reason. Deterministic, and nearly linear in the number of targets. A target that is alone gets the best of its
 * fixes.
 */
export function partsFor({ context, targets, kept }: PlanRequest): PlanParts {
  const { taken, stuck } = bestFixes(targets);
  const { parts, lost } = settled(context, taken, kept);
  return { parts, uncleared: [...stuck, ...lost] };
}

/** The parts put together, with what a reader wants to know of each change. */
export function planOfParts(context: FixContext, { parts, uncleared }: PlanParts): Plan {
  const { policy } = context;
  const changes = unionOf(
    policy,
    parts.map(({ fix }) => fix),
  ).filter((change) => change.kind !== "restore");
  return {
    copies: copiesOf(parts),
    steps: stepsOf(context, changes, parts),
    restore: restorePaths(parts),
    permissions: [],
    uncleared,
  };
}

/** The copies of all parts, each once, with the places that name it. */
function copiesOf(parts: readonly PlanPart[]): readonly PlanCopy[] {
  const copies = new Map<string, PlanCopy>();
  for (const { target, fix } of parts) {
    const { copy } = fix;
    if (copy === undefined) continue;
    const known = copies.get(copy.to);
    const reasons = [...(known?.reasons ?? []), target.title];
    copies.set(copy.to, { copy, places: known?.places ?? target.places(fix), reasons });
  }
  return [...copies.values()];
}

function stepsOf({ policy, source }: FixContext, changes: readonly Change[], parts: readonly PlanPart[]): PlanStep[] {
  const reasons = reasonsFor(changes, parts);
  const local = policy.facts.ports.filter((record) => record.local === true);
  return changes.map((change) => ({
    change,
    opens: opens(policy, source, change),
    reasons: reasons.get(change) ?? [],
    before: before(policy, local, change),
  }));
}

function opens(policy: Policy, source: string, change: Change): string {
  switch (change.kind) {
    case "boolean":
      return opening(policy, source, [change], CONNECT).text;
    case "port":
      return relabelTakes(policy, change.protocol, change);
    case "fileContext":
      return `${source} may then use everything there as ${change.type}.`;
    case "allow":
      return `Opens this to ${change.source} for everything of type ${change.target}.`;
    case "label":
    case "restore":
      return "";
  }
}

/** `local`: the port records that were made on the host. */
function before(policy: Policy, local: readonly PortRecord[], change: Change): boolean | string | null {
  if (change.kind === "boolean") return policy.booleans.get(change.name) ?? !change.value;
  if (change.kind === "fileContext" && change.fileKind === "any") {
    return policy.facts.localFileContext?.(change.spec) ?? null;
  }
  if (change.kind !== "port") return null;
  const { protocol, low, high } = change;
  return (
    local.find((record) => record.protocol === protocol && record.low === low && record.high === high)?.type ?? null
  );
}

/** For each change the targets that chose it; a port record is for every target with a label inside it. */
function reasonsFor(changes: readonly Change[], parts: readonly PlanPart[]): ReadonlyMap<Change, readonly string[]> {
  const byKey = new Map(changes.map((change) => [changeKey(change), change]));
  const records = new Map<string, PortChange[]>();
  for (const change of changes) {
    if (change.kind !== "port") continue;
    const key = `${change.protocol} ${change.type}`;
    const group = records.get(key);
    if (group === undefined) records.set(key, [change]);
    else group.push(change);
  }
  const reasons = new Map<Change, string[]>();
  const add = (change: Change | undefined, title: string): void => {
    if (change === undefined) return;
    const titles = reasons.get(change);
    if (titles === undefined) reasons.set(change, [title]);
    else if (titles.at(-1) !== title) titles.push(title);
  };
  for (const { target, fix } of parts) {
    for (const change of fix.changes) {
      const record =
        change.kind === "port"
          ? containing(records.get(`${change.protocol} ${change.type}`) ?? [], change.low)
          : byKey.get(changeKey(change));
      add(record, target.title);
    }
  }
  return reasons;
}

/** The record with a port, of records that are sorted and do not overlap. */
function containing<T extends { readonly low: number; readonly high: number }>(
  records: readonly T[],
  port: number,
): T | undefined {
  const record = records[firstPosition(records.length, (place) => (records[place]?.high ?? 0) >= port)];
  return record !== undefined && record.low <= port ? record : undefined;
}

/** Paths whose labels are reset, without those inside of others. */
export function restorePaths(parts: readonly PlanPart[]): readonly string[] {
  const paths = new Set<string>();
  for (const { fix } of parts) {
    for (const change of fix.changes) if (change.kind === "restore") paths.add(change.path);
    if (fix.restore !== null) paths.add(fix.restore);
  }
  return [...paths].filter((path) => !hasDirectory(paths, path)).toSorted();
}

function hasDirectory(paths: ReadonlySet<string>, path: string): boolean {
  for (let at = parentOf(path); at !== "/"; at = parentOf(at)) if (paths.has(at)) return true;
  return false;
}
