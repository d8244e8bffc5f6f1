/** "Check...": opens a configuration, has it checked whatever its name is, and says what was found. */
import * as vscode from "vscode";
import { languageIds, type DocumentStatus } from "../../server/src/shared/protocol.ts";
import { isServed } from "./documents.ts";
import { messageText } from "./messageText.ts";
import { tellTrouble } from "./notices.ts";
import type { Status } from "./status.ts";
import { countText } from "./statusText.ts";
import { mayBeNginx } from "./treatAsNginx.ts";

/** Milliseconds to wait for an answer: longer than the largest configuration takes. */
const patience = 60_000;

export async function check(status: Status): Promise<void> {
  const active = vscode.window.activeTextEditor?.document;
  const isMeant = active !== undefined && (isServed(active) || mayBeNginx(active));
  const document = isMeant ? active : await openMainFile();
  if (document === undefined) return;
  const served = isServed(document)
    ? document
    : await vscode.languages.setTextDocumentLanguage(document, languageIds[0]);
  const answer = await answerFor(served.uri.toString(), status);
  if (answer === null || answer.error !== null) return tellTrouble(status);
  const shown = status.shown.text.replace(/^SELinux: /, "");
  const problems = "Show Problems";
  const said = await vscode.window.showInformationMessage(
    messageText(
      `${vscode.workspace.asRelativePath(served.uri)}: ${countText(answer)} in its configuration (${shown}).`,
    ),
    ...(answer.errors + answer.warnings === 0 ? [] : [problems]),
  );
  if (said === problems) await vscode.commands.executeCommand("workbench.actions.view.problems");
}

async function openMainFile(): Promise<vscode.TextDocument | undefined> {
  const uri = await chooseMainFile();
  return uri === undefined ? undefined : (await vscode.window.showTextDocument(uri)).document;
}

async function chooseMainFile(): Promise<vscode.Uri | undefined> {
  const found = await vscode.workspace.findFiles("**/nginx.conf", "**/node_modules/**", 100);
  if (found.length === 1) return found[0];
  if (found.length === 0) {
    const chosen = await vscode.window.showOpenDialog({ title: "Check an nginx configuration", canSelectMany: false });
    return chosen?.[0];
  }
  const items = found.map((uri) => ({ label: vscode.workspace.asRelativePath(uri), uri }));
  const chosen = await vscode.window.showQuickPick(items, { title: "Check an nginx configuration" });
  return chosen?.uri;
}

/** The document's status, as soon as there is one; null where none comes. */
function answerFor(uri: string, status: Status): Promise<DocumentStatus | null> {
  return new Promise((resolve) => {
    const done = (answer: DocumentStatus | null): void => {
      clearTimeout(timer);
      subscription.dispose();
      resolve(answer);
    };
    const look = (): void => {
      const answer = status.of(uri);
      if (answer !== null || status.state.kind === "failed") done(answer);
    };
    const timer = setTimeout(() => done(null), patience);
    const subscription = status.onDidChange(look);
    look();
  });
}
