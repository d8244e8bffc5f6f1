/**
 * What client and server say to each other beyond LSP, typed once. The client imports this file and nothing else of the
 * server but `settings.ts`. Plain names and types: each side makes its own `NotificationType` or `RequestType`.
 */
import type { ReportPolicy } from "./reportPolicy.ts";

/** Language ids that are served: the one most nginx extensions use, and the other one in use. */
export const languageIds = ["nginx", "NGINX"] as const;

/** What our client passes as `initializationOptions`. Settings may stand beside them. */
export interface InitializationOptions {
  /** `vscode.workspace.isTrusted`. Only an explicit `false` restricts. */
  readonly trusted?: boolean;
  /** The client has the commands that are named below, and takes our notifications. */
  readonly commands?: boolean;
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
  /** Which policy answers, where it comes from and why it was chosen (`reason`). Null where the document was not checked. */
  readonly policy: ReportPolicy | null;
  /** Why the document was not checked, for the user. Null where it was. */
  readonly error: string | null;
  /** URI of the main file whose includes reach the document; the document itself where it is one; null for a lone fragment. */
  readonly mainFile: string | null;
  /** Context that a lone fragment is read in, for example `http`. Null where `mainFile` is known. */
  readonly fragmentContext: string | null;
  /** Why no host is asked although one was wanted, for the user. Null where one is, or where another policy was asked for. */
  readonly whyNotLive: string | null;
  /** When what the host says was read, or last found changed, in milliseconds since 1970. Null where no host is asked. */
  readonly asOf: number | null;
  /** Why the configuration counts as one for nginx in a container, so that nothing of the host is said; null where it does not. */
  readonly container: string | null;
  /** What this user may not read of the configuration, and the command that checks it as root; null where there is nothing. */
  readonly notReadable: string | null;
  /** Settings that are not followed, and why; a sentence each. */
  readonly ignored: readonly string[];
  /** True where the release was assumed, because no host and no setting names one. */
  readonly assumed: boolean;
  /** Findings of the whole configuration. */
  readonly errors: number;
  readonly warnings: number;
  /** Verdicts that the kernel of the host contradicts, a sentence each. */
  readonly disagreements: readonly string[];
}

/** Client to server: look at the host, the policy and every file again. Answered with null when that is done. */
export const refreshRequest = "nginxSelinux/refresh";

/**
 * Client to server: the policy that answers for a document, as the text of a snapshot. The client writes the file.
 * Fails in an untrusted workspace, and where the policy cannot be written; the message is for the user.
 */
export const snapshotRequest = "nginxSelinux/snapshot";
export interface SnapshotParams {
  /** URI of the document; null for the policy of this machine. */
  readonly uri: string | null;
}
export interface SnapshotResult {
  readonly text: string;
  /** What the snapshot is of, for the user. */
  readonly title: string;
}

/** Client to server: everything known about one diagnostic, as a Markdown text to show. Null where it is gone. */
export const explainRequest = "nginxSelinux/explain";
export interface ExplainParams {
  readonly uri: string;
  /** Rule id: the diagnostic's code. */
  readonly rule: string;
  /** Target key: the diagnostic's data. */
  readonly key: string;
  /** Where the diagnostic starts, or started before an edit; an LSP position. */
  readonly line: number;
  readonly character: number;
}
export interface ExplainResult {
  readonly title: string;
  readonly markdown: string;
}

/** Client to server: whether a text is an nginx configuration or a part of one. Answered with true or false. */
export const recogniseRequest = "nginxSelinux/recognise";
export interface RecogniseParams {
  readonly text: string;
}

/** Client to server: lines of a log, explained as a Markdown text to show. */
export const explainLogRequest = "nginxSelinux/explainLog";
export interface ExplainLogParams {
  readonly text: string;
}

/** Client to server: whether this host has refused anything of a document's configuration since a time. */
export const verifyRequest = "nginxSelinux/verify";
export interface VerifyParams {
  readonly uri: string;
  /** Milliseconds since 1970; null asks for the time only. */
  readonly since: number | null;
}
export interface VerifyResult {
  /** Time of the host: milliseconds since 1970. */
  readonly now: number;
  /** A sentence for the user; "" where only the time was asked for. */
  readonly message: string;
}

