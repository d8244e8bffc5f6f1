/** The status bar item: which policy the answers come from while a served file is in front, and what went wrong. */
import * as vscode from "vscode";
import type { DocumentStatus, StatusParams } from "../../server/src/shared/protocol.ts";
import { menuCommand } from "./commandIds.ts";
import { isServed } from "./documents.ts";
import type { ServerState } from "./server.ts";
import { statusText, type StatusText } from "./statusText.ts";

export class Status implements vscode.Disposable {
  readonly #item: vscode.StatusBarItem;
  readonly #subscription: vscode.Disposable;
  readonly #changed = new vscode.EventEmitter<void>();
  /** Fires when `shown` may have changed. */
  readonly onDidChange = this.#changed.event;
  #state: ServerState = { kind: "starting" };
  #documents: ReadonlyMap<string, DocumentStatus> = new Map();
  /** URI of the served document that is, or was last, in front. */
  #front: string | null = null;

  constructor() {
    this.#item = vscode.window.createStatusBarItem("policy", vscode.StatusBarAlignment.Right, 100);
    this.#item.name = "SELinux for nginx";
    this.#item.command = menuCommand;
    this.#subscription = vscode.window.onDidChangeActiveTextEditor(() => this.#render());
    this.#render();
  }

  /** Takes in what the server process is doing. */
  setState(state: ServerState): void {
    this.#state = state;
    this.#render();
  }

  /** Takes in what the server says about the open documents. */
  setStatus(status: StatusParams): void {
    this.#documents = new Map(status.documents.map((document) => [key(document.uri), document]));
    this.#render();
  }

  /** What is known about the served document that is, or was last, in front. */
  get document(): DocumentStatus | null {
    return this.#front === null ? null : this.of(this.#front);
  }

  /** What is known about a document. */
  of(uri: string): DocumentStatus | null {
    return this.#documents.get(key(uri)) ?? null;
  }

  /** What the server is doing. */
  get state(): ServerState {
    return this.#state;
  }

  /** What the item shows. */
  get shown(): StatusText {
    return statusText(this.#state, this.document);
  }

  dispose(): void {
    this.#subscription.dispose();
    this.#changed.dispose();
    this.#item.dispose();
  }

  #render(): void {
    const active = vscode.window.activeTextEditor?.document;
    const isInFront = active !== undefined && isServed(active);
    if (isInFront) this.#front = active.uri.toString();
    const { text, detail, severity, busy } = this.shown;
    this.#item.text = busy ? `$(loading~spin) ${text}` : text;
    this.#item.tooltip = detail;
    this.#item.backgroundColor =
      severity === "information" ? undefined : new vscode.ThemeColor(`statusBarItem.${severity}Background`);
    if (isInFront || this.#state.kind === "failed") this.#item.show();
    else this.#item.hide();
    this.#changed.fire();
  }
}

/** URIs as VS Code prints them, so that two spellings of one file meet. */
function key(uri: string): string {
  return vscode.Uri.parse(uri).toString();
}
