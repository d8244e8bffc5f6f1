/** The language client, set up. Loaded only when the server is started: it is most of the bundle's loading time. */
import * as vscode from "vscode";
import {
  CloseAction,
  ErrorAction,
  LanguageClient,
  RevealOutputChannelOn,
  State,
  TransportKind,
  type LanguageClientOptions,
  type ServerOptions,
} from "vscode-languageclient/node";
import {
  copyCommandsCommand,
  explainCommand,
  runInTerminalCommand,
  type InitializationOptions,
} from "../../server/src/shared/protocol.ts";
import { settingsSection } from "../../server/src/shared/settings.ts";
import { documentSelector } from "./documents.ts";
import type { OfferedCommands } from "./offeredCommands.ts";

export interface ClientParts {
  /** Path of the bundled server. */
  readonly module: string;
  readonly log: vscode.LogOutputChannel;
  /** Learns which shell commands the server's code actions carry. */
  readonly offered: OfferedCommands;
  readonly onStarting: () => void;
  readonly onRunning: () => void;
  /** The server ended by itself; true to start it again. */
  readonly onCrash: () => boolean;
}

/** Errors become a state and a log line, never a pop-up. */
class QuietClient extends LanguageClient {
  override error(message: string, data?: unknown): void {
    super.error(message, data, false);
  }
}

/** A client that is not started yet. */
export function createClient(parts: ClientParts): LanguageClient {
  const name = "SELinux for nginx";
  const client = new QuietClient(settingsSection, name, serverOptions(parts.module), clientOptions(parts));
  client.onDidChangeState(({ newState }) => {
    if (newState === State.Starting) parts.onStarting();
    if (newState === State.Running) parts.onRunning();
  });
  return client;
}

function serverOptions(module: string): ServerOptions {
  return {
    run: { module, transport: TransportKind.ipc },
    debug: { module, transport: TransportKind.ipc, options: { execArgv: ["--nolazy", "--inspect=127.0.0.1:0"] } },
  };
}

function clientOptions({ log, offered, onCrash }: ClientParts): LanguageClientOptions {
  return {
    documentSelector: documentSelector(),
    outputChannel: log,
    revealOutputChannelOn: RevealOutputChannelOn.Never,
    // The links of hovers: they name a fix or a finding, which the server is then asked for.
    markdown: { isTrusted: { enabledCommands: [copyCommandsCommand, runInTerminalCommand, explainCommand] } },
    // A function, because the answer may have changed when the server starts again.
    initializationOptions: (): InitializationOptions => ({ trusted: vscode.workspace.isTrusted, commands: true }),
    initializationFailedHandler: () => false,
    errorHandler: {
      error: () => ({ action: ErrorAction.Continue, handled: true }),
      closed: () => ({ action: onCrash() ? CloseAction.Restart : CloseAction.DoNotRestart, handled: true }),
    },
    middleware: {
      provideCodeActions: async (document, range, context, token, next) => {
        const actions = await next(document, range, context, token);
        offered.remember(actions ?? []);
        return actions;
      },
      resolveCodeAction: async (action, token, next) => {
        const resolved = await next(action, token);
        if (resolved !== null && resolved !== undefined) offered.remember([resolved]);
        return resolved;
      },
    },
  };
}
