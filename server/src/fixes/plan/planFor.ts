/** From everything that is refused to the least-opening set of changes that clears it all. */
import type { Change, Policy, PortRecord } from "../../selinux/policy.ts";
import type { FixContext } from "../candidate.ts";
import { CONNECT, opening } from "../describe.ts";
import { relabelTakes } from "../portLabel.ts";
import { changeKey, specKey } from "./changes.ts";
import { chooseFixes } from "./choose.ts";
import type { Choice } from "./choose.ts";
import type { KeptAccess, Plan, PlanRequest, PlanStep, Uncleared } from "./plan.ts";
import type { PortChange } from "./portRecords.ts";
import { clears, reduced, unionOf } from "./reduce.ts";

/**
 * The plan: one fix for each target, chosen together; replayed together on the policy; what is superfluous left out.
 * What no lasting command clears is listed with the reason. Deterministic, and nearly linear in the number of targets.
 */
export function planFor({ context, targets, kept }: PlanRequest): Plan {
  const { policy } = context;
  const { taken, stuck } = chooseFixes(context, targets);
  const uncleared: Uncleared[] = [...stuck];
  const working = withoutHarm(policy, replayed(policy, taken, uncleared), kept, uncleared);
  const changes = reduced(policy, working, unionOf(policy, working), kept).filter(isStep);
  return {
    steps: stepsOf(context, changes, working),
    restore: restorePaths(working, changes),
    uncleared,
    cleared: working.length,
  };
}

/** A label that is set by hand does not last; labels on disk are reset by path, see `Plan.restore`. */
function isStep(change: Change): boolean {
  return change.kind !== "label" && change.kind !== "restore";
}

/** The choices that hold when all are made; one that does not takes its next fix, and is given up at last. */
function replayed(policy: Policy, taken: readonly Choice[], uncleared: Uncleared[]): readonly Choice[] {
  let choices = taken;
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const union = unionOf(policy, choices);
    const after = policy.with(union);
    const next = choices.flatMap((choice) => {
      if (clears(after, choice)) return [choice];
      const [fix, ...others] = choice.others;
      if (fix !== undefined) return [{ target: choice.target, fix, others }];
      uncleared.push({ title: choice.target.title, reason: whyLost(choice, union) });
      return [];
    });
    if (next.length === choices.length && next.every((choice, index) => choice === choices[index])) return choices;
    choices = next;
  }
  const union = unionOf(policy, choices);
  const after = policy.with(union);
  const holding = choices.filter((choice) => clears(after, choice));
  for (const choice of choices.filter((each) => !holding.includes(each)))
    uncleared.push({ title: choice.target.title, reason: whyLost(choice, union) });
  return holding;
}

function whyLost({ fix }: Choice, union: readonly Change[]): string {
  const types = new Map(union.flatMap((each) => (each.kind === "fileContext" ? [[specKey(each), each.type]] : [])));
  for (const change of fix.changes) {
    if (change.kind !== "fileContext") continue;
    const type = types.get(specKey(change));
    if (type !== undefined && type !== change.type)
      return `it needs ${change.spec} labelled ${change.type}, and another change of this plan labels that ${type}`;
  }
  return "another change of this plan keeps its fix from working";
}

/** More than a target has fixes. */
const MOST_ROUNDS = 8;

/** The choices without those that would make something refused which is allowed now. */
function withoutHarm(
  policy: Policy,
  choices: readonly Choice[],
  kept: readonly KeptAccess[],
  uncleared: Uncleared[],
): readonly Choice[] {
  const after = policy.with(unionOf(policy, choices));
  const harmed = kept.filter((access) => !access.allowed(after)).slice(0, MOST_HARMED);
  let rest = choices;
  for (const access of harmed) {
    for (const choice of rest) {
      if (choice.fix.changes.length === 0 || access.allowed(policy.with(choice.fix.changes))) continue;
      rest = rest.filter((each) => each !== choice);
      uncleared.push({ title: choice.target.title, reason: `its fix would make this refused: ${access.title}` });
    }
  }
  return rest;
}

const MOST_HARMED = 100;

function stepsOf({ policy, source }: FixContext, changes: readonly Change[], choices: readonly Choice[]): PlanStep[] {
  const reasons = reasonsFor(changes, choices);
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
function reasonsFor(changes: readonly Change[], choices: readonly Choice[]): ReadonlyMap<Change, readonly string[]> {
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
  for (const { target, fix } of choices) {
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
  let low = 0;
  let high = records.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((records[middle]?.high ?? 0) < port) low = middle + 1;
    else high = middle;
  }
  const record = records[low];
  return record !== undefined && record.low <= port ? record : undefined;
}

/** Paths to relabel: of the choices whose file contexts are made, and of those that need nothing else. */
function restorePaths(choices: readonly Choice[], changes: readonly Change[]): readonly string[] {
  const made = new Set(changes.map(changeKey));
  const paths = new Set<string>();
  for (const { fix } of choices) {
    const contexts = fix.changes.filter((change) => change.kind === "fileContext");
    for (const change of fix.changes) if (change.kind === "restore") paths.add(change.path);
    if (fix.restore !== null && (contexts.length === 0 || contexts.some((each) => made.has(changeKey(each)))))
      paths.add(fix.restore);
  }
  return [...paths].toSorted();
}
