/** Entry of the extension: wires the parts, starts the server without waiting for it. */
import type * as vscode from "vscode";
import { registerAssistantTools } from "./assistantTools.ts";
import { registerCommands } from "./commands.ts";
import { claimSharedFolders, DetailDocuments } from "./documents.ts";
import { repairCommandLine } from "./installCommandLine.ts";
import { registerLogActions } from "./logActions.ts";
import { OfferedCommands } from "./offeredCommands.ts";
import { Server } from "./server.ts";
import { ReportPanel } from "./report.ts";
import { registerNotices } from "./notices.ts";
import { startWhenNeeded } from "./startWhenNeeded.ts";
import { Status } from "./status.ts";
import type { StatusText } from "./statusText.ts";
import { offerLanguage } from "./treatAsNginx.ts";

/** What other extensions, and our tests, may read. */
export interface Exports {
  /** Starts the server where it was not started yet; resolves when it has started, or failed to. */
  start(): Promise<void>;
  /** What the status bar item shows for the active document. */
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
    claimSharedFolders(),
    registerLogActions(),
  );
  const { version }: { readonly version: string } = context.extension.packageJSON;
  const report = new ReportPanel(server, version);
  server.log.info(`SELinux for nginx ${version}`);
  void repairCommandLine(program);
  stopServer = () => server.stop();
  let started: Promise<void> | null = null;
  const start = (): Promise<void> => (started ??= server.restart());
  context.subscriptions.push(
    report,
    registerCommands({ server, start, status, offered, details, report, program }),
    registerNotices(status, context.workspaceState),
    startWhenNeeded(start),
    offerLanguage(server, start, context.workspaceState),
    registerAssistantTools(server, start),
  );
  return { start, status: () => status.shown, onDidChangeStatus: status.onDidChange };
}

export async function deactivate(): Promise<void> {
  await stopServer?.();
}
