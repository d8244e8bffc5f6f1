/**
 * A thread of `guardedRun`: damaged texts of file_contexts, each asked for labels. Posts how many variants had lines
 * that were reported, and how many answers were a type, none, or unknown.
 */
import assert from "node:assert/strict";
import { parentPort, workerData } from "node:worker_threads";
import { parseFileContexts } from "../../../server/src/selinux/fileContexts.ts";
import { hostLabels } from "../../../server/src/selinux/hostLabels.ts";
import type { GuardedWork } from "../guardedRun.ts";
import { damagedText, original, paths, subs } from "./hostileContexts.ts";

const { variants, done } = workerData as GuardedWork;
const found = { reported: 0, typed: 0, none: 0, unknown: 0 };
for (let seed = 0; seed < variants; seed++) {
  const text = damagedText(original, seed);
  if (parseFileContexts(text).problems.length > 0) found.reported++;
  const labels = hostLabels({
    base: text,
    homedirs: "",
    local: seed % 7 === 0 ? damagedText(original, seed + 1) : "",
    subs: "",
    subsDist: damagedText(subs, seed),
  });
  for (const path of paths) {
    const { type, exact } = labels.label(path, seed % 3 === 0 ? "any" : "file");
    if (!exact) {
      assert.equal(type, null, `seed ${seed}: ${path}`);
      found.unknown++;
    } else if (type === null) found.none++;
    else found.typed++;
  }
  Atomics.add(new Int32Array(done), 0, 1);
}
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
parentPort?.postMessage(found);
