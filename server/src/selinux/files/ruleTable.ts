/** What allows, or silences, one permission of one class to one domain, as a snapshot holds it. */
import type { Condition } from "../policy.ts";

export interface RuleTable {
  /** The conditions of the rules about a target type; empty where no rule is. */
  conditionsOf(target: string): readonly Condition[];
  /** The same for every target type that has a rule. */
  readonly byTarget: ReadonlyMap<string, readonly Condition[]>;
}

/** The targets under one condition: ascending positions in the list of types. */
export interface RuleRow {
  readonly condition: Condition;
  readonly targets: Uint16Array;
}

/** The types of a policy, and the position of each. */
export interface TypeList {
  readonly names: readonly string[];
  readonly positions: ReadonlyMap<string, number>;
}

const noConditions: readonly Condition[] = [];

/** A table that stays in its small form: a question about one target builds nothing. `rows` is called when first needed. */
export function tableOfRows(types: TypeList, rows: () => readonly RuleRow[]): RuleTable {
  let byTarget: ReadonlyMap<string, readonly Condition[]> | null = null;
  const known = new Map<string, readonly Condition[]>();
  return {
    conditionsOf: (target) => {
      const position = types.positions.get(target);
      if (position === undefined) return noConditions;
      let conditions = known.get(target);
      if (conditions === undefined) {
        conditions = rows().flatMap(({ condition, targets }) => (contains(targets, position) ? [condition] : []));
        known.set(target, conditions);
      }
      return conditions;
    },
    get byTarget() {
      byTarget ??= conditionsByTarget(types.names, rows());
      return byTarget;
    },
  };
}

/** Binary search. */
function contains(ascending: Uint16Array, wanted: number): boolean {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ascending[middle] ?? 0) < wanted) low = middle + 1;
    else high = middle;
  }
  return ascending[low] === wanted;
}

function conditionsByTarget(
  names: readonly string[],
  rows: readonly RuleRow[],
): ReadonlyMap<string, readonly Condition[]> {
  const found = new Map<string, Condition[]>();
  for (const { condition, targets } of rows) {
    for (const position of targets) {
      const target = names[position] ?? "";
      const conditions = found.get(target);
      if (conditions === undefined) found.set(target, [condition]);
      else conditions.push(condition);
    }
  }
  return found;
}
