/** What of the chosen changes is needed: those that others make superfluous are left out, proven by replay. */
import type { Change, Policy } from "../../selinux/policy.ts";
import type { Choice } from "./choose.ts";
import { changeKey, compareChanges } from "./changes.ts";
import { portRecords } from "./portRecords.ts";
import type { PortChange } from "./portRecords.ts";

/** The changes of some choices, each once, ports as records, in an order that runs. */
export function unionOf(policy: Policy, choices: readonly Choice[]): readonly Change[] {
  return tidy(policy, distinct(choices.flatMap((choice) => choice.fix.changes)));
}

/** True where a policy clears a choice's target. */
export function clears(policy: Policy, { target }: Choice): boolean {
  return target.ask === null || target.ask(policy) === null;
}

/**
 * A smaller set that clears the same targets. Port labels are tried at once, every boolean and rule by itself, so the
 * cost is that of a few replays of everything, not one for each change. If the smaller set fails after all, the union
 * is kept.
 */
export function reduced(policy: Policy, choices: readonly Choice[], union: readonly Change[]): readonly Change[] {
  const rest = union.filter((change) => change.kind !== "port" && !isCovered(change, union));
  const withoutPorts = policy.with(rest);
  const needed = choices.filter((choice) => hasPort(choice) && !clears(withoutPorts, choice));
  const ports = distinct(needed.flatMap((choice) => choice.fix.changes)).filter((change) => change.kind === "port");
  const unasked = distinct(choices.flatMap(({ target, fix }) => (target.ask === null ? fix.changes : [])));
  const fixed = new Set(unasked.map(changeKey));
  let kept = tidy(policy, [...rest, ...ports, ...unasked]);
  for (const change of removable(kept, fixed)) {
    const without = kept.filter((each) => each !== change);
    const after = policy.with(without);
    if (choices.every((choice) => clears(after, choice))) kept = without;
  }
  const after = policy.with(kept);
  return choices.every((choice) => clears(after, choice)) ? kept : union;
}

/** Booleans first, in the order of their names, then rules; so many at most that the cost stays bounded. */
function removable(changes: readonly Change[], fixed: ReadonlySet<string>): readonly Change[] {
  const open = changes.filter((change) => !fixed.has(changeKey(change)));
  const booleans = open.filter((change) => change.kind === "boolean");
  const rules = open.filter((change) => change.kind === "allow");
  return [...booleans, ...rules].slice(0, MOST_TRIED);
}

const MOST_TRIED = 40;

function hasPort({ target, fix }: Choice): boolean {
  return target.ask !== null && fix.changes.some((change) => change.kind === "port");
}

/** True for the spec of a directory inside another one that gets the same label. */
function isCovered(change: Change, union: readonly Change[]): boolean {
  if (change.kind !== "fileContext" || !change.spec.endsWith(BELOW)) return false;
  let covers = coversOf.get(union);
  if (covers === undefined) {
    covers = new Set(
      union.flatMap((each) => (each.kind === "fileContext" && each.spec.endsWith(BELOW) ? [changeKey(each)] : [])),
    );
    coversOf.set(union, covers);
  }
  const path = change.spec.slice(0, -BELOW.length);
  for (let end = path.lastIndexOf("/"); end > 0; end = path.lastIndexOf("/", end - 1)) {
    if (covers.has(changeKey({ ...change, spec: path.slice(0, end) + BELOW }))) return true;
  }
  return false;
}

/** End of a spec that means a directory and everything in it. */
const BELOW = "(/.*)?";

const coversOf = new WeakMap<readonly Change[], Set<string>>();

function distinct(changes: readonly Change[]): readonly Change[] {
  const seen = new Set<string>();
  return changes.filter((change) => {
    const key = changeKey(change);
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

function tidy(policy: Policy, changes: readonly Change[]): readonly Change[] {
  const ports: PortChange[] = [];
  const others: Change[] = [];
  for (const change of distinct(changes)) {
    if (change.kind === "port") ports.push(change);
    else others.push(change);
  }
  return [...others, ...portRecords(policy, ports)].toSorted(compareChanges);
}
