/** Choices that hold when all of them are made: replayed together, with another fix where one gets in the way. */
import type { Change, Policy } from "../../selinux/policy.ts";
import type { Fix } from "../fix.ts";
import type { FixContext } from "../candidate.ts";
import { specKey } from "./changes.ts";
import { withFewerChanges } from "./choose.ts";
import type { Choice } from "./choose.ts";
import { jointFixes } from "./joint.ts";
import type { KeptAccess, PlanRequest, PlanTarget, TargetPorts, Uncleared } from "./plan.ts";
import { unionOf } from "./union.ts";

interface Settled {
  /** Each with a fix that holds whatever else is done. */
  readonly parts: readonly Choice[];
  /** The targets that are given up, because of others. */
  readonly lost: readonly Uncleared[];
}

/** More than a target has fixes. */
const MOST_ROUNDS = 12;
/** Accesses that are looked at when a plan would take them away. */
const MOST_HARMED = 100;

/**
 * The choices with as few changes as clear all of them, and take nothing away that is allowed now: a label inside of a
 * directory that gets another one is part of them. A fix that does not work together with the others is never taken
 * again; a target without any other is given up.
 */
export function settled(context: FixContext, taken: readonly Choice[], kept: PlanRequest["kept"]): Settled {
  const { policy } = context;
  const lost: Uncleared[] = [];
  let open = taken;
  let guards: readonly Choice[] = [];
  let mayGuard = true;
  let round = 0;
  for (;;) {
    const choices = withFewerChanges([...open, ...guards]);
    const parts = jointFixes(context, choices);
    const union = unionOf(
      policy,
      parts.map(({ fix }) => fix),
    );
    const after = policy.with(union);
    const types = new Map(union.flatMap((each) => (each.kind === "fileContext" ? [[specKey(each), each.type]] : [])));
    const holdsAlone = aloneUnder(policy, union);
    const bad = new Map<Choice, string>();
    for (const [index, choice] of choices.entries()) {
      const part = parts[index] ?? choice;
      const otherwise = labelledOtherwise(part.fix, types);
      if (otherwise !== null || !part.target.clears(after, part.fix) || !holdsAlone(part, part !== choice))
        bad.set(choice, otherwise ?? OTHERS);
    }
    const harmed = bad.size > 0 ? [] : kept(union).filter((access) => !access.allowed(after));
    if (bad.size === 0 && harmed.length === 0) return { parts, lost };
    const guarding = guards.length > 0 || !mayGuard ? [] : harmed.flatMap((access) => guardOf(access, after) ?? []);
    if (guarding.length > 0) {
      guards = guarding;
      continue;
    }
    for (const access of harmed.slice(0, MOST_HARMED))
      for (const each of harming(policy, choices, access))
        bad.set(each, `its fix would make this refused: ${access.title}`);
    if (!open.some((choice, index) => bad.has(choices[index] ?? choice))) {
      // The guards alone do not hold: next time the choices are blamed. Where none can be, all are given up.
      if (guards.length === 0) return { parts: [], lost: [...lost, ...open.map(({ target }) => givenUp(target))] };
      guards = [];
      mayGuard = false;
      continue;
    }
    open = open.flatMap((choice, index) => {
      const shared = bad.has(choices[index] ?? choice) ? labelsOfOthers(policy, choice, choices) : [];
      const wider = { ...choice, options: [...shared, ...choice.options] };
      return withoutBad(wider, choices[index], bad, round < MOST_ROUNDS, lost);
    });
    guards = [];
    round++;
  }
}

/**
 * The labels that others give the same directory, where they clear this target too: a directory that nginx writes to is
 * readable as well. One label for both is less than a boolean beside it.
 */
