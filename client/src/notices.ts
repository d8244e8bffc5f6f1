/** What the user is told once: that something is not checked, and that the release is a guess. */
import * as vscode from "vscode";
import { choosePolicyCommand, restartCommand, showLogCommand } from "./commandIds.ts";
import { messageText } from "./messageText.ts";
import type { Status } from "./status.ts";

const chosenBefore = "askedForRelease";

/** Watches the status and tells; each text once until it is mended. */
export function registerNotices(status: Status, state: vscode.Memento): vscode.Disposable {
  let told: string | null = null;
  let asking = false;
  return status.onDidChange(() => {
    const trouble = troubleOf(status);
    if (trouble !== null && trouble.text !== told) void tell(trouble);
    if (trouble !== null || status.document !== null) told = trouble?.text ?? null;
    if (trouble === null && status.document?.assumed === true && !asking && state.get(chosenBefore) !== true) {
      asking = true;
      void askForRelease(status.shown.text.replace(/^SELinux: | \(assumed\)$/g, ""), state);
    }
  });
}

/** Tells a user who asks for a check why there is none, also where it was told before: the editor shows equal messages once. */
export async function tellTrouble(status: Status): Promise<void> {
  const text = "No answer came from the language server yet.";
  await tell(troubleOf(status) ?? { text, actions: { "Restart Server": restartCommand, "Show Log": showLogCommand } });
}

/** Tells a user who asks for something of a configuration that it was not analysed. */
export function tellNotChecked(): void {
  void vscode.window.showInformationMessage("This configuration is not checked; the status bar says why.");
}

/** Tells a user who follows a link or an action of a text that has changed since. */
export function tellGone(): void {
  void vscode.window.showInformationMessage("The finding is gone, or has other fixes now: nothing was done.");
}

interface Trouble {
  readonly text: string;
  /** Titles and commands of the buttons. */
  readonly actions: Readonly<Record<string, string>>;
}

function troubleOf({ state, document }: Status): Trouble | null {
  if (state.kind === "failed")
    return {
      text: `nginx configurations are not checked against SELinux: ${state.reason}`,
      actions: { "Restart Server": restartCommand, "Show Log": showLogCommand },
    };
  if (document === null || document.error === null) return null;
  return {
    text: `This configuration is not checked against SELinux: ${document.error}`,
    actions: { "Choose Policy": choosePolicyCommand, "Show Log": showLogCommand },
  };
}

async function tell({ text, actions }: Trouble): Promise<void> {
  const chosen = await vscode.window.showErrorMessage(messageText(text), ...Object.keys(actions));
  const command = chosen === undefined ? undefined : actions[chosen];
  if (command !== undefined) await vscode.commands.executeCommand(command);
}

async function askForRelease(assumed: string, state: vscode.Memento): Promise<void> {
  const choose = "Choose Release";
  const said = await vscode.window.showInformationMessage(
    `No host says which system runs this nginx, so ${assumed} is assumed. Which release is it?`,
    choose,
    `Keep ${assumed}`,
  );
  if (said === undefined) return;
  await state.update(chosenBefore, true);
  if (said === choose) await vscode.commands.executeCommand(choosePolicyCommand);
}
