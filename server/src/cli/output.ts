/** Standard output as a stream that is never flooded and may be closed by its reader. */
import type { Writable } from "node:stream";
import { UsageError } from "./usageError.ts";

export interface Output {
  /** Adds text. True when enough is gathered that `flush` should be awaited before more is made. */
  add(text: string): boolean;
  /** Writes what is gathered; resolves when the stream has taken it. Rejects with UsageError where it cannot (a full disk). */
  flush(): Promise<void>;
  /** True when the reader has gone (`| head`): nothing more needs to be made. */
  readonly closed: boolean;
}

/** Characters that are gathered before they are written. */
const CHUNK = 1 << 16;

export function createOutput(stream: Writable): Output {
  let pending: string[] = [];
  let length = 0;
  let closed = false;
  let failure: Error | null = null;
  let wake = (): void => undefined;
  stream.on("error", (error: Error & { readonly code?: string }) => {
    closed = true;
    if (error.code !== "EPIPE") failure = error;
    wake();
  });

  return {
    get closed() {
      return closed;
    },
    add(text) {
      if (closed) return false;
      pending.push(text);
      length += text.length;
      return length >= CHUNK;
    },
    async flush() {
      const text = pending.join("");
      pending = [];
      length = 0;
      if (closed || text === "") return;
      await new Promise<void>((resolve) => {
        wake = resolve;
        stream.write(text, () => resolve());
      });
      if (failure !== null) throw new UsageError(`the output cannot be written: ${reasonOf(failure)}`);
    },
  };
}

/** `no space left on device` of `ENOSPC: no space left on device, write`. */
function reasonOf({ message }: Error): string {
  return message.replace(/^[A-Z0-9]+: /u, "").replace(/, write$/u, "");
}

/** Writes pieces until they end or the reader is gone. */
export async function writeAll(out: Output, pieces: Iterable<string>): Promise<void> {
  for (const piece of pieces) {
    if (out.closed) return;
    if (out.add(piece)) await out.flush();
  }
  await out.flush();
}

/** The same text in fewer pieces, each of them whole ones put together. */
export function* inChunks(pieces: Iterable<string>): Generator<string, void> {
  let pending = "";
  for (const piece of pieces) {
    pending += piece;
    if (pending.length < CHUNK) continue;
    yield pending;
    pending = "";
  }
  yield pending;
}
