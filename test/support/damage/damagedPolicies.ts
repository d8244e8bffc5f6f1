/** A thread of `guardedRun`: damaged policies, each asked one question of every kind. Posts how many were refused. */
import assert from "node:assert/strict";
import { parentPort, workerData } from "node:worker_threads";
import { PolicyFormatError } from "../../../server/src/selinux/binary/policyFormatError.ts";
import type { GuardedWork } from "../guardedRun.ts";
import { damaged } from "../policies/damage.ts";
import { encodePolicy } from "../policies/encoder.ts";
import { webPolicy } from "../policies/webPolicy.ts";
import { interrogate } from "./interrogate.ts";

const { variants, done } = workerData as GuardedWork;
const originals = Array.from({ length: 12 }, (_, index) => encodePolicy(webPolicy(24 + index)));
let refused = 0;
for (let seed = 0; seed < variants; seed++) {
  const original = originals[seed % originals.length] ?? assert.fail();
  try {
    interrogate(damaged(original, seed));
  } catch (error) {
    assert.ok(error instanceof PolicyFormatError, `seed ${seed}: ${String(error)}`);
    refused++;
  }
  Atomics.add(new Int32Array(done), 0, 1);
}
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
parentPort?.postMessage({ refused });
