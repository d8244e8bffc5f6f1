/**
 * What client and server say to each other beyond LSP, typed once. The client imports this file and nothing else of the
 * server but `settings.ts`. Plain names and types: each side makes its own `NotificationType` or `RequestType`.
 */
import type { ReportPolicy } from "./report.ts";

/** Language ids that are served: the one most nginx extensions use, and the other one in use. */
export const languageIds = ["nginx", "NGINX"] as const;

/** What the client passes as `initializationOptions`. Anything else counts as untrusted. */
export interface InitializationOptions {
  /** `vscode.workspace.isTrusted`. */
  readonly trusted: boolean;
}

/** Client to server, when the user trusts the workspace. No parameters besides this. */
export const trustNotification = "nginxSelinux/trust";
export interface TrustParams {
  readonly trusted: boolean;
}

/** Server to client, after each computation that changed it: what every open document's answers come from. */
export const statusNotification = "nginxSelinux/status";
export interface StatusParams {
  /** One entry for each open document that is served. */
  readonly documents: readonly DocumentStatus[];
}

export interface DocumentStatus {
  readonly uri: string;
  /** Which policy answers, where it comes from and why it was chosen (`reason`). Null where none could be loaded. */
  readonly policy: ReportPolicy | null;
  /** Why there is no policy, for the user. Null where there is one. */
  readonly error: string | null;
  /** URI of the main file whose includes reach the document; the document itself where it is one; null for a lone fragment. */
  readonly mainFile: string | null;
  /** Context that a lone fragment is read in, for example `http`. Null where `mainFile` is known. */
  readonly fragmentContext: string | null;
}

/** Client to server: everything known about one diagnostic, as a Markdown text to show. Null where it is gone. */
export const explainRequest = "nginxSelinux/explain";
export interface ExplainParams {
  readonly uri: string;
  /** Rule id: the diagnostic's code. */
  readonly rule: string;
  /** Where the diagnostic starts, LSP position. */
  readonly line: number;
  readonly character: number;
}
export interface ExplainResult {
  readonly title: string;
  readonly markdown: string;
}

/** Client commands that code actions name. */
export const copyCommandsCommand = "nginxSelinux.copyCommands";
export const runInTerminalCommand = "nginxSelinux.runInTerminal";
export const explainCommand = "nginxSelinux.explain";

/** The one argument of `copyCommandsCommand` and `runInTerminalCommand`. */
export interface CommandsArgument {
  /** Shell commands in the order in which they must run. */
  readonly commands: readonly string[];
}

/** The one argument of `explainCommand` is `ExplainParams`. */
