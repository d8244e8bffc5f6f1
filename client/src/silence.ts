/** "Silence": asks for the reason and writes the comment. */
import * as vscode from "vscode";
import { isReason } from "../../server/src/base/silenceReason.ts";
import type { SilenceParams } from "../../server/src/shared/protocol.ts";
import type { Server } from "./server.ts";

/** nginx refuses longer comments; the rule and the indentation need some of it. */
const longest = 3000;

export async function silence(server: Server, params: SilenceParams): Promise<void> {
  const reason = await vscode.window.showInputBox({
    title: `Silence ${params.silence} here`,
    prompt: "Why is it right as it is? The reason is written into the comment.",
    placeHolder: "this port gets its label from our Ansible role",
    validateInput: (text) => objection(text),
  });
  if (reason === undefined || objection(reason) !== null) return;
  const edit = await server.silence({ ...params, reason: reason.trim() });
  if (edit === null) {
    void vscode.window.showWarningMessage(`The finding of ${params.silence} is gone, so nothing was silenced.`);
    return;
  }
  const changes = new vscode.WorkspaceEdit();
  changes.set(vscode.Uri.parse(params.uri), [edit]);
  await vscode.workspace.applyEdit(changes);
}

function objection(text: string): string | null {
  if (!isReason(text.trim())) return "A reason is needed.";
  return text.length > longest ? "This is longer than a comment of nginx may be." : null;
}
