/** Entry of the extension: wires the parts, starts the server without waiting for it. */
import type * as vscode from "vscode";
import { registerCommands } from "./commands.ts";
import { claimSharedFolders, DetailDocuments } from "./documents.ts";
import { repairCommandLine } from "./installCommandLine.ts";
import { registerLogActions } from "./logActions.ts";
import { OfferedCommands } from "./offeredCommands.ts";
import { Server } from "./server.ts";
import { Status, type StatusText } from "./status.ts";

/** What other extensions, and our tests, may read. */
export interface Exports {
  /** Resolves when the server has started, or failed to. */
  readonly started: Promise<void>;
  /** What the language status item shows for the active document. */
  status(): StatusText;
  /** Fires when that may have changed. */
  readonly onDidChangeStatus: vscode.Event<unknown>;
}

let stopServer: (() => Promise<void>) | null = null;

export function activate(context: vscode.ExtensionContext): Exports {
  const offered = new OfferedCommands();
  const server = new Server(context.asAbsolutePath("dist/server.cjs"), offered);
  const program = context.asAbsolutePath("dist/cli.cjs");
  const status = new Status();
  const details = new DetailDocuments();
  context.subscriptions.push(
    server,
    status,
    details,
    server.onDidChangeState((state) => status.setState(state)),
    server.onDidChangeStatus((documents) => status.setStatus(documents)),
    registerCommands({ server, status, offered, details, program }),
    claimSharedFolders(),
    registerLogActions(),
  );
  void repairCommandLine(program);
  stopServer = () => server.stop();
  return { started: server.restart(), status: () => status.shown, onDidChangeStatus: status.onDidChange };
}

export async function deactivate(): Promise<void> {
  await stopServer?.();
}
