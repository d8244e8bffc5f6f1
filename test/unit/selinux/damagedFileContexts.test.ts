import assert from "node:assert/strict";
import { test } from "node:test";
import { guardedRun } from "../../support/guardedRun.ts";

const variants = Number(process.env["FUZZ"] ?? 20_000);

test(`${variants} damaged file_contexts give labels or say that they are unknown, each in 10 s, all in 256 MiB`, async () => {
  const worker = new URL("../../support/damage/damagedFileContexts.ts", import.meta.url);
  const found = await guardedRun(worker, variants);
  // None of the ways out is left untried.
  for (const count of Object.values(Object(found))) assert.ok(Number(count) > variants / 20, JSON.stringify(found));
});
