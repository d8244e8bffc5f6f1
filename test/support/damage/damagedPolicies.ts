/** A thread of `guardedRun`: damaged policies, each asked one question of every kind. Posts how many were refused. */
import assert from "node:assert/strict";
import { parentPort, workerData } from "node:worker_threads";
import { binaryFacts } from "../../../server/src/selinux/binary/binaryFacts.ts";
import { PolicyFormatError } from "../../../server/src/selinux/binary/policyFormatError.ts";
import { renderCondition } from "../../../server/src/selinux/conditions.ts";
import { policyOf } from "../../../server/src/selinux/model.ts";
import type { PolicyInfo } from "../../../server/src/selinux/policy.ts";
import type { GuardedWork } from "../guardedRun.ts";
import { damaged } from "../policies/damage.ts";
import { encodePolicy } from "../policies/encoder.ts";
import { webPolicy } from "../policies/webPolicy.ts";

const info: PolicyInfo = {
  source: "binary",
  name: "test",
  title: "test",
  provenance: "test",
  mode: "assumed",
  exactLabels: false,
};

/** Asks one question of every kind. */
function interrogate(bytes: Uint8Array): void {
  const facts = binaryFacts(bytes, info);
  const policy = policyOf(facts);
  policy.portType("tcp", 8080);
  for (const source of facts.types.slice(0, 20)) {
    facts.attributesOf(source);
    facts.isPermissive(source);
    for (const [cls, permissions] of facts.permissions) {
      for (const permission of permissions) {
        policy.check(source, "content_t", cls, permission);
        for (const conditions of facts.targets(source, cls, permission).values()) {
          conditions.map(renderCondition);
        }
      }
      facts.newType(source, "run_t", cls, "web.sock", () => true);
    }
    facts.transitionsFrom(source);
  }
}

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