/** Client to server: the report of the configuration that a document belongs to, as a page. Null where it is not analysed. */
export const reportRequest = "nginxSelinux/report";
export interface ReportParams {
  readonly uri: string;
  /** The extension's version, which the page names. */
  readonly version: string;
}
export interface ReportResult {
  /** The main file's name, for a title. */
  readonly title: string;
  /** A whole page with a content security policy. A click on a place posts `{ file, line, character }`, zero-based and in UTF-16. */
  readonly html: string;
  /** The documents that its places are in. */
  readonly files: readonly ReportDocument[];
}
export interface ReportDocument {
  /** As the page names it. */
  readonly path: string;
  readonly uri: string;
  /** Line of the document at which the file begins. */
  readonly firstLine: number;
}

/** A fix of a finding. */
export interface FixParams extends ExplainParams {
  /** Id of the fix. */
  readonly fix: string;
}

/** Client to server: the shell commands of a fix. Null where the finding or the fix is gone. */
export const fixCommandsRequest = "nginxSelinux/fixCommands";

/** Client to server: the policy module of a fix, as the file to install. Null where the finding or the fix is gone. */
export const moduleRequest = "nginxSelinux/module";
export interface ModuleResult {
  /** Name of the file, for example `nginx_connectto_unconfined_service_t.cil`: letters, digits, `_`, `.` and `-`. */
  readonly name: string;
  /** Comments that say what it opens and how it is installed and removed, then the rules in CIL. */
  readonly text: string;
}

/** Client to server: the edit that silences a rule at a finding. Null where the finding is gone, or the reason is none. */
export const silenceRequest = "nginxSelinux/silence";
/** The one argument of `silenceCommand`. */
export interface SilenceParams extends ExplainParams {
  /** Id of the rule to silence: one of the finding's. */
  readonly silence: string;
}
export interface SilenceRequestParams extends SilenceParams {
  readonly reason: string;
}

/** Client to server: a call of one of `assistantTools`, as a model made it. */
export const toolRequest = "nginxSelinux/tool";
export interface ToolParams {
  readonly name: string;
  readonly input: unknown;
}
export interface ToolResult {
  readonly text: string;
  /** True where the text says why there is no answer. */
  readonly isError: boolean;
}

/** Client to server: every fix of the configuration that a document belongs to, in one text. Null where there is none. */
export const planRequest = "nginxSelinux/plan";
export interface PlanParams {
  readonly uri: string;
  readonly format: PlanFormat;
}
export interface PlanResult {
  /** Language id of the text: `shellscript`, `yaml`, `plaintext`. */
  readonly language: string;
  readonly text: string;
}
/** A shell script with an undo, an Ansible playbook, one policy module. */
export const planFormats = ["script", "ansible", "ansible-role", "cil"] as const;
export type PlanFormat = (typeof planFormats)[number];

/** Kind of the source action that offers the plan; its command is `showPlanCommand`. */
export const collectFixesKind = "source.nginxSelinux.collectFixes";

/** Client commands that code actions name. */
export const showPlanCommand = "nginxSelinux.showPlan";
/** Of the palette. */
export const showReportCommand = "nginxSelinux.showReport";
export const showModuleCommand = "nginxSelinux.showModule";
export const copyCommandsCommand = "nginxSelinux.copyCommands";
export const runInTerminalCommand = "nginxSelinux.runInTerminal";
/** Asks for the reason. */
export const silenceCommand = "nginxSelinux.silence";
export const explainCommand = "nginxSelinux.explain";
/** Of the palette too; its one argument, where it has one, is `VerifyArgument`. */
export const verifyCommand = "nginxSelinux.verify";
/** Of the palette too; its one argument, where it has one, is `ExplainLogParams`. */
export const explainDenialCommand = "nginxSelinux.explainDenial";

/** The document whose configuration is verified. */
export interface VerifyArgument {
  readonly uri: string;
}

/** The one argument of `copyCommandsCommand` and `runInTerminalCommand` in code actions; in the links of hovers it is `FixParams`. */
export interface CommandsArgument {
  /** Shell commands in the order in which they must run. */
  readonly commands: readonly string[];
}

/** The one argument of `explainCommand` is `ExplainParams`, that of `showPlanCommand` is `PlanParams`, that of
 * `showModuleCommand` is `FixParams`. */
