import assert from "node:assert/strict";
import { test } from "node:test";
import { BoundedMap, memo } from "../../../server/src/base/memo.ts";

test("an answer is made once while it is kept", () => {
  const kept = new BoundedMap<string, number>(2);
  let made = 0;
  for (const key of ["a", "b", "a", "b"])
    assert.equal(
      memo(kept, key, () => ++made),
      key === "a" ? 1 : 2,
    );
  assert.equal(made, 2);
});

test("a full map forgets everything, and goes on", () => {
  const kept = new BoundedMap<string, number>(2);
  kept.set("a", 1);
  kept.set("b", 2);
  kept.set("c", 3);
  assert.deepEqual(
    ["a", "b", "c"].map((key) => kept.get(key)),
    [undefined, undefined, 3],
  );
});
