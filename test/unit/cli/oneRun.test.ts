import assert from "node:assert/strict";
import { test } from "node:test";
import { cachedDataVersionTag, setFlagsFromString } from "node:v8";
import { tuneForOneRun } from "../../../server/src/cli/oneRun.ts";

// The tag stands for V8's version and every setting.
for (const version of ["11.3.244.8", "15.0.1", "quickjs"]) {
  test(`a V8 in which the settings were not tried keeps its own: ${version}`, async () => {
    const own = cachedDataVersionTag();
    await tuneForOneRun(version);
    assert.equal(cachedDataVersionTag(), own);
  });
}

// But one: who collects is no matter of compiled code.
test("V8's settings are others for one run", async () => {
  const own = cachedDataVersionTag();
  await tuneForOneRun();
  const tuned = cachedDataVersionTag();
  assert.notEqual(tuned, own);
  for (const other of [
    "--invocation-count-for-turbofan=5",
    "--invocation-count-for-maglev=5",
    "--allocation-site-pretenuring",
    "--semi-space-growth-factor=2",
  ]) {
    setFlagsFromString(other);
    assert.notEqual(cachedDataVersionTag(), tuned, other);
    await tuneForOneRun();
    assert.equal(cachedDataVersionTag(), tuned, other);
  }
});
