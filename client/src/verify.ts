/** "Verify": the user applies the fix, reloads nginx and uses the page; then the host's logs are asked for new denials. */
import * as vscode from "vscode";
import { meantDocument } from "./documents.ts";
import { messageText } from "./messageText.ts";
import { tellNotChecked } from "./notices.ts";
import type { Server } from "./server.ts";

const LOOK = "Look for New Denials";

/** `argument`: what a code action gave; else the document in front is meant, or `last`. */
export async function verify(server: Server, argument: unknown, last: string | null): Promise<void> {
  const uri = uriOf(argument) ?? meantDocument(last);
  if (uri === null) return;
  const begun = await server.verify({ uri, since: null });
  if (begun === null) return tellNotChecked();
  // Logs have whole seconds.
  const since = Math.floor(begun.now / 1000) * 1000;
  const step = "Apply the fix, reload nginx (sudo nginx -s reload), and use the page once.";
  if ((await vscode.window.showInformationMessage(step, LOOK)) !== LOOK) return;
  const result = await server.verify({ uri, since });
  if (result === null) return tellNotChecked();
  const { message } = result;
  const show = message.startsWith("No new denial")
    ? vscode.window.showInformationMessage
    : vscode.window.showWarningMessage;
  await show(messageText(message));
}

function uriOf(argument: unknown): string | null {
  return typeof argument === "object" && argument !== null && "uri" in argument && typeof argument.uri === "string"
    ? argument.uri
    : null;
}
