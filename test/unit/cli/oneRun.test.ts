import assert from "node:assert/strict";
import { test } from "node:test";
import { cachedDataVersionTag } from "node:v8";
import { tuneForOneRun } from "../../../server/src/cli/oneRun.ts";

// This number holds V8's version and every setting.
test("V8's settings are others for one run, and are set back for a program that stays", () => {
  const before = cachedDataVersionTag();
  const setBack = tuneForOneRun();
  const tuned = cachedDataVersionTag();
  assert.notEqual(tuned, before);
  setBack();
  const after = cachedDataVersionTag();
  assert.notEqual(after, tuned);
  tuneForOneRun()();
  assert.equal(cachedDataVersionTag(), after);
});

for (const version of ["11.3.244.8", "15.0.1", "quickjs"]) {
  test(`a V8 in which they were not tried keeps its own: ${version}`, () => {
    const own = cachedDataVersionTag();
    tuneForOneRun(version);
    assert.equal(cachedDataVersionTag(), own);
  });
}
