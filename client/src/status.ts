/** The language status item: which policy the answers come from, and why, at all times. */
import * as vscode from "vscode";
import type { DocumentStatus, StatusParams } from "../../server/src/shared/protocol.ts";
import {
  choosePolicyCommand,
  refreshCommand,
  restartCommand,
  showDetailsCommand,
  writeSnapshotCommand,
} from "./commandIds.ts";
import { documentSelector, isServed } from "./documents.ts";
import type { ServerState } from "./server.ts";

/** What the item shows; also what tests read. */
export interface StatusText {
  readonly text: string;
  readonly detail: string;
  readonly severity: "information" | "warning" | "error";
  readonly busy: boolean;
}

export class Status implements vscode.Disposable {
  readonly #policyItem: vscode.LanguageStatusItem;
  readonly #actionItem: vscode.LanguageStatusItem;
  readonly #hostItem: vscode.LanguageStatusItem;
  readonly #snapshotItem: vscode.LanguageStatusItem;
  readonly #subscription: vscode.Disposable;
  readonly #changed = new vscode.EventEmitter<void>();
  /** Fires when `shown` may have changed. */
  readonly onDidChange = this.#changed.event;
  #state: ServerState = { kind: "starting" };
  #documents: ReadonlyMap<string, DocumentStatus> = new Map();
  /** URI of the served document that is, or was last, in front. */
  #front: string | null = null;

  constructor() {
    const selector = documentSelector();
    this.#policyItem = vscode.languages.createLanguageStatusItem("nginxSelinux.policy", selector);
    this.#policyItem.name = "SELinux policy";
    this.#actionItem = vscode.languages.createLanguageStatusItem("nginxSelinux.details", selector);
    this.#actionItem.name = "SELinux for nginx";
    this.#hostItem = vscode.languages.createLanguageStatusItem("nginxSelinux.host", selector);
    this.#hostItem.name = "SELinux host";
    this.#hostItem.command = { command: refreshCommand, title: "Refresh" };
    this.#snapshotItem = vscode.languages.createLanguageStatusItem("nginxSelinux.snapshot", selector);
    this.#snapshotItem.name = "SELinux policy snapshot";
    this.#snapshotItem.command = { command: writeSnapshotCommand, title: "Write Snapshot" };
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
    return (this.#front === null ? undefined : this.#documents.get(this.#front)) ?? null;
  }

  /** What the item shows. */
  get shown(): StatusText {
    return statusText(this.#state, this.document);
  }

  dispose(): void {
    this.#subscription.dispose();
    this.#changed.dispose();
    this.#policyItem.dispose();
    this.#actionItem.dispose();
    this.#hostItem.dispose();
    this.#snapshotItem.dispose();
  }

  #render(): void {
    const active = vscode.window.activeTextEditor?.document;
    if (active !== undefined && isServed(active)) this.#front = active.uri.toString();
    const { text, detail, severity, busy } = this.shown;
    this.#policyItem.text = text;
    this.#policyItem.detail = detail;
    this.#policyItem.busy = busy;
    this.#policyItem.severity = {
      information: vscode.LanguageStatusSeverity.Information,
      warning: vscode.LanguageStatusSeverity.Warning,
      error: vscode.LanguageStatusSeverity.Error,
    }[severity];
    this.#policyItem.command = { command: choosePolicyCommand, title: "Choose Policy" };
    this.#hostItem.text = hostText(this.document);
    this.#snapshotItem.text = "Policy as a file";
    const failed = this.#state.kind === "failed";
    this.#actionItem.text = mainFileText(this.document);
    this.#actionItem.command = failed
      ? { command: restartCommand, title: "Restart Server" }
      : { command: showDetailsCommand, title: "Show Details" };
    this.#changed.fire();
  }
}

/** URIs as VS Code prints them, so that two spellings of one file meet. */
function key(uri: string): string {
  return vscode.Uri.parse(uri).toString();
}

function mainFileText(status: DocumentStatus | null): string {
  const mainFile = status?.mainFile ?? null;
  if (mainFile !== null) return `Read from ${vscode.workspace.asRelativePath(vscode.Uri.parse(mainFile))}`;
  const context = status?.fragmentContext ?? null;
  if (context !== null) return `Read alone, as part of ${context}`;
  return "SELinux for nginx";
}

/** What is known of the host, and since when. */
function hostText(status: DocumentStatus | null): string {
  const since = timeOf(status?.asOf ?? null);
  if (since !== null) return `Host watched, unchanged since ${since}`;
  return (status?.whyNotLive ?? null) === null ? "No host is asked" : "Not live";
}

/** The time of day, with the day where it is another one; `milliseconds` since 1970. */
export function timeOf(milliseconds: number | null): string | null {
  if (milliseconds === null) return null;
  const time = new Date(milliseconds);
  const isToday = time.toDateString() === new Date().toDateString();
  return isToday ? time.toLocaleTimeString() : time.toLocaleString();
}

/** What to show for a server state and a document; pure, so that it can be read at a glance. */
function statusText(state: ServerState, status: DocumentStatus | null): StatusText {
  if (state.kind === "failed") {
    return { text: "SELinux: not running", detail: state.reason, severity: "error", busy: false };
  }
  if (state.kind === "starting" || status === null) {
    return { text: "SELinux: …", detail: "Reading the policy", severity: "information", busy: true };
  }
  if (status.policy === null) {
    return { text: "SELinux: no policy", detail: status.error ?? "", severity: "error", busy: false };
  }
  const { name, source, mode, reason, title } = status.policy;
  const { disagreements, container, notReadable } = status;
  if (container !== null) {
    const detail = `${container}, so nothing of the host is checked`;
    return { text: "SELinux: not checked (container)", detail, severity: "information", busy: false };
  }
  const objection = disagreements.length === 0 ? "" : `The kernel disagrees: ${disagreements.join("; ")}. `;
  const gap = notReadable === null ? "" : `${notReadable}. `;
  return {
    text: `SELinux: ${name} (${mode === "assumed" ? source : `${source}, ${mode}`})`,
    detail: `${objection}${gap}${reason ?? title}`,
    severity: mode === "disabled" || mode === "permissive" || objection !== "" ? "warning" : "information",
    busy: false,
  };
}
