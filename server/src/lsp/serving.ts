/** What requests are answered with. */
import type { CancellationToken, Connection } from "vscode-languageserver";
import type { LanguageService } from "../languageService.ts";
import type { Cancellation } from "../workspace/workspace.ts";
import type { Client } from "./client.ts";
import type { Publisher } from "./publisher.ts";

export interface Serving {
  readonly connection: Connection;
  readonly service: LanguageService;
  /** Null before `initialize`, as is the publisher. */
  client(): Client | null;
  publisher(): Publisher | null;
  /** Paths of the workspace folders. */
  folders(): readonly string[];
  /** Settled when the settings that were asked for last are in use. */
  configured(): Promise<void>;
  /** Asks the hosts again, and computes everything. */
  refresh(): Promise<void>;
  /** Fences a request: no error of a feature stops the server, and no answer is given for an older text. */
  answer<T>(
    uri: string,
    token: CancellationToken,
    fallback: T,
    work: (cancellation: Cancellation) => Promise<T>,
  ): Promise<T>;
}
