/** Starts the server with the first document that may be nginx's: the extension is activated for every `.conf` file. */
import * as vscode from "vscode";
import { isServed } from "./documents.ts";
import { mayBeNginx } from "./treatAsNginx.ts";

/** Calls `start` as soon as such a document is open, or the workspace has an nginx.conf. */
export function startWhenNeeded(start: () => Promise<void>): vscode.Disposable {
  const look = (document: vscode.TextDocument): void => {
    if (isServed(document) || document.languageId === "log" || mayBeNginx(document)) void start();
  };
  vscode.workspace.textDocuments.forEach(look);
  void vscode.workspace.findFiles("**/nginx.conf", "**/node_modules/**", 1).then(([found]) => {
    if (found !== undefined) void start();
  });
  return vscode.workspace.onDidOpenTextDocument(look);
}
