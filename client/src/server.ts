/** The language server's life: start, restart, stop, and what it sends. */
import * as vscode from "vscode";
import type { LanguageClient, TextEdit } from "vscode-languageclient/node";
import {
  explainLogRequest,
  explainRequest,
  verifyRequest,
  fixCommandsRequest,
  moduleRequest,
  refreshRequest,
  silenceRequest,
  snapshotRequest,
  planRequest,
  reportRequest,
  recogniseRequest,
  statusNotification,
  toolRequest,
  trustNotification,
  type CommandsArgument,
  type ExplainLogParams,
  type ExplainParams,
  type VerifyParams,
  type VerifyResult,
  type ExplainResult,
  type FixParams,
  type ModuleResult,
  type PlanParams,
  type PlanResult,
  type ReportParams,
  type ReportResult,
  type RecogniseParams,
  type SilenceRequestParams,
  type SnapshotParams,
  type SnapshotResult,
  type StatusParams,
  type ToolParams,
  type ToolResult,
  type TrustParams,
} from "../../server/src/shared/protocol.ts";
import type { OfferedCommands } from "./offeredCommands.ts";

/** What the server is doing. `failed` holds why, for the user. */
export type ServerState =
  { readonly kind: "starting" | "running" } | { readonly kind: "failed"; readonly reason: string };

/** A crash is repaired silently this many times in `crashWindow` milliseconds; then it becomes a state. */
const crashLimit = 4;
const crashWindow = 180_000;

export class Server implements vscode.Disposable {
  readonly log = vscode.window.createOutputChannel("SELinux for nginx", { log: true });
  readonly #module: string;
  readonly #offered: OfferedCommands;
  readonly #stateChanged = new vscode.EventEmitter<ServerState>();
  readonly #statusChanged = new vscode.EventEmitter<StatusParams>();
  readonly onDidChangeState = this.#stateChanged.event;
  readonly onDidChangeStatus = this.#statusChanged.event;
  readonly #trusted = vscode.workspace.onDidGrantWorkspaceTrust(() => this.#sendTrust());
  #client: LanguageClient | null = null;
  #crashes: readonly number[] = [];
  /** Starts and stops one after the other, however fast they are asked for. */
  #queue: Promise<void> = Promise.resolve();

  /** `module`: path of the bundled server. `offered` learns which shell commands the server's code actions carry. */
  constructor(module: string, offered: OfferedCommands) {
    this.#module = module;
    this.#offered = offered;
  }

