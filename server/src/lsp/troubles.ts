/** What a client without our status item is told as messages: that something is not checked, or a setting not followed. */
import type { DocumentStatus } from "../shared/protocol.ts";

export class Troubles {
  readonly #tell: (message: string) => void;
  #told: ReadonlySet<string> = new Set();

  constructor(tell: (message: string) => void) {
    this.#tell = tell;
  }

  /** Tells what is new since the last time: each text once until it is mended. */
  say(documents: readonly DocumentStatus[]): void {
    const texts = new Set(
      documents.flatMap(({ error, ignored }) => [
        ...(error === null ? [] : [`This configuration is not checked against SELinux: ${error}`]),
        ...ignored,
      ]),
    );
    for (const text of texts) if (!this.#told.has(text)) this.#tell(text);
    this.#told = texts;
  }
}
