/** Files that are nginx's by what stands in them: the user is asked once for each folder. */
import * as vscode from "vscode";
import { languageIds } from "../../server/src/shared/protocol.ts";
import { isServed, isUnclaimed } from "./documents.ts";
import { messageText } from "./messageText.ts";
import type { Server } from "./server.ts";

const bytesLookedAt = 64 * 1024;
/** Answers by the URI of the folder, in the state of the workspace. */
const memory = "treatAsNginx";
/** Directives that most configurations, and most parts of one, have. */
const telling =
  /^\s*(?:server|location|upstream|http|stream|events|listen|map|geo|root|access_log|error_log|(?:proxy|fastcgi|uwsgi|scgi|grpc|ssl|client|limit)_\w+)(?=[\s{])[^\n]*[;{]/m;
const accept = "Treat as nginx";
const decline = "Do Not";

/** `start`: starts the server. Offers the language for documents that are opened, and gives it in folders where that was accepted. */
export function offerLanguage(server: Server, start: () => Promise<void>, state: vscode.Memento): vscode.Disposable {
  const asked = new Set<string>();
  /** False where the answer of the folder was no, or the question stands, or was closed. */
  const isOpen = (folder: string): boolean => answers(state)[folder] ?? !asked.has(folder);
  const look = async (document: vscode.TextDocument | undefined): Promise<void> => {
    if (document === undefined || isServed(document) || !mayBeNginx(document)) return;
    const folder = folderOf(document);
    if (!isOpen(folder)) return;
    await start();
    // In the meantime another file of the folder may have led to the question.
    if (!(await server.recognise(document.getText().slice(0, bytesLookedAt))) || !isOpen(folder)) return;
    if (answers(state)[folder] === true) {
      if (!document.isClosed) await vscode.languages.setTextDocumentLanguage(document, languageIds[0]);
      return;
    }
    asked.add(folder);
    const said = await ask(document);
    if (said === undefined) return;
    await state.update(memory, { ...answers(state), [folder]: said === accept });
    const inFolder = vscode.workspace.textDocuments.filter((each) => folderOf(each) === folder);
    await Promise.all(inFolder.map(look));
  };
  void look(vscode.window.activeTextEditor?.document);
  return vscode.window.onDidChangeActiveTextEditor((editor) => void look(editor?.document));
}

function ask(document: vscode.TextDocument): Thenable<string | undefined> {
  const name = vscode.workspace.asRelativePath(document.uri);
  const question = `${name} looks like an nginx configuration. Check it, and others in its folder, against SELinux?`;
  return vscode.window.showInformationMessage(messageText(question), accept, decline);
}

/** True for a file that may be nginx's by its first look; the server decides. Its name may be that of a site: `shop.example.com`. */
export function mayBeNginx(document: vscode.TextDocument): boolean {
  return isCandidate(document) && telling.test(document.getText().slice(0, bytesLookedAt));
}

/** A file that no extension has claimed. */
function isCandidate(document: vscode.TextDocument): boolean {
  const ours = document.uri.scheme === "file" || vscode.workspace.getWorkspaceFolder(document.uri) !== undefined;
  return ours && isUnclaimed(document);
}

function folderOf({ uri }: vscode.TextDocument): string {
  return vscode.Uri.joinPath(uri, "..").toString();
}

function answers(state: vscode.Memento): Readonly<Record<string, boolean>> {
  return state.get<Readonly<Record<string, boolean>>>(memory, {});
}
