import assert from "node:assert/strict";
import { Writable } from "node:stream";
import { test } from "node:test";
import { createOutput, writeAll } from "../../../server/src/cli/output.ts";
import { UsageError } from "../../../server/src/cli/usageError.ts";

const failing = (code: string): Writable =>
  new Writable({
    write: (_chunk, _encoding, done) =>
      done(Object.assign(new Error(`${code}: no space left on device, write`), { code })),
  });

test("a full disk is one sentence, and no internal error", async () => {
  await assert.rejects(
    writeAll(createOutput(failing("ENOSPC")), ["text"]),
    (error) => error instanceof UsageError && error.message === "the output cannot be written: no space left on device",
  );
});

test("a reader that is gone is no error", async () => {
  const output = createOutput(failing("EPIPE"));
  await writeAll(output, ["text"]);
  assert.equal(output.closed, true);
});
