/** Files that are nginx's by what stands in them: the user is asked once for each folder. */
import * as vscode from "vscode";
import { languageIds } from "../../server/src/shared/protocol.ts";
import { isServed, isUnclaimed } from "./documents.ts";
import type { Server } from "./server.ts";

const bytesLookedAt = 64 * 1024;
/** Answers by the URI of the folder, in the state of the workspace. */
const memory = "treatAsNginx";
/** Directives that most configurations, and most parts of one, have. */
const telling = /^\s*(?:server|location|upstream|http|stream|events|listen|proxy_\w+|fastcgi_\w+|ssl_\w+)\s[^\n]*[;{]/m;
const accept = "Treat as nginx";
const decline = "Do Not";

/** `start`: starts the server. Offers the language for documents that are opened, and gives it in folders where that was accepted. */
export function offerLanguage(server: Server, start: () => Promise<void>, state: vscode.Memento): vscode.Disposable {
  const asked = new Set<string>();
  const look = async (document: vscode.TextDocument | undefined): Promise<void> => {
    if (document === undefined || isServed(document) || !mayBeNginx(document)) return;
    const folder = vscode.Uri.joinPath(document.uri, "..").toString();
    const answer = answers(state)[folder];
    if (answer === false || (answer === undefined && asked.has(folder))) return;
    await start();
    if (!(await server.recognise(document.getText().slice(0, bytesLookedAt)))) return;
    if (answer === undefined) {
      asked.add(folder);
      const name = vscode.workspace.asRelativePath(document.uri);
      const said = await vscode.window.showInformationMessage(
        `${name} looks like an nginx configuration. Check it, and others in its folder, against SELinux?`,
        accept,
        decline,
      );
      if (said === undefined) return;
      await state.update(memory, { ...answers(state), [folder]: said === accept });
      if (said !== accept) return;
    }
    if (!document.isClosed) await vscode.languages.setTextDocumentLanguage(document, languageIds[0]);
  };
  void look(vscode.window.activeTextEditor?.document);
  return vscode.window.onDidChangeActiveTextEditor((editor) => void look(editor?.document));
}

/** True for a file that may be nginx's by its name and its first look; the server decides. */
export function mayBeNginx(document: vscode.TextDocument): boolean {
  return isCandidate(document) && telling.test(document.getText().slice(0, bytesLookedAt));
}

/** A file that no extension has claimed, and that nginx could include by its name. */
function isCandidate(document: vscode.TextDocument): boolean {
  const name = document.uri.path.slice(document.uri.path.lastIndexOf("/") + 1);
  const ours = document.uri.scheme === "file" || vscode.workspace.getWorkspaceFolder(document.uri) !== undefined;
  return (
    ours && isUnclaimed(document) && (!name.includes(".") || /\.(?:conf|cfg|inc|vhost|tmpl|template|txt)$/.test(name))
  );
}

function answers(state: vscode.Memento): Readonly<Record<string, boolean>> {
  return state.get<Readonly<Record<string, boolean>>>(memory, {});
}