function labelsOfOthers(policy: Policy, { target, fix, options }: Choice, others: readonly Choice[]): readonly Fix[] {
  const specs = new Set(fix.changes.flatMap((change) => (change.kind === "fileContext" ? [specKey(change)] : [])));
  if (specs.size === 0) return [];
  const found = new Set<Fix>();
  for (const { fix: other } of others) {
    if (options.includes(other) || found.has(other)) continue;
    const isShared = other.changes.some((change) => change.kind === "fileContext" && specs.has(specKey(change)));
    if (isShared && target.clears(policy.with(other.changes), other)) found.add(other);
  }
  return [...found];
}

/** Says of choices whether their fixes do without the booleans and rules of others, once the labels of all are set. */
function aloneUnder(policy: Policy, union: readonly Change[]): (choice: Choice, isJoint: boolean) => boolean {
  const labelled = policy.with(union.filter(({ kind }) => kind === "port" || kind === "fileContext"));
  const policies = new Map<Fix, Policy>();
  return ({ target, fix }, isJoint) => {
    if (fix.changes.some(({ kind }) => kind === "fileContext"))
      return !isJoint || target.clears(policy.with(fix.changes), fix);
    // The label is its own, and the others give the port no other one.
    if (fix.changes.some(({ kind }) => kind === "port")) return true;
    if (target.ports !== null && hasSameTypes(policy, labelled, target.ports)) return true;
    const after = policies.get(fix) ?? labelled.with(fix.changes);
    policies.set(fix, after);
    return target.clears(after, fix);
  };
}

function hasSameTypes(before: Policy, after: Policy, { protocol, low, high }: TargetPorts): boolean {
  for (let port = low; port <= high; port++)
    if (before.portType(protocol, port) !== after.portType(protocol, port)) return false;
  return true;
}

/** The choice with its next fix where the present one is bad; nothing where it has none, or may try no more. */
function withoutBad(
  choice: Choice,
  present: Choice | undefined,
  bad: ReadonlyMap<Choice, string>,
  mayTry: boolean,
  lost: Uncleared[],
): readonly Choice[] {
  const reason = present === undefined ? undefined : bad.get(present);
  if (present === undefined || reason === undefined) return [choice];
  const options = mayTry ? choice.options.filter((fix) => fix !== present.fix) : [];
  const [fix] = options;
  if (fix !== undefined) return [{ ...choice, fix, options }];
  lost.push({ title: choice.target.title, reason });
  return [];
}

/** A label that keeps an access allowed under a policy that would refuse it, as one more choice; null where none does. */
function guardOf(access: KeptAccess, after: Policy): Choice | null {
  const fix = access.guard(after);
  if (fix === null) return null;
  const target: PlanTarget = {
    title: `${access.title}, which is to stay allowed`,
    fixes: [fix],
    ports: access.ports,
    ask: null,
    clears: (policy) => access.allowed(policy),
    places: () => [],
    advice: "",
  };
  return { target, fix, options: [fix] };
}

/** Those that take an access away alone; where none does, all that touch it. */
function harming(policy: Policy, choices: readonly Choice[], access: KeptAccess): readonly Choice[] {
  const touching = choices.filter(({ fix }) => fix.changes.some((change) => access.isTouchedBy(change)));
  const alone = touching.filter(({ fix }) => !access.allowed(policy.with(fix.changes)));
  return alone.length > 0 ? alone : touching;
}

/** Which label of a fix the plan as a whole sets to another type: the fix would not be what the plan does. Null for none. */
function labelledOtherwise(fix: Fix, types: ReadonlyMap<string, string>): string | null {
  if (types.size === 0) return null;
  for (const change of fix.changes) {
    if (change.kind !== "fileContext") continue;
    const type = types.get(specKey(change));
    if (type !== undefined && type !== change.type)
      return `it needs ${change.spec} labelled ${change.type}, and another change of this plan labels that ${type}`;
  }
  return null;
}

function givenUp({ title }: PlanTarget): Uncleared {
  return { title, reason: OTHERS };
}

const OTHERS = "another change of this plan keeps its fix from working";
