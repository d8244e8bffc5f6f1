/** The shell commands that the server has offered in this session: nothing else is ever typed into a terminal. */
import type * as vscode from "vscode";
import { runInTerminalCommand } from "../../server/src/shared/protocol.ts";

/** More than any user looks at; the oldest go first. */
const limit = 10_000;

export class OfferedCommands {
  readonly #lines = new Set<string>();

  /** Takes in the shell commands of code actions as the server sent them. */
  remember(actions: readonly (vscode.CodeAction | vscode.Command)[]): void {
    for (const action of actions) {
      const command = typeof action.command === "object" ? action.command : action;
      if (!("command" in command) || command.command !== runInTerminalCommand) continue;
      const args: unknown = "arguments" in command ? command.arguments : undefined;
      this.add(Array.isArray(args) ? args[0] : undefined);
    }
  }

  /** Takes in a `CommandsArgument` as the server sent it; nothing else. */
  add(argument: unknown): void {
    const commands = readCommands(argument);
    if (commands !== null) this.#add(terminalLine(commands));
  }

  /** The line to type for an argument, or null where the server has offered no such thing. */
  lineFor(argument: unknown): string | null {
    const commands = readCommands(argument);
    if (commands === null) return null;
    const line = terminalLine(commands);
    return this.#lines.has(line) ? line : null;
  }

  #add(line: string): void {
    this.#lines.delete(line);
    this.#lines.add(line);
    for (const oldest of this.#lines) {
      if (this.#lines.size <= limit) return;
      this.#lines.delete(oldest);
    }
  }
}

/** The commands of a `CommandsArgument`, or null where it is none, or where one could start without the user's Enter. */
export function readCommands(argument: unknown): readonly string[] | null {
  if (typeof argument !== "object" || argument === null || !("commands" in argument)) return null;
  const { commands } = argument;
  if (!Array.isArray(commands) || commands.length === 0) return null;
  const texts = commands.filter((command): command is string => typeof command === "string");
  // A line break, or any other control character, would make the shell act on its own.
  return texts.length === commands.length && !texts.some((text) => /[\u0000-\u001f\u007f-\u009f]/.test(text))
    ? texts
    : null;
}

function terminalLine(commands: readonly string[]): string {
  return commands.join(" && ");
}
