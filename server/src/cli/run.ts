/** One run of the command line, whatever process it lives in. */
import { checkAsRoot } from "../report/askRoot.ts";
import { ConfigurationUnreadable } from "../nginx/load/loadConfiguration.ts";
import { PolicyError } from "../providers/policies.ts";
import { parseArguments, type Command } from "./arguments.ts";
import { check } from "./check.ts";
import type { Console } from "./console.ts";
import { denials } from "./denials.ts";
import { explain } from "./explain.ts";
import { helpText } from "./help.ts";
import { mcpSurroundings } from "./mcp.ts";
import { writeAll } from "./output.ts";
import { parseFile } from "./parseFile.ts";
import { snapshot } from "./printSnapshot.ts";
import { UsageError } from "./usageError.ts";
import type { Surroundings } from "../workspace/surroundings.ts";

/** What only the process itself can do. */
export interface Program {
  readonly version: string;
  /** Starts the language server over standard input and output. */
  serve(): Promise<void>;
  /** Starts the server of tools for assistants over standard input and output. */
  assist(surroundings: Surroundings): Promise<void>;
}

/** The exit code: 0 clean, 1 findings, 2 could not run, and then the reason is on standard error. Never rejects. */
export async function runCommandLine(args: readonly string[], console: Console, program: Program): Promise<number> {
  try {
    return await runCommand(parseArguments(args), console, program);
  } catch (error) {
    for (const line of reasonOf(error)) console.complain(`nginx-selinux: ${line}`);
    return 2;
  }
}

/** The reason in lines; only that of an internal error has several. */
function reasonOf(error: unknown): readonly string[] {
  if (error instanceof ConfigurationUnreadable && error.failure.code === "denied")
    return [`${error.message}; root may read it: ${checkAsRoot(error.path)}`];
  if (error instanceof UsageError || error instanceof PolicyError || error instanceof ConfigurationUnreadable)
    return [error.message];
  return `internal error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`.split("\n");
}

async function runCommand(command: Command, console: Console, program: Program): Promise<number> {
  switch (command.command) {
    case "check":
      return check(command, console, program.version);
    case "explain":
      return explain(command, console);
    case "denials":
      return denials(command, console);
    case "snapshot":
      return snapshot(command, console);
    case "parse":
      return parseFile(command, console);
    case "lsp":
      await program.serve();
      return 0;
    case "mcp":
      await program.assist(await mcpSurroundings(command, console));
      return 0;
    case "help":
      await writeAll(console.out, [helpText()]);
      return 0;
    case "version":
      await writeAll(console.out, [`${program.version}\n`]);
      return 0;
  }
}
