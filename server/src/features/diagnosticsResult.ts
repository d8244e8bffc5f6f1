import type { DocumentStatus } from "../shared/protocol.ts";
import type { Diagnostic } from "./lsp.ts";

/** The state of all open documents and of the files that their configurations reach. */
export interface DiagnosticsResult {
  /** By URI, every file of every configuration, those without findings included. */
  readonly files: ReadonlyMap<string, readonly Diagnostic[]>;
  readonly documents: readonly DocumentStatus[];
}
