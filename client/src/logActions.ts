/** "Explain this denial" on lines of logs. */
import * as vscode from "vscode";
import { explainDenialCommand, type ExplainLogParams } from "../../server/src/shared/protocol.ts";

/** Logs by language, and by name where no extension has claimed them. */
const logs: vscode.DocumentSelector = [
  { language: "log" },
  ...["**/audit.log*", "**/error.log*", "**/messages*", "**/*.log"].map((pattern) => ({ pattern })),
];

/** What a line that tells of a refusal holds; what it says is the server's to read. */
const refusal =
  /avc:\s|\((?:13|1): (?:Permission denied|Operation not permitted)|SELinux is preventing|system lib.*Permission denied/;

/** Lines around the selection that belong to the same event of the audit log. */
const MOST_AROUND = 10;
/** Lines of a selection that are explained. */
const MOST_LINES = 500;

export function registerLogActions(): vscode.Disposable {
  return vscode.languages.registerCodeActionsProvider(
    logs,
    { provideCodeActions: (document, range) => actionsAt(document, range) },
    { providedCodeActionKinds: [vscode.CodeActionKind.QuickFix] },
  );
}

function actionsAt(document: vscode.TextDocument, range: vscode.Range): vscode.CodeAction[] {
  const text = eventText(document, range);
  if (!refusal.test(text)) return [];
  const action = new vscode.CodeAction("Explain this denial", vscode.CodeActionKind.QuickFix);
  const params: ExplainLogParams = { text };
  action.command = { command: explainDenialCommand, title: action.title, arguments: [params] };
  return [action];
}

/** The selected lines, with those around them that are records of the same event. */
function eventText(document: vscode.TextDocument, range: vscode.Range): string {
  const last = Math.min(range.end.line, range.start.line + MOST_LINES);
  const lines = [];
  for (let line = range.start.line; line <= last; line++) lines.push(document.lineAt(line).text);
  const event = /audit\([^()]+\)/.exec(lines.join("\n"))?.[0];
  if (event === undefined) return lines.join("\n");
  for (let line = range.start.line - 1; line >= Math.max(0, range.start.line - MOST_AROUND); line--) {
    const { text } = document.lineAt(line);
    if (!text.includes(event)) break;
    lines.unshift(text);
  }
  for (let line = last + 1; line < Math.min(document.lineCount, last + MOST_AROUND); line++) {
    const { text } = document.lineAt(line);
    if (!text.includes(event)) break;
    lines.push(text);
  }
  return lines.join("\n");
}
