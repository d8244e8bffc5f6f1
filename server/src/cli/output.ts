/** Standard output as a stream that is never flooded and may be closed by its reader. */
import type { Writable } from "node:stream";

export interface Output {
  /** Adds text; resolves when more may be added. */
  write(text: string): Promise<void>;
  /** Resolves when everything is written. */
  end(): Promise<void>;
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

  const flush = async (): Promise<void> => {
    const text = pending.join("");
    pending = [];
    length = 0;
    if (closed || text === "") return;
    await new Promise<void>((resolve) => {
      wake = resolve;
      stream.write(text, () => resolve());
    });
    if (failure !== null) throw failure;
  };

  return {
    get closed() {
      return closed;
    },
    async write(text) {
      if (closed) return;
      pending.push(text);
      length += text.length;
      if (length >= CHUNK) await flush();
    },
    end: flush,
  };
}
