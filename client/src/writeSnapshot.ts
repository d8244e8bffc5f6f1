/** Writing the policy that answers into a file, where the user says. */
import * as vscode from "vscode";
import type { DocumentStatus } from "../../server/src/shared/protocol.ts";
import { messageText } from "./messageText.ts";
import type { Server } from "./server.ts";

/** The name under which the server finds a snapshot by itself, at the root of the workspace. */
const usualName = "nginx-selinux.snapshot.json";

/** Asks for a place, has the server write the text, and says where it is. What goes wrong is said. */
export async function writeSnapshot(server: Server, status: DocumentStatus | null): Promise<void> {
  if (!vscode.workspace.isTrusted) return;
  try {
    // First the text: there may be none, and then no place is needed.
    const { text, title } = await server.snapshot({ uri: status?.uri ?? null });
    const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
    const target = await vscode.window.showSaveDialog({
      title: `Snapshot of ${title}`,
      filters: { Snapshots: ["json"] },
      ...(folder === undefined ? {} : { defaultUri: vscode.Uri.joinPath(folder, usualName) }),
    });
    if (target === undefined) return;
    await vscode.workspace.fs.writeFile(target, new TextEncoder().encode(text));
    const open = "Open";
    const answer = await vscode.window.showInformationMessage(
      messageText(`The policy of ${title} was written to ${vscode.workspace.asRelativePath(target)}.`),
      open,
    );
    if (answer === open) await vscode.window.showTextDocument(target);
  } catch (error) {
    void vscode.window.showWarningMessage(
      messageText(`No snapshot was written: ${error instanceof Error ? error.message : String(error)}`),
    );
  }
}
