/** Which of its fixes each target gets: greedy, by what a fix opens beyond what is chosen already. */
import type { Change } from "../../selinux/policy.ts";
import type { FixContext } from "../candidate.ts";
import { CONNECT, opening } from "../describe.ts";
import type { Fix } from "../fix.ts";
import { isClaimed } from "../portLabel.ts";
import { CONNECT_ANY } from "../purpose.ts";
import { changeKey, inexpressible } from "./changes.ts";
import type { PlanTarget, Uncleared } from "./plan.ts";

export interface Choice {
  readonly target: PlanTarget;
  readonly fix: Fix;
  /** The other ones that would do, in the order of preference. */
  readonly others: readonly Fix[];
}

export interface Choices {
  readonly taken: readonly Choice[];
  readonly stuck: readonly Uncleared[];
}

/**
 * One fix for each target that has one. Targets with a single possibility come first; every other one then takes the
 * fix that adds least to what is chosen (weighted set cover, greedy): ports that share a boolean, a boolean that is
 * needed anyway. Equal costs: the order in which the fixes are offered. Linear in the number of fixes.
 */
export function chooseFixes(context: FixContext, targets: readonly PlanTarget[]): Choices {
  const cost = costs(context);
  const chosen = new Set<string>();
  const taken = new Map<PlanTarget, Choice>();
  const take = (target: PlanTarget, fix: Fix, fixes: readonly Fix[]): void => {
    for (const change of fix.changes) chosen.add(changeKey(change));
    taken.set(target, { target, fix, others: fixes.filter((each) => each !== fix) });
  };
  const open: { readonly target: PlanTarget; readonly fixes: readonly Fix[] }[] = [];
  for (const target of targets) {
    const fixes = possibleFixes(target);
    const [only, second] = fixes;
    if (only !== undefined && (second === undefined || target.ask === null)) take(target, only, fixes);
    else if (only !== undefined) open.push({ target, fixes });
  }
  for (const { target, fixes } of open) {
    const fix = cheapest(fixes, (change) => (chosen.has(changeKey(change)) ? 0 : cost(change)));
    if (fix !== undefined) take(target, fix, fixes);
  }
  return {
    taken: targets.flatMap((target) => taken.get(target) ?? []),
    stuck: targets.flatMap((target) => (taken.has(target) ? [] : [{ title: target.title, reason: whyNone(target) }])),
  };
}

/**
 * Lasting fixes that can be written down. Plain commands where there are some; a policy module, which takes a minute to
 * install and which fewer administrators read, where it is the narrow way; what opens everything where nothing else is.
 */
function possibleFixes(target: PlanTarget): readonly Fix[] {
  const lasting = target.fixes.filter(
    (fix) =>
      fix.durable &&
      // A plan restarts nothing.
      fix.restartUnit === undefined &&
      (fix.changes.length > 0 || fix.restore !== null) &&
      fix.changes.every((change) => inexpressible(change) === null),
  );
  const narrow = lasting.filter((fix) => !fix.changes.some(opensEverything));
  const plain = narrow.filter((fix) => fix.changes.every((change) => change.kind !== "allow"));
  return [plain, narrow, lasting].find((fixes) => fixes.length > 0) ?? [];
}

function opensEverything(change: Change): boolean {
  return change.kind === "boolean" && change.name === CONNECT_ANY && change.value;
}

function whyNone(target: PlanTarget): string {
  const unwritable = target.fixes.flatMap((fix) => fix.changes.flatMap((change) => inexpressible(change) ?? []))[0];
  if (unwritable !== undefined) return unwritable;
  const reason = target.fixes.length === 0 ? "no command clears it" : "what would clear it does not last";
  return target.advice === "" ? reason : `${reason}. ${target.advice}`;
}

function cheapest(fixes: readonly Fix[], cost: (change: Change) => number): Fix | undefined {
  let best: Fix | undefined;
  let least = Infinity;
  for (const fix of fixes) {
    const sum = fix.changes.reduce((total, change) => total + cost(change), 0);
    if (sum < least) {
      least = sum;
      best = fix;
    }
  }
  return best;
}

/** Weights, in port labels: a label for a port of its own opens one port; a boolean opens whole types. */
const PER_TYPE = 10;
const PER_SERVICE = 20;
const PER_RULE = 5;
const EVERYTHING = 1e9;

/** What a change costs alone. Booleans are looked up once each. */
function costs({ policy, source }: FixContext): (change: Change) => number {
  const booleans = new Map<string, number>();
  return (change) => {
    switch (change.kind) {
      case "boolean": {
        if (opensEverything(change)) return EVERYTHING;
        let cost = booleans.get(change.name);
        if (cost === undefined) {
          cost = PER_TYPE * (1 + opening(policy, source, [change], CONNECT).types.length);
          booleans.set(change.name, cost);
        }
        return cost;
      }
      case "port": {
        const taken = change.low === change.high && isClaimed(policy, change.protocol, change.low);
        return taken ? 1 + PER_SERVICE : 1;
      }
      case "fileContext":
      case "allow":
        return PER_RULE;
      case "label":
      case "restore":
        return 1;
    }
  };
}
