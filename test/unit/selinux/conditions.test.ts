import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import {
  ConditionError,
  booleansOf,
  evaluateCondition,
  parseCondition,
  renderCondition,
} from "../../../server/src/selinux/conditions.ts";
import type { Condition } from "../../../server/src/selinux/policy.ts";

const names = ["a", "b", "c", "d"];

/** The values of the condition for every assignment of `names`. */
function truthTable(condition: Condition): boolean[] {
  return Array.from({ length: 2 ** names.length }, (_, row) =>
    evaluateCondition(condition, (name) => ((row >> names.indexOf(name)) & 1) === 1),
  );
}

/** The same for JavaScript's own reading of the text, in which `^`, `==` and `!=` are written for booleans. */
function tableOf(holds: (a: boolean, b: boolean, c: boolean, d: boolean) => boolean): boolean[] {
  return Array.from({ length: 16 }, (_, row) =>
    holds((row & 1) === 1, (row & 2) === 2, (row & 4) === 4, (row & 8) === 8),
  );
}

const readings: readonly [string, (a: boolean, b: boolean, c: boolean, d: boolean) => boolean][] = [
  ["a", (a) => a],
  ["!(a)", (a) => !a],
  ["! a", (a) => !a],
  ["!!a", (a) => a],
  ["a && b", (a, b) => a && b],
  ["( a && b && c )", (a, b, c) => a && b && c],
  ["a || b && c", (a, b, c) => a || (b && c)],
  ["(a || b) && c", (a, b, c) => (a || b) && c],
  ["a ^ b", (a, b) => a !== b],
  ["a ^ b && c", (a, b, c) => a !== (b && c)],
  ["a || b ^ c", (a, b, c) => a || b !== c],
  ["a == b", (a, b) => a === b],
  ["a != b", (a, b) => a !== b],
  ["a && b == c", (a, b, c) => a && b === c],
  ["!a == b", (a, b) => !a === b],
  ["!(a == b)", (a, b) => a !== b],
  ["!a && !(b || !c)", (a, b, c) => !a && !(b || !c)],
  ["a && !b || c && !d", (a, b, c, d) => (a && !b) || (c && !d)],
  ["((((a))))", (a) => a],
  ["a&&b||!c", (a, b, c) => (a && b) || !c],
];

for (const [text, holds] of readings) {
  test(`the condition "${text}" holds as its operators say`, () => {
    assert.deepEqual(truthTable(parseCondition(text)), tableOf(holds));
  });
}

for (const text of [
  "",
  " ",
  "a b",
  "a &&",
  "&& a",
  "(a",
  "a)",
  "()",
  "a & b",
  "a = b",
  "!",
  "a !",
  "a ! b",
  "(a)(b)",
  "a$",
]) {
  test(`the text "${text}" is refused as a condition`, () => {
    assert.throws(() => parseCondition(text), ConditionError);
  });
}

test("an endless expression is refused before it can exhaust the stack", () => {
  assert.throws(() => parseCondition("!".repeat(100_000) + "a"), ConditionError);
  assert.throws(() => parseCondition("(".repeat(100_000) + "a" + ")".repeat(100_000)), ConditionError);
  assert.throws(() => parseCondition("a" + " && a".repeat(100_000)), ConditionError);
});

const conditions: fc.Arbitrary<Condition> = fc.letrec<{ condition: Condition }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 5 },
    fc.constantFrom(...names).map((name): Condition => ({ op: "bool", name })),
    tie("condition").map((of): Condition => ({ op: "not", of })),
    fc
      .tuple(fc.constantFrom("and", "or", "xor", "eq", "neq"), tie("condition"), tie("condition"))
      .map(([op, left, right]): Condition => ({ op, left, right })),
  ),
})).condition;

test("a rendered condition reads back to the same truth table and the same booleans", () => {
  fc.assert(
    fc.property(conditions, (condition) => {
      const back = parseCondition(renderCondition(condition));
      assert.deepEqual(truthTable(back), truthTable(condition));
      assert.deepEqual(booleansOf(back).sort(), booleansOf(condition).sort());
    }),
    { numRuns: 500 },
  );
});

test("any text at all is read or refused, and nothing else", () => {
  const pieces = fc.array(fc.constantFrom("a", "b_2", "(", ")", "!", "&&", "||", "^", "==", "!=", " ", "&", "é"), {
    maxLength: 12,
  });
  fc.assert(
    fc.property(pieces, (list) => {
      try {
        truthTable(parseCondition(list.join("")));
      } catch (error) {
        assert.ok(error instanceof ConditionError);
      }
    }),
    { numRuns: 2000 },
  );
});
