/** The command table. */
import { homedir } from "node:os";
import * as vscode from "vscode";
import {
  copyCommandsCommand,
  explainCommand,
  explainDenialCommand,
  planFormats,
  runInTerminalCommand,
  showModuleCommand,
  showPlanCommand,
  showReportCommand,
  silenceCommand,
  verifyCommand,
  type DocumentStatus,
  type ExplainParams,
  type FixParams,
  type PlanParams,
  type SilenceParams,
} from "../../server/src/shared/protocol.ts";
import { bundledReleases } from "../../server/src/base/bundledReleases.ts";
import { settingsSection } from "../../server/src/shared/settings.ts";
import { check } from "./check.ts";
import {
  checkCommand,
  choosePolicyCommand,
  installCommandLineCommand,
  menuCommand,
  refreshCommand,
  restartCommand,
  showDetailsCommand,
  showLogCommand,
  writeSnapshotCommand,
} from "./commandIds.ts";
import { meantDocument, type DetailDocuments } from "./documents.ts";
import { installCommandLine } from "./installCommandLine.ts";
import { tellGone, tellNotChecked } from "./notices.ts";
import type { ReportPanel } from "./report.ts";
import { readCommands, type OfferedCommands } from "./offeredCommands.ts";
import type { Server } from "./server.ts";
import { silence } from "./silence.ts";
import type { Status } from "./status.ts";
import { detailsText } from "./statusText.ts";
import { typeInTerminal } from "./terminal.ts";
import { verify } from "./verify.ts";
import { writeSnapshot } from "./writeSnapshot.ts";

export interface CommandParts {
  readonly server: Server;
  /** Starts the server where it was not started yet. */
  readonly start: () => Promise<void>;
  readonly status: Status;
  readonly offered: OfferedCommands;
  readonly details: DetailDocuments;
  readonly report: ReportPanel;
  /** Path of the bundled command line. */
  readonly program: string;
}

/** Registers every command of package.json. */
export function registerCommands(parts: CommandParts): vscode.Disposable {
  const { server, start, status, offered, details, report, program } = parts;
  const table: Readonly<Record<string, (argument: unknown) => unknown>> = {
    [checkCommand]: () => check(status),
    [menuCommand]: () => showMenu(),
    [choosePolicyCommand]: () => choosePolicy(status.document),
    [showDetailsCommand]: () => details.show("SELinux policy", detailsOf(status)),
    [refreshCommand]: () => server.refresh(),
    [writeSnapshotCommand]: () => writeSnapshot(server, status.document),
    [restartCommand]: () => server.restart(),
    [showLogCommand]: () => server.log.show(),
    [installCommandLineCommand]: () => installCommandLine(program),
    [copyCommandsCommand]: async (argument) => copyCommands(await commandsOf(server, argument)),
    [runInTerminalCommand]: async (argument) => runInTerminal(offered.lineFor(await commandsOf(server, argument))),
    [silenceCommand]: (argument) => (isSilenceParams(argument) ? silence(server, argument) : undefined),
    [explainCommand]: (argument) => explain(server, details, argument),
    [explainDenialCommand]: (argument) => explainDenial(server, details, argument),
    [verifyCommand]: (argument) => verify(server, argument, status.document?.uri ?? null),
    [showReportCommand]: () => report.show(status.document?.uri ?? null),
    [showPlanCommand]: (argument) => showPlan(server, argument, status.document?.uri ?? null),
    [showModuleCommand]: (argument) => showModule(server, argument),
  };
  return vscode.Disposable.from(
    ...Object.entries(table).map(([id, run]) =>
      vscode.commands.registerCommand(id, async (argument: unknown) => {
        await start();
        return run(argument);
      }),
    ),
  );
}

interface PolicyItem extends vscode.QuickPickItem {
  readonly value: string | null;
}

