/** Conditional rules: blocks of items under a boolean expression (libsepol conditional.c). */
import type { Condition } from "../policy.ts";
import { readItems } from "./avtab.ts";
import type { ItemLimits, ItemList } from "./avtab.ts";
import type { Cursor } from "./cursor.ts";
import type { BooleanSymbol } from "./symbols.ts";

/** COND_EXPR_MAXDEPTH of the kernel: operands that may wait on the stack. */
const MAX_STACK = 10;
/** Longest expression accepted. The kernel sets no limit; real ones have fewer than 20 nodes. Bounds the tree's depth. */
const MAX_EXPRESSION = 256;
const MIN_EXPRESSION_NODE = 8;
const MIN_BLOCK = 16;

const BOOL = 1;
const NOT = 2;
const BINARY = ["or", "and", "xor", "eq", "neq"] as const;

export interface ConditionalBlock {
  /** Holds when the first list applies; else the second does. */
  readonly condition: Condition;
  readonly whenTrue: ItemList;
  readonly whenFalse: ItemList;
}

/** Reads all conditional blocks. Throws PolicyFormatError. */
export function readConditionals(
  cursor: Cursor,
  limits: ItemLimits,
  booleans: readonly BooleanSymbol[],
): readonly ConditionalBlock[] {
  const names = new Map(booleans.map(({ value, name }) => [value, name]));
  const count = cursor.count(MIN_BLOCK, "conditional blocks");
  const blocks: ConditionalBlock[] = [];
  for (let index = 0; index < count; index++) {
    cursor.u32("state of a conditional block");
    const condition = readExpression(cursor, names);
    const whenTrue = readItems(cursor, limits, "conditional rules");
    const whenFalse = readItems(cursor, limits, "conditional rules");
    blocks.push({ condition, whenTrue, whenFalse });
  }
  return blocks;
}

/** Turns the postfix expression into a tree. */
function readExpression(cursor: Cursor, names: ReadonlyMap<number, string>): Condition {
  const count = cursor.count(MIN_EXPRESSION_NODE, "nodes of a boolean expression");
  const start = cursor.offset;
  if (count > MAX_EXPRESSION) {
    cursor.fail(`a boolean expression of at most ${MAX_EXPRESSION} nodes, found ${count}`, start - 4);
  }
  const stack: Condition[] = [];
  for (let index = 0; index < count; index++) {
    const at = cursor.offset;
    const operator = cursor.u32("operator of a boolean expression");
    const value = cursor.u32("boolean of an expression");
    if (operator === BOOL) {
      const name = names.get(value);
      if (name === undefined) {
        cursor.fail(`a boolean that exists, found ${value}`, at + 4);
      }
      stack.push({ op: "bool", name });
    } else {
      const right = stack.pop();
      if (right === undefined) {
        cursor.fail("a boolean expression in postfix order", at);
      }
      if (operator === NOT) {
        stack.push({ op: "not", of: right });
      } else {
        const op = BINARY[operator - 3];
        const left = stack.pop();
        if (op === undefined || left === undefined) {
          cursor.fail(`a boolean operator between 1 and 7 with its operands, found ${operator}`, at);
        }
        stack.push({ op, left, right });
      }
    }
    if (stack.length > MAX_STACK) {
      cursor.fail(`a boolean expression that needs at most ${MAX_STACK} operands at once`, at);
    }
  }
  const [condition] = stack;
  if (condition === undefined || stack.length !== 1) {
    cursor.fail("a boolean expression that leaves one truth value", start);
  }
  return condition;
}
