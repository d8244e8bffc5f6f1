import assert from "node:assert/strict";
import { test } from "node:test";
import { guardedRun } from "../../../support/guardedRun.ts";

const variants = Number(process.env["FUZZ"] ?? 20_000);

test(`${variants} damaged policies give the typed error or an answer, each in 10 s, all in 256 MiB`, async () => {
  const worker = new URL("../../../support/damage/damagedPolicies.ts", import.meta.url);
  const { refused } = Object(await guardedRun(worker, variants));
  assert.ok(refused > variants / 4 && refused < variants, `${refused} refused`);
});
