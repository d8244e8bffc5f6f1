/** What the tests of the suite do to the editor, in words. Waiting is for events, never for a time. */
import assert from "node:assert/strict";
import * as vscode from "vscode";
import type { Exports } from "../../../client/src/extension.ts";

/** The extension's exports, once its server has started. */
export async function startedExtension(): Promise<Exports> {
  const extension = vscode.extensions.getExtension<Exports>("nginx-selinux.nginx-selinux");
  assert.ok(extension);
  const exports = await extension.activate();
  await exports.start();
  return exports;
}

/** A file of the workspace, by its path in it. */
export function file(path: string): vscode.Uri {
  const folder = vscode.workspace.workspaceFolders?.[0];
  assert.ok(folder);
  return vscode.Uri.joinPath(folder.uri, path);
}

/** Opens a file of the workspace in the editor. */
export async function open(path: string): Promise<vscode.TextDocument> {
  const editor = await vscode.window.showTextDocument(file(path), { preview: false });
  return editor.document;
}

/** Resolves with the first value that is not null; asks again whenever the event fires. */
export function waitFor<T>(event: vscode.Event<unknown>, ask: () => T | null): Promise<T> {
  return new Promise((resolve) => {
    const now = ask();
    if (now !== null) return resolve(now);
    const subscription = event(() => {
      const later = ask();
      if (later === null) return;
      subscription.dispose();
      resolve(later);
    });
  });
}

/** Resolves when the file's diagnostics are as wanted. A mocha timeout names what was there instead. */
export async function diagnosticsWhen(
  uri: vscode.Uri,
  wanted: (diagnostics: readonly vscode.Diagnostic[]) => boolean,
): Promise<readonly vscode.Diagnostic[]> {
  return waitFor(vscode.languages.onDidChangeDiagnostics, () => {
    const found = vscode.languages.getDiagnostics(uri);
    return wanted(found) ? found : null;
  });
}

/** The rule of a diagnostic. */
export function ruleOf(diagnostic: vscode.Diagnostic): string {
  return String(typeof diagnostic.code === "object" ? diagnostic.code.value : diagnostic.code);
}

/** Resolves with the file's only diagnostic of a rule, when there is exactly one. */
export async function diagnosticOf(uri: vscode.Uri, rule: string): Promise<vscode.Diagnostic> {
  const found = await diagnosticsWhen(uri, (all) => all.filter((one) => ruleOf(one) === rule).length === 1);
  const diagnostic = found.find((one) => ruleOf(one) === rule);
  assert.ok(diagnostic);
  return diagnostic;
}

/** Resolves when the file has no diagnostic of a rule. */
export async function silentAbout(uri: vscode.Uri, rule: string): Promise<void> {
  await diagnosticsWhen(uri, (all) => all.every((one) => ruleOf(one) !== rule));
}

/** The code actions of a range. While the editor starts, it may cancel the first questions. */
export async function actionsAt(uri: vscode.Uri, range: vscode.Range): Promise<readonly vscode.CodeAction[]> {
  for (let attempt = 1; ; attempt++) {
    try {
      const command = "vscode.executeCodeActionProvider";
      return await vscode.commands.executeCommand<vscode.CodeAction[]>(command, uri, range, undefined, 100);
    } catch (error) {
      if (attempt === 10 || !(error instanceof Error) || !/cancel/i.test(error.message)) throw error;
    }
  }
}

/** Replaces the first occurrence of a text in a document, without saving. */
export async function replace(document: vscode.TextDocument, from: string, to: string): Promise<void> {
  const offset = document.getText().indexOf(from);
  assert.notEqual(offset, -1, `${from} is not in ${document.uri.path}`);
  const edit = new vscode.WorkspaceEdit();
  const range = new vscode.Range(document.positionAt(offset), document.positionAt(offset + from.length));
  edit.replace(document.uri, range, to);
  assert.equal(await vscode.workspace.applyEdit(edit), true);
}

/** Brings a document to the front, again where another editor opened in the meantime. */
async function show(document: vscode.TextDocument): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await vscode.window.showTextDocument(document, { preview: false });
      return;
    } catch (error) {
      if (tries === MOST_TRIES) throw error;
    }
  }
}

const MOST_TRIES = 5;

/** Puts a document back to what is on disk. */
export async function revert(document: vscode.TextDocument): Promise<void> {
  await show(document);
  await vscode.commands.executeCommand("workbench.action.files.revert");
}

/** Sets a setting of ours in the workspace; undefined removes it. */
export async function set(name: string, value: unknown): Promise<void> {
  const section = vscode.workspace.getConfiguration("nginxSelinux");
  await section.update(name, value, vscode.ConfigurationTarget.Workspace);
}
