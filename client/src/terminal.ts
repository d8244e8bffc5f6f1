/** Typing commands into a terminal where the workspace is. */
import * as vscode from "vscode";

export const terminalName = "SELinux for nginx";

/** Milliseconds that a shell gets to show its prompt, where the editor cannot say when it did. */
const patience = 10_000;

/**
 * Types the line into a new terminal and leaves Enter to the user. A new one each time: in another there may be an unsent
 * line, or a program that would read ours.
 */
export async function typeInTerminal(line: string): Promise<void> {
  const terminal = vscode.window.createTerminal({ name: terminalName });
  const prompt = promptOf(terminal);
  terminal.show();
  // Before the prompt the kernel echoes what is typed, and the shell does again.
  await prompt;
  terminal.sendText(line, false);
}

/** Resolves when the shell of a new terminal has shown its prompt, or was waited for long enough. */
function promptOf(terminal: vscode.Terminal): Promise<void> {
  return new Promise((resolve) => {
    const { window } = vscode;
    const done = (): void => {
      clearTimeout(timer);
      subscription?.dispose();
      resolve();
    };
    const timer = setTimeout(done, patience);
    const subscription = tellsOfPrompts(window)
      ? window.onDidChangeTerminalShellIntegration((event) => {
          if (event.terminal === terminal) done();
        })
      : undefined;
  });
}

/** VS Code 1.93 and newer say when the shell's own script runs, which is at its first prompt. */
interface PromptEvents {
  readonly onDidChangeTerminalShellIntegration: vscode.Event<{ readonly terminal: vscode.Terminal }>;
}

function tellsOfPrompts(window: object): window is PromptEvents {
  return (
    "onDidChangeTerminalShellIntegration" in window && typeof window.onDidChangeTerminalShellIntegration === "function"
  );
}
