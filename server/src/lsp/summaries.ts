/** Lines of the log that say what was checked, by which policy, and how long it took. */
import { counted } from "../base/counted.ts";
import type { DocumentStatus } from "../shared/protocol.ts";

export class Summaries {
  readonly #log: (line: string) => void;
  #said: ReadonlySet<string> = new Set();

  constructor(log: (line: string) => void) {
    this.#log = log;
  }

  /** Says what is new since the last time. `milliseconds`: what the computation of all of them took. */
  say(documents: readonly DocumentStatus[], milliseconds: number): void {
    const lines = new Set(documents.map(lineOf));
    for (const line of lines) if (!this.#said.has(line)) this.#log(`${line} (${milliseconds.toFixed(0)} ms)`);
    this.#said = lines;
  }
}

function lineOf({ uri, mainFile, fragmentContext, policy, error, errors, warnings, ignored }: DocumentStatus): string {
  const file = mainFile ?? (fragmentContext === null ? uri : `${uri}, read alone as part of ${fragmentContext}`);
  const settings = ignored.map((each) => ` ${each}`).join("");
  if (policy === null) return `${file}: not checked, because ${sentence(error ?? "there is no policy")}${settings}`;
  const by = `${policy.title} (${policy.source}, ${policy.mode}; ${policy.reason ?? policy.provenance})`;
  return `${file}: ${counted(errors, "error")}, ${counted(warnings, "warning")} by ${by}.${settings}`;
}

/** With its full stop, where it has no end of its own. */
function sentence(text: string): string {
  return /[.?!]$/u.test(text) ? text : `${text}.`;
}
