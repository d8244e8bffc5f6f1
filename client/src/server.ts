/** The language server's life: start, restart, stop, and what it sends. */
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
  explainRequest,
  statusNotification,
  trustNotification,
  type ExplainParams,
  type ExplainResult,
  type InitializationOptions,
  type StatusParams,
  type TrustParams,
} from "../../server/src/protocol.ts";
import { settingsSection } from "../../server/src/settings.ts";
import type { OfferedCommands } from "./offeredCommands.ts";
import { documentSelector } from "./documents.ts";

/** What the server is doing. `failed` holds why, for the user. */
export type ServerState =
  { readonly kind: "starting" | "running" | "stopped" } | { readonly kind: "failed"; readonly reason: string };

/** A crash is repaired silently this many times in `crashWindow` milliseconds; then it becomes a state. */
const crashLimit = 4;
const crashWindow = 180_000;

/** Errors become a state and a log line, never a pop-up. */
class QuietClient extends LanguageClient {
  override error(message: string, data?: unknown): void {
    super.error(message, data, false);
  }
}

export class Server implements vscode.Disposable {
  readonly log: vscode.LogOutputChannel;
  readonly #client: QuietClient;
  readonly #stateChanged = new vscode.EventEmitter<ServerState>();
  readonly #statusChanged = new vscode.EventEmitter<StatusParams>();
  readonly onDidChangeState = this.#stateChanged.event;
  readonly onDidChangeStatus = this.#statusChanged.event;
  readonly #crashes: number[] = [];
  readonly #subscriptions: vscode.Disposable[];
  /** Starts and stops one after the other, however fast they are asked for. */
  #queue: Promise<void> = Promise.resolve();

  /** `module`: path of the bundled server. `offered` learns which shell commands the server's code actions carry. */
  constructor(module: string, offered: OfferedCommands) {
    this.log = vscode.window.createOutputChannel("SELinux for nginx", { log: true });
    this.#client = new QuietClient(
      settingsSection,
      "SELinux for nginx",
      serverOptions(module),
      this.#clientOptions(offered),
    );
    this.#subscriptions = [
      this.#client.onDidChangeState(({ newState }) => {
        if (newState === State.Starting) this.#stateChanged.fire({ kind: "starting" });
        if (newState === State.Running) this.#stateChanged.fire({ kind: "running" });
      }),
      this.#client.onNotification(statusNotification, (status: StatusParams) => this.#statusChanged.fire(status)),
      vscode.workspace.onDidGrantWorkspaceTrust(() => this.#sendTrust()),
    ];
  }

  /** Starts, or starts again. Never rejects: what goes wrong becomes the state. */
  restart(): Promise<void> {
    return this.#enqueue(async () => {
      this.#crashes.length = 0;
      if (this.#client.isRunning()) await this.#client.stop();
      await this.#client.start();
    });
  }

  /** Resolves when the server has ended. */
  stop(): Promise<void> {
    return this.#enqueue(async () => {
      if (this.#client.needsStop()) await this.#client.stop();
    });
  }

  /** Everything known about one diagnostic, or null where it is gone. */
  explain(params: ExplainParams): Promise<ExplainResult | null> {
    return this.#client.sendRequest<ExplainResult | null>(explainRequest, params);
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
    this.#stateChanged.dispose();
    this.#statusChanged.dispose();
    this.log.dispose();
  }

  #enqueue(task: () => Promise<void>): Promise<void> {
    this.#queue = this.#queue.then(task).catch((error: unknown) => this.#fail(describe(error)));
    return this.#queue;
  }

  #fail(reason: string): void {
    this.log.error(reason);
    this.#stateChanged.fire({ kind: "failed", reason });
  }

  #sendTrust(): void {
    const params: TrustParams = { trusted: true };
    if (!this.#client.isRunning()) return;
    this.#client.sendNotification(trustNotification, params).catch((error: unknown) => this.log.warn(describe(error)));
  }

  #clientOptions(offered: OfferedCommands): LanguageClientOptions {
    return {
      documentSelector: documentSelector(),
      outputChannel: this.log,
      revealOutputChannelOn: RevealOutputChannelOn.Never,
      // A function, because the answer may have changed when the server starts again.
      initializationOptions: (): InitializationOptions => ({ trusted: vscode.workspace.isTrusted }),
      initializationFailedHandler: () => false,
      errorHandler: {
        error: () => ({ action: ErrorAction.Continue, handled: true }),
        closed: () => this.#closed(),
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

  #closed(): { action: CloseAction; handled: boolean } {
    const now = Date.now();
    this.#crashes.push(now);
    if (this.#crashes.filter((time) => now - time < crashWindow).length < crashLimit) {
      this.log.warn("The language server ended unexpectedly and is started again.");
      return { action: CloseAction.Restart, handled: true };
    }
    this.#fail(`The language server ended ${crashLimit} times in three minutes.`);
    return { action: CloseAction.DoNotRestart, handled: true };
  }
}

function serverOptions(module: string): ServerOptions {
  return {
    run: { module, transport: TransportKind.ipc },
    debug: { module, transport: TransportKind.ipc, options: { execArgv: ["--nolazy", "--inspect=127.0.0.1:0"] } },
  };
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
