/** When diagnostics are computed: after edits that may go on, and after what comes alone. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createPublisher, type Publisher } from "../../server/src/lsp/publisher.ts";

/** A publisher whose computations take so many milliseconds; `waits`: what it asked to be delayed by. */
function publisherOf(duration: number): {
  readonly publisher: Publisher;
  readonly waits: readonly number[];
  readonly computed: () => Promise<number>;
} {
  const waits: number[] = [];
  let now = 0;
  let computations = 0;
  let work = (): void => undefined;
  const publisher = createPublisher({
    compute: () => {
      computations++;
      now += duration;
      return Promise.resolve({ files: new Map(), documents: [] });
    },
    push: null,
    refresh: null,
    status: null,
    isOpen: () => true,
    schedule: (later, wait) => {
      waits.push(wait);
      work = later;
      return () => {
        work = () => undefined;
      };
    },
    now: () => now,
    log: (error) => assert.fail(String(error)),
  });
  return {
    publisher,
    waits,
    computed: async () => {
      work();
      await new Promise(setImmediate);
      return computations;
    },
  };
}

test("waits for more edits where a computation takes time, and not after what comes alone", async () => {
  const { publisher, waits, computed } = publisherOf(100);
  publisher.changed();
  assert.equal(await computed(), 1);
  publisher.changed();
  publisher.changed(true);
  // The one for the edits before is taken back.
  assert.equal(await computed(), 2);
  assert.deepEqual(waits, [0, 200, 0]);
});

test("waits no longer than half a second, and not at all where a computation takes none", async () => {
  for (const [duration, wait] of [
    [5, 0],
    [2000, 500],
  ] as const) {
    const { publisher, waits, computed } = publisherOf(duration);
    publisher.changed();
    await computed();
    publisher.changed();
    assert.deepEqual(waits, [0, wait]);
  }
});