async function choosePolicy(status: DocumentStatus | null): Promise<void> {
  const section = vscode.workspace.getConfiguration(settingsSection, vscode.window.activeTextEditor?.document.uri);
  const current = section.get<string>("policy", "auto");
  const items: readonly PolicyItem[] = [
    {
      label: "auto",
      value: "auto",
      description: "This host, else the workspace's snapshot, else the release of this machine",
      detail: automaticChoice(current, status),
    },
    {
      label: "live",
      value: "live",
      description: "The policy of this host, without root",
      detail: status?.whyNotLive ?? "",
    },
    ...bundledReleases.map(({ name, title }) => ({ label: name, value: name, description: title })),
    { label: "Choose a file …", value: null, description: "Another machine's policy: a snapshot or policy.NN" },
  ].map((item) => (item.value === current ? { ...item, label: `$(check) ${item.label}` } : item));
  const chosen = await vscode.window.showQuickPick(items, {
    title: "SELinux policy that decides",
    placeHolder: `Now: ${current}`,
  });
  const value = chosen === undefined ? undefined : (chosen.value ?? (await chooseSnapshot()));
  if (value === undefined) return;
  const target =
    vscode.workspace.workspaceFolders === undefined
      ? vscode.ConfigurationTarget.Global
      : vscode.ConfigurationTarget.Workspace;
  await section.update("policy", value, target);
}

/** What `auto` came to, where that is what decides. */
function automaticChoice(current: string, status: DocumentStatus | null): string {
  return current === "auto" ? (status?.policy?.reason ?? "") : "";
}

async function chooseSnapshot(): Promise<string | undefined> {
  const chosen = await vscode.window.showOpenDialog({
    title: "Choose a snapshot or a policy file",
    canSelectMany: false,
  });
  return chosen?.[0]?.fsPath;
}

async function showMenu(): Promise<void> {
  const items = [
    { label: "$(shield) Choose Policy...", command: choosePolicyCommand },
    { label: "$(graph) Show Report", command: showReportCommand },
    { label: "$(info) Show Policy Details", command: showDetailsCommand },
    { label: "$(refresh) Refresh", command: refreshCommand },
    { label: "$(output) Show Log", command: showLogCommand },
    { label: "$(save) Write Policy Snapshot...", command: writeSnapshotCommand },
    { label: "$(debug-restart) Restart Server", command: restartCommand },
  ];
  const chosen = await vscode.window.showQuickPick(items, { title: "SELinux for nginx" });
  if (chosen !== undefined) await vscode.commands.executeCommand(chosen.command);
}

function detailsOf(status: Status): string {
  return detailsText(status.shown, status.document, (uri) => vscode.workspace.asRelativePath(vscode.Uri.parse(uri)));
}

/** A code action holds its commands; the link of a hover names a fix, whose commands the server says. */
function commandsOf(server: Server, argument: unknown): unknown {
  return isExplainParams(argument) && isFixParams(argument) ? server.fixCommands(argument) : argument;
}

async function copyCommands(argument: unknown): Promise<void> {
  const commands = readCommands(argument);
  if (commands === null) return tellGone();
  await vscode.env.clipboard.writeText(`${commands.join("\n")}\n`);
  vscode.window.setStatusBarMessage(`$(check) ${commands.length === 1 ? "Command" : "Commands"} copied`, 3_000);
}

async function runInTerminal(line: string | null): Promise<void> {
  if (line === null) return tellGone();
  await typeInTerminal(line);
}

async function explain(server: Server, details: DetailDocuments, argument: unknown): Promise<void> {
  if (!isExplainParams(argument)) return;
  const result = await server.explain(argument);
  if (result === null) return tellGone();
  await details.show(result.title, result.markdown);
}

/** What a code action gave; else the selection, the clipboard where it looks like a log, or what is typed. */
async function explainDenial(server: Server, details: DetailDocuments, argument: unknown): Promise<void> {
  const text = textOf(argument) ?? selectedText() ?? (await textOfUser());
  if (text === undefined || text.trim() === "") return;
  const result = await server.explainLog({ text });
  if (result !== null) await details.show(result.title, result.markdown);
}

