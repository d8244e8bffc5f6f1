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

const noConditions: readonly Condition[] = [];

/**
 * A table that stays in its small form: a question about one target builds nothing. `types` are all types of the policy,
 * sorted; `rows` is called when first needed.
 */
export function tableOfRows(types: readonly string[], rows: () => readonly RuleRow[]): RuleTable {
  let byTarget: ReadonlyMap<string, readonly Condition[]> | null = null;
  const known = new Map<string, readonly Condition[]>();
  return {
    conditionsOf: (target) => {
      let conditions = known.get(target);
      if (conditions === undefined) {
        const position = positionOf(types, target);
        if (position === -1) return noConditions;
        conditions = rows().flatMap(({ condition, targets }) =>
          positionOf(targets, position) === -1 ? [] : [condition],
        );
        known.set(target, conditions);
      }
      return conditions;
    },
    get byTarget() {
      byTarget ??= conditionsByTarget(types, rows());
      return byTarget;
    },
  };
}

/** Where a value stands in a list without equal ones that ascends by `<`; -1 where it does not. Binary search. */
export function positionOf<T extends string | number>(ascending: ArrayLike<T>, wanted: T): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const found = ascending[middle];
    if (found !== undefined && found < wanted) low = middle + 1;
    else high = middle;
  }
  return ascending[low] === wanted ? low : -1;
}

/** Targets of one row alone, which most are, have the same list of conditions: one object. */
function conditionsByTarget(
  names: readonly string[],
  rows: readonly RuleRow[],
): ReadonlyMap<string, readonly Condition[]> {
  const found = new Map<string, readonly Condition[]>();
  for (const { condition, targets } of rows) {
    const alone = [condition];
    targets.forEach((position) => {
      const target = names[position] ?? "";
      const conditions = found.get(target);
      found.set(target, conditions === undefined ? alone : [...conditions, condition]);
    });
  }
  return found;
}
