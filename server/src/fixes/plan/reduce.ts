/** What of the chosen changes is needed: those that others make superfluous are left out, proven by replay. */
import type { Change, Policy } from "../../selinux/policy.ts";
import type { Choice } from "./choose.ts";
import { changeKey, compareChanges, specKey } from "./changes.ts";
import type { KeptAccess } from "./plan.ts";
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
 * A smaller set that clears the same targets and keeps what is allowed. Port labels are tried at once, every boolean,
 * rule and file context by itself, so the cost is that of a few replays of everything, not one for each change.
 */
export function reduced(
  policy: Policy,
  choices: readonly Choice[],
  union: readonly Change[],
  kept: readonly KeptAccess[],
): readonly Change[] {
  const rest = union.filter((change) => change.kind !== "port" && !isCovered(change, union));
  const withoutPorts = policy.with(rest);
  const needed = choices.filter((choice) => hasPort(choice) && !clears(withoutPorts, choice));
  const ports = distinct(needed.flatMap((choice) => choice.fix.changes)).filter((change) => change.kind === "port");
  const unasked = distinct(choices.flatMap(({ target, fix }) => (target.ask === null ? fix.changes : [])));
  const fixed = new Set(unasked.map(changeKey));
  const smaller = tidy(policy, [...rest, ...ports, ...unasked]);
  const holds = (changes: readonly Change[]): boolean => {
    const after = policy.with(changes);
    return choices.every((choice) => clears(after, choice));
  };
  let changes = holds(smaller) ? smaller : union;
  let left = Math.max(LEAST_TRIES, Math.floor(MOST_QUESTIONS / Math.max(1, choices.length)));
  // Without one file context an earlier one counts, so what was needed before may be superfluous then: until none is.
  for (let before: readonly Change[] | null = null; before !== changes && left > 0;) {
    before = changes;
    for (const change of removable(changes, fixed).slice(0, left)) {
      left--;
      const without = changes.filter((each) => each !== change);
      if (!holds(without)) continue;
      // A spec may give back what the one before it would take; ports and booleans only go back to what is now.
      if (change.kind === "fileContext" && !keepsAll(policy.with(without), kept)) continue;
      changes = without;
    }
  }
  return changes;
}

function keepsAll(policy: Policy, kept: readonly KeptAccess[]): boolean {
  return kept.every((access) => access.allowed(policy));
}

/** Booleans first, in the order of their names, then rules, then file contexts, the innermost first. */
function removable(changes: readonly Change[], fixed: ReadonlySet<string>): readonly Change[] {
  const open = changes.filter((change) => !fixed.has(changeKey(change)));
  const booleans = open.filter((change) => change.kind === "boolean");
  const rules = open.filter((change) => change.kind === "allow");
  const contexts = open.filter((change) => change.kind === "fileContext");
  return [...booleans, ...rules, ...contexts.toReversed()];
}

/** Changes tried even where there are so many targets that each try is slow. */
const LEAST_TRIES = 40;
/** Targets asked about in all tries together, where that allows more of them. */
const MOST_QUESTIONS = 20_000;

function hasPort({ target, fix }: Choice): boolean {
  return target.ask !== null && fix.changes.some((change) => change.kind === "port");
}

/** True for the spec of a directory inside another one that gets the same label, with none between them. */
function isCovered(change: Change, union: readonly Change[]): boolean {
  if (change.kind !== "fileContext" || !change.spec.endsWith(BELOW)) return false;
  let types = typesOf.get(union);
  if (types === undefined) {
    types = new Map(union.flatMap((each) => (each.kind === "fileContext" ? [[specKey(each), each.type]] : [])));
    typesOf.set(union, types);
  }
  const path = change.spec.slice(0, -BELOW.length);
  for (let end = path.lastIndexOf("/"); end > 0; end = path.lastIndexOf("/", end - 1)) {
    const type = types.get(specKey({ ...change, spec: path.slice(0, end) + BELOW }));
    if (type !== undefined) return type === change.type;
  }
  return false;
}

/** End of a spec that means a directory and everything in it. */
const BELOW = "(/.*)?";

/** For each spec of a union the type that it gives. */
const typesOf = new WeakMap<readonly Change[], ReadonlyMap<string, string>>();

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
  return lastOfEachSpec([...others, ...portRecords(policy, ports)].toSorted(compareChanges));
}

/** A spec gives one label to a kind of file: semanage keeps one record, and the last of equal ones wins. */
function lastOfEachSpec(changes: readonly Change[]): readonly Change[] {
  const last = new Map(changes.flatMap((change) => (change.kind === "fileContext" ? [[specKey(change), change]] : [])));
  return changes.filter((change) => change.kind !== "fileContext" || last.get(specKey(change)) === change);
}