function textOf(argument: unknown): string | undefined {
  return typeof argument === "object" && argument !== null && "text" in argument && typeof argument.text === "string"
    ? argument.text
    : undefined;
}

function selectedText(): string | undefined {
  const editor = vscode.window.activeTextEditor;
  const text = editor?.document.getText(editor.selection) ?? "";
  return text.trim() === "" ? undefined : text;
}

async function textOfUser(): Promise<string | undefined> {
  const copied = await vscode.env.clipboard.readText();
  if (/avc:|denied|SELinux is preventing/i.test(copied)) return copied;
  return vscode.window.showInputBox({
    title: "Explain an SELinux denial",
    placeHolder: "A line from audit.log, the journal, sealert, or nginx's error log",
  });
}

/** Opens the plan as a new document, for the user to read, change and save. */
async function showPlan(server: Server, argument: unknown, last: string | null): Promise<void> {
  const params = planParams(argument, last);
  if (params === null) return;
  const result = await server.plan(params);
  if (result === null) return tellNotChecked();
  const document = await vscode.workspace.openTextDocument({ language: result.language, content: result.text });
  await vscode.window.showTextDocument(document, { viewColumn: vscode.ViewColumn.Beside });
}

/**
 * Opens a policy module as a document that is named like its file, and not saved: the user reads it, and saving writes it to
 * the workspace's folder, else to the user's home, or wherever "Save As" says.
 */
async function showModule(server: Server, argument: unknown): Promise<void> {
  if (!isExplainParams(argument) || !isFixParams(argument)) return;
  const result = await server.module(argument);
  if (result === null || !/^[\w.-]+\.cil$/.test(result.name)) return tellGone();
  const folder = vscode.workspace.getWorkspaceFolder(vscode.Uri.parse(argument.uri))?.uri ?? vscode.Uri.file(homedir());
  const document = await vscode.workspace.openTextDocument(await unsaved(vscode.Uri.joinPath(folder, result.name)));
  const edit = new vscode.WorkspaceEdit();
  edit.replace(document.uri, new vscode.Range(0, 0, document.lineCount, 0), result.text);
  await vscode.workspace.applyEdit(edit);
  await vscode.window.showTextDocument(document, { viewColumn: vscode.ViewColumn.Beside });
}

/** The file where there is one, since a new document cannot have its name; else the new document. */
async function unsaved(file: vscode.Uri): Promise<vscode.Uri> {
  return vscode.workspace.fs.stat(file).then(
    () => file,
    () => file.with({ scheme: "untitled" }),
  );
}

function isFixParams(value: ExplainParams): value is FixParams {
  return "fix" in value && typeof value.fix === "string";
}

function isSilenceParams(value: unknown): value is SilenceParams {
  return isExplainParams(value) && "silence" in value && typeof value.silence === "string";
}

/** What a code action gave, or a script for the document in front, or for `last`. */
function planParams(value: unknown, last: string | null): PlanParams | null {
  if (typeof value === "object" && value !== null && "uri" in value && "format" in value) {
    const format = planFormats.find((each) => each === value.format);
    return typeof value.uri === "string" && format !== undefined ? { uri: value.uri, format } : null;
  }
  const uri = meantDocument(last);
  return uri === null ? null : { uri, format: "script" };
}

function isExplainParams(value: unknown): value is ExplainParams {
  return (
    typeof value === "object" &&
    value !== null &&
    "uri" in value &&
    typeof value.uri === "string" &&
    "rule" in value &&
    typeof value.rule === "string" &&
    "key" in value &&
    typeof value.key === "string" &&
    "line" in value &&
    typeof value.line === "number" &&
    "character" in value &&
    typeof value.character === "number"
  );
}
