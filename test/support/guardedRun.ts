/** Runs many hostile inputs in a thread of their own, so that one that hangs is noticed and named. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { Worker } from "node:worker_threads";

/** What such a thread is started with. */
export interface GuardedWork {
  readonly variants: number;
  /** One 32-bit number, shared: how many variants are done. */
  readonly done: SharedArrayBuffer;
}

/** Seconds that one variant may take. */
const GUARD = 10;

/** Mebibytes that the whole process may take. */
const MOST_MEMORY = 256;

/**
 * Runs `worker`, which counts up `done` after each variant and posts what it found. Resolves with that; rejects where
 * the thread throws, where one variant takes more than ten seconds, or where the process took more than 256 MiB.
 */
export async function guardedRun(worker: URL, variants: number): Promise<unknown> {
  const done = new SharedArrayBuffer(4);
  const counter = new Int32Array(done);
  const work: GuardedWork = { variants, done };
  const thread = new Worker(worker, {
    workerData: work,
    // What is garbage counts as memory too: collected here before the process takes more than it may.
    resourceLimits: { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 4 },
  });
  let seen = -1;
  let since = performance.now();
  let guard: NodeJS.Timeout | undefined;
  try {
    const found = await new Promise<unknown>((resolve, reject) => {
      thread.once("message", resolve);
      thread.once("error", reject);
      thread.once("exit", (code) => reject(new Error(`the thread ended with ${code} at variant ${counter[0]}`)));
      guard = setInterval(() => {
        const now = Atomics.load(counter, 0);
        if (now !== seen) [seen, since] = [now, performance.now()];
        else if (performance.now() - since > GUARD * 1000) reject(new Error(`variant ${now} took over ${GUARD} s`));
      }, 500);
    });
    assert.equal(counter[0], variants, "every variant was run");
    const peak = peakMemory() / 1024;
    assert.ok(peak < MOST_MEMORY, `the process took ${peak.toFixed(0)} MiB`);
    return found;
  } finally {
    clearInterval(guard);
    await thread.terminate();
  }
}

/**
 * The most memory that this process took, in KiB. By Linux's own account where there is one: `maxRSS` begins with what the
 * parent had when it started this process.
 */
function peakMemory(): number {
  const status = existsSync(STATUS) ? readFileSync(STATUS, "latin1") : "";
  const [, peak] = /^VmHWM:\s+(\d+) kB$/mu.exec(status) ?? [];
  return peak === undefined ? process.resourceUsage().maxRSS : Number(peak);
}

const STATUS = "/proc/self/status";
