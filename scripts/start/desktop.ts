/** The editors of a desktop: which one can open a window, and with which arguments. */
import { realpathSync } from "node:fs";
import { findProgram } from "../systemPackages.ts";
import type { Target } from "./target.ts";

/** VS Code and what is built from it, in the order in which they are looked for. */
export const editorNames = ["code", "code-insiders", "codium", "cursor"] as const;

type Environment = Readonly<Record<string, string | undefined>>;

export interface Desktop {
  readonly program: string;
  /** In WSL the editor is Windows' own, which reads no path of ours for its user data. */
  readonly wsl: boolean;
}

/** The first editor that can open a window here, or null. `find`: a program's path on the PATH. */
export function findDesktop(env: Environment, platform: string, find = findProgram): Desktop | null {
  const wsl = env["WSL_DISTRO_NAME"] !== undefined;
  // In the terminal of a remote window `code` hands files to that window, and cannot start another one.
  if (env["VSCODE_IPC_HOOK_CLI"] !== undefined && !wsl) return null;
  const screen = env["DISPLAY"] !== undefined || env["WAYLAND_DISPLAY"] !== undefined;
  if (platform === "linux" && !screen && !wsl) return null;
  for (const name of editorNames) {
    const found = find(platform === "win32" ? `${name}.cmd` : name);
    if (found !== null) return { program: wsl ? found : realpathSync(found), wsl };
  }
  return null;
}

export interface Opening {
  /** The extension's folder. */
  readonly extension: string;
  /** Where the editor keeps what it writes. */
  readonly userData: string;
  readonly target: Target;
  readonly asRoot: boolean;
}

/** The arguments for a window of its own, with the extension in it. */
export function desktopArguments(
  { wsl }: Desktop,
  { extension, userData, target, asRoot }: Opening,
): readonly string[] {
  const own = wsl
    ? []
    : [...(asRoot ? ["--no-sandbox"] : []), `--user-data-dir=${userData}`, `--extensions-dir=${userData}-extensions`];
  return [
    "--new-window",
    "--wait",
    "--disable-workspace-trust",
    `--extensionDevelopmentPath=${extension}`,
    ...own,
    target.folder,
    target.file,
  ];
}
