import assert from "node:assert/strict";
import { test } from "node:test";
import { cachedDataVersionTag } from "node:v8";
import { createOneRun } from "../../../server/src/cli/oneRun.ts";

// The tag stands for V8's version and every setting.
test("V8's settings are others for one run, and are its own again for a program that stays", async () => {
  const own = cachedDataVersionTag();
  const oneRun = createOneRun();
  await oneRun.tune();
  assert.notEqual(cachedDataVersionTag(), own);
  oneRun.setBack();
  assert.equal(cachedDataVersionTag(), own);
});

for (const version of ["11.3.244.8", "15.0.1", "quickjs"]) {
  test(`a V8 in which they were not tried keeps its own: ${version}`, async () => {
    const own = cachedDataVersionTag();
    await createOneRun(version).tune();
    assert.equal(cachedDataVersionTag(), own);
  });
}