  /** Starts, or starts again. Never rejects: what goes wrong becomes the state. */
  restart(): Promise<void> {
    return this.#enqueue(async () => {
      this.#crashes = [];
      const client = (this.#client ??= await this.#create());
      if (client.isRunning()) await client.stop();
      await client.start();
    });
  }

  /** Resolves when the server has ended. */
  stop(): Promise<void> {
    return this.#enqueue(async () => {
      if (this.#client?.needsStop() === true) await this.#client.stop();
    });
  }

  /** Looks at the host and every file again; resolves when that is done. */
  async refresh(): Promise<void> {
    if (this.#client?.isRunning() === true) await this.#client.sendRequest(refreshRequest);
  }

  /** The policy that answers for a document as a snapshot. Rejects with an error whose message is for the user. */
  async snapshot(params: SnapshotParams): Promise<SnapshotResult> {
    if (this.#client?.isRunning() !== true) throw new Error("the language server is not running");
    return this.#client.sendRequest<SnapshotResult>(snapshotRequest, params);
  }

  /** Everything known about one diagnostic, or null where it is gone. */
  async explain(params: ExplainParams): Promise<ExplainResult | null> {
    if (this.#client?.isRunning() !== true) return null;
    return this.#client.sendRequest<ExplainResult | null>(explainRequest, params);
  }

  /** Whether a text is nginx's; false where the server does not run. */
  async recognise(text: string): Promise<boolean> {
    if (this.#client?.isRunning() !== true) return false;
    const params: RecogniseParams = { text };
    return this.#client.sendRequest<boolean>(recogniseRequest, params);
  }

  /** The answer to a call of a tool for assistants. */
  async tool(params: ToolParams, token: vscode.CancellationToken): Promise<ToolResult> {
    if (this.#client?.isRunning() !== true) return { text: "The language server is not running.", isError: true };
    return this.#client.sendRequest<ToolResult>(toolRequest, params, token);
  }

  /** Lines of a log, explained; null where the server does not run. */
  async explainLog(params: ExplainLogParams): Promise<ExplainResult | null> {
    if (this.#client?.isRunning() !== true) return null;
    return this.#client.sendRequest<ExplainResult | null>(explainLogRequest, params);
  }

  /** Whether the host has refused anything since a time; null where it cannot be told. */
  async verify(params: VerifyParams): Promise<VerifyResult | null> {
    if (this.#client?.isRunning() !== true) return null;
    return this.#client.sendRequest<VerifyResult | null>(verifyRequest, params);
  }

  /** The shell commands of a fix, which may then be typed into a terminal; null where it is gone. */
  async fixCommands(params: FixParams): Promise<CommandsArgument | null> {
    if (this.#client?.isRunning() !== true) return null;
    const answer = await this.#client.sendRequest<CommandsArgument | null>(fixCommandsRequest, params);
    if (answer !== null) this.#offered.add(answer);
    return answer;
  }

  /** The policy module of a fix, or null where it is gone. */
  async module(params: FixParams): Promise<ModuleResult | null> {
    if (this.#client?.isRunning() !== true) return null;
    return this.#client.sendRequest<ModuleResult | null>(moduleRequest, params);
  }

  /** The edit that silences a rule at a finding, or null where the finding is gone. */
  async silence(params: SilenceRequestParams): Promise<vscode.TextEdit | null> {
    if (this.#client?.isRunning() !== true) return null;
    const edit = await this.#client.sendRequest<TextEdit | null>(silenceRequest, params);
    return edit === null ? null : this.#client.protocol2CodeConverter.asTextEdit(edit);
  }

  /** The report of the configuration that a document belongs to, or null where it is not analysed. */
  async report(params: ReportParams): Promise<ReportResult | null> {
    if (this.#client?.isRunning() !== true) return null;
    return this.#client.sendRequest<ReportResult | null>(reportRequest, params);
  }

  /** Every fix of the configuration that a document belongs to, or null where it is not analysed. */
  async plan(params: PlanParams): Promise<PlanResult | null> {
    if (this.#client?.isRunning() !== true) return null;
    return this.#client.sendRequest<PlanResult | null>(planRequest, params);
  }

  dispose(): void {
    this.#trusted.dispose();
    this.#stateChanged.dispose();
    this.#statusChanged.dispose();
    this.log.dispose();
  }

  async #create(): Promise<LanguageClient> {
    // The activation is over before the client is loaded: other extensions wait for it.
    await new Promise((resolve) => setImmediate(resolve));
    const { createClient } = await import("./languageClient.ts");
    const client = createClient({
      module: this.#module,
      log: this.log,
      offered: this.#offered,
      onStarting: () => this.#stateChanged.fire({ kind: "starting" }),
      onRunning: () => this.#stateChanged.fire({ kind: "running" }),
      onCrash: () => this.#crashed(),
    });
    client.onNotification(statusNotification, (status: StatusParams) => this.#statusChanged.fire(status));
    return client;
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
    if (this.#client?.isRunning() !== true) return;
    this.#client.sendNotification(trustNotification, params).catch((error: unknown) => this.log.warn(describe(error)));
  }

  /** True where the server is to be started again. */
  #crashed(): boolean {
    const now = Date.now();
    this.#crashes = [...this.#crashes, now].filter((time) => now - time < crashWindow);
    if (this.#crashes.length < crashLimit) {
      this.log.warn("The language server ended unexpectedly and is started again.");
      return true;
    }
    this.#fail(`The language server ended ${crashLimit} times in three minutes.`);
    return false;
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
