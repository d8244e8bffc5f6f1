/**
 * Constraints of a class: `constrain`, `mlsconstrain` (libsepol constraint.h; postfix expressions over two contexts).
 * They only ever take permissions away. `validatetrans` is walked, not kept: it concerns relabelling only.
 */
import type { Context, Level } from "./context.ts";
import type { Cursor } from "./cursor.ts";
import { containsBits, hasBit, readEbitmap } from "./ebitmap.ts";

/** CEXPR_MAXDEPTH of the kernel, plus one: operands that may wait on the stack. */
const MAX_STACK = 6;
const MIN_NODE = 12;
/** Least size of a constraint in the file: permissions and number of nodes. */
export const MIN_CONSTRAINT = 8;

const NOT = 1;
const AND = 2;
const OR = 3;
const ATTRIBUTES = 4;
const NAMES = 5;

const USER = 1;
const ROLE = 2;
const TYPE = 4;
const TARGET = 8;
const X_TARGET = 16;

interface Node {
  readonly kind: number;
  readonly attribute: number;
  readonly operator: number;
  /** Offset of the bitmap of symbol values (bit N = value N+1); 0 where the node has none. */
  readonly names: number;
}

export interface Constraint {
  /** Access vector of the permissions that need the expression to hold. */
  readonly permissions: number;
  readonly expression: readonly Node[];
}

/** Reads one constraint of a policy of this version. Throws PolicyFormatError. */
export function readConstraint(cursor: Cursor, version: number): Constraint {
  const permissions = cursor.u32("permissions of a constraint");
  const nodes = cursor.count(MIN_NODE, "nodes of a constraint");
  const start = cursor.offset;
  const expression: Node[] = [];
  let depth = 0;
  for (let index = 0; index < nodes; index++) {
    const at = cursor.offset;
    const kind = cursor.u32("kind of a constraint node");
    const attribute = cursor.u32("attribute of a constraint node");
    const operator = cursor.u32("operator of a constraint node");
    let names = 0;
    if (kind < NOT || kind > NAMES) {
      cursor.fail(`a constraint node of kind 1 to 5, found ${kind}`, at);
    }
    if (kind === NAMES) {
      names = readEbitmap(cursor, "names of a constraint");
      if (version >= 29) {
        readEbitmap(cursor, "types of a constraint");
        readEbitmap(cursor, "negated types of a constraint");
        cursor.u32("flags of a constraint's types");
      }
    }
    if (!isOperand(kind, attribute, operator)) {
      cursor.fail(`a comparison that contexts have, found attribute ${attribute}, operator ${operator}`, at);
    }
    depth += kind === NOT ? 0 : kind === AND || kind === OR ? -1 : 1;
    if (depth < 1 || depth > MAX_STACK) {
      cursor.fail("a constraint in postfix order", at);
    }
    expression.push({ kind, attribute, operator, names });
  }
  if (depth !== 1) {
    cursor.fail("a constraint that leaves one truth value", start);
  }
  return { permissions, expression };
}

function isOperand(kind: number, attribute: number, operator: number): boolean {
  if (kind === NAMES) {
    const symbol = attribute & ~(TARGET | X_TARGET);
    return (operator === 1 || operator === 2) && (symbol === USER || symbol === ROLE || symbol === TYPE);
  }
  if (kind === ATTRIBUTES) {
    const known = [USER, ROLE, TYPE, 32, 64, 128, 256, 512, 1024].includes(attribute);
    const ordered = attribute === ROLE || attribute >= 32;
    return known && operator >= 1 && operator <= (ordered ? 5 : 2);
  }
  return true;
}

/** Walks over `validatetrans` rules. Throws PolicyFormatError. */
export function skipValidateTransitions(cursor: Cursor, version: number): void {
  const count = cursor.count(MIN_CONSTRAINT, "validatetrans rules");
  for (let index = 0; index < count; index++) {
    readConstraint(cursor, version);
  }
}

/** What the evaluation looks up in the policy: the roles that a role dominates, as a bitmap's offset. */
export type Dominates = (role: number) => number | null;

/** True where the constraint holds for this pair of contexts. */
export function holds(
  view: DataView,
  constraint: Constraint,
  source: Context,
  target: Context,
  dominates: Dominates,
): boolean {
  const stack: boolean[] = [];
  for (const node of constraint.expression) {
    if (node.kind === NOT) {
      stack.push(stack.pop() !== true);
    } else if (node.kind === AND || node.kind === OR) {
      const right = stack.pop() === true;
      const left = stack.pop() === true;
      stack.push(node.kind === AND ? left && right : left || right);
    } else if (node.kind === NAMES) {
      // X_TARGET is for validatetrans only; there is no third context here and the kernel would not get here.
      const context = (node.attribute & TARGET) !== 0 ? target : source;
      const value = symbolOf(context, node.attribute & (USER | ROLE | TYPE));
      const isNamed = value > 0 && hasBit(view, node.names, value - 1);
      stack.push(node.operator === 1 ? isNamed : !isNamed);
    } else {
      stack.push(compare(view, node, source, target, dominates));
    }
  }
  return stack.pop() === true;
}

function symbolOf(context: Context, attribute: number): number {
  return attribute === USER ? context.user : attribute === ROLE ? context.role : context.type;
}

function compare(view: DataView, node: Node, source: Context, target: Context, dominates: Dominates): boolean {
  switch (node.attribute) {
    case 32:
      return compareLevels(view, source.low, target.low, node.operator);
    case 64:
      return compareLevels(view, source.low, target.high, node.operator);
    case 128:
      return compareLevels(view, source.high, target.low, node.operator);
    case 256:
      return compareLevels(view, source.high, target.high, node.operator);
    case 512:
      return compareLevels(view, source.low, source.high, node.operator);
    case 1024:
      return compareLevels(view, target.low, target.high, node.operator);
    default: {
      const left = symbolOf(source, node.attribute);
      const right = symbolOf(target, node.attribute);
      if (node.operator <= 2) {
        return (left === right) === (node.operator === 1);
      }
      const up = isDominated(view, dominates(left), right);
      const down = isDominated(view, dominates(right), left);
      return node.operator === 3 ? up : node.operator === 4 ? down : !up && !down;
    }
  }
}

function isDominated(view: DataView, bitmap: number | null, role: number): boolean {
  return bitmap !== null && role > 0 && hasBit(view, bitmap, role - 1);
}

function compareLevels(view: DataView, left: Level, right: Level, operator: number): boolean {
  const up = levelDominates(view, left, right);
  const down = levelDominates(view, right, left);
  switch (operator) {
    case 1:
      return up && down;
    case 2:
      return !(up && down);
    case 3:
      return up;
    case 4:
      return down;
    default:
      return !up && !down;
  }
}

function levelDominates(view: DataView, upper: Level, lower: Level): boolean {
  if (upper.sensitivity < lower.sensitivity) {
    return false;
  }
  if (lower.categories === null) {
    return true;
  }
  return upper.categories === null
    ? view.getUint32(lower.categories + 8, true) === 0
    : containsBits(view, upper.categories, lower.categories);
}
