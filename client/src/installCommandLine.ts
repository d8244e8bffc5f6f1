/** "Install 'nginx-selinux' Command in PATH": the command line of this extension, for the user's shell on the workspace's host. */
import { access, chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { homedir, hostname } from "node:os";
import { delimiter, dirname, join } from "node:path";
import * as vscode from "vscode";
import { launcherMark, launcherText, linkedProgram } from "./launcherText.ts";

/** Where a user's own programs belong (systemd's file-hierarchy(7)); most distributions have it on the PATH. */
function linkPath(): string {
  return join(homedir(), ".local", "bin", "nginx-selinux");
}

/** Writes the script and says where, and what the shell still needs. `program`: path of `cli.cjs`. */
export async function installCommandLine(program: string): Promise<void> {
  if (process.platform === "win32") {
    const line = `node "${program}"`;
    void vscode.window.showInformationMessage(`On Windows the command line is started with: ${line}`);
    return;
  }
  const path = linkPath();
  try {
    await writeLauncher(path, program);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    void vscode.window.showWarningMessage(`The command was not installed: ${reason}`);
    return;
  }
  void sayInstalled(path);
}

/**
 * Where an earlier version of the extension was linked and is gone, links this one in its place. Never rejects.
 * An update of the extension moves it to another folder.
 */
export async function repairCommandLine(program: string): Promise<void> {
  try {
    const path = linkPath();
    const linked = linkedProgram(await readFile(path, "utf8"));
    if (linked === null || (await exists(linked))) return;
    await writeLauncher(path, program);
  } catch {
    // There is none, or it cannot be written: the shell says so when it is used.
  }
}

async function writeLauncher(path: string, program: string): Promise<void> {
  const text = await readFile(path, "utf8").catch(() => null);
  if (text !== null && !text.includes(launcherMark)) throw new Error(`${path} is another program. Remove it first.`);
  await mkdir(dirname(path), { recursive: true });
  const electron = process.versions["electron"] !== undefined;
  await writeFile(path, launcherText({ node: process.execPath, program, electron }));
  await chmod(path, 0o755);
}

async function sayInstalled(path: string): Promise<void> {
  const where = vscode.env.remoteName === undefined ? "" : ` on ${hostname()}`;
  if ((process.env["PATH"] ?? "").split(delimiter).includes(dirname(path))) {
    void vscode.window.showInformationMessage(`nginx-selinux is installed${where}: ${path}`);
    return;
  }
  const copy = "Copy the Line";
  const line = 'export PATH="$HOME/.local/bin:$PATH"';
  const answer = await vscode.window.showInformationMessage(
    `nginx-selinux is installed${where}: ${path}. That folder is not on the editor's PATH; where the shell does not find the command, add to its profile: ${line}`,
    copy,
  );
  if (answer === copy) await vscode.env.clipboard.writeText(line);
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
