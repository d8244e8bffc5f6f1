/** The command line: `nginx-selinux check|explain|parse|lsp`. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArguments, type Command } from "./cli/arguments.ts";
import { check, complaintOf } from "./cli/check.ts";
import type { Console } from "./cli/console.ts";
import { explain } from "./cli/explain.ts";
import { helpText } from "./cli/help.ts";
import { createOutput, writeAll } from "./cli/output.ts";
import { parseFile } from "./cli/parseFile.ts";
import { printable, styleFor, wantsColour } from "./cli/terminal.ts";
import { UsageError } from "./cli/usageError.ts";
import { createNodeHost } from "./hostNode.ts";
import { ConfigurationUnreadable } from "./nginx/loadConfiguration.ts";
import { PolicyError } from "./policies.ts";

/** Runs one command. The exit code: 0 clean, 1 findings, 2 could not run. */
async function run(command: Command, console: Console): Promise<number> {
  switch (command.command) {
    case "check":
      return check(command, console);
    case "explain":
      return explain(command, console);
    case "parse":
      return parseFile(command, console);
    case "lsp":
      await import("./main.ts");
      return 0;
    case "help":
      await writeAll(console.out, [helpText]);
      return 0;
    case "version":
      await writeAll(console.out, [`${version()}\n`]);
      return 0;
  }
}

async function main(): Promise<void> {
  const complain = (line: string): void => void process.stderr.write(`${printable(line)}\n`);
  const console: Console = {
    host: createNodeHost(policiesDirectory(), (level, message) => {
      if (level === "error") complain(message);
    }),
    out: createOutput(process.stdout),
    style: styleFor(wantsColour(process.stdout.isTTY, process.env)),
    interactive: process.stderr.isTTY,
    complain,
    draw: (text) => void process.stderr.write(text),
  };
  try {
    process.exitCode = await run(parseArguments(process.argv.slice(2)), console);
  } catch (error) {
    process.exitCode = 2;
    if (error instanceof UsageError || error instanceof PolicyError || error instanceof ConfigurationUnreadable)
      complain(complaintOf(error));
    else
      process.stderr.write(`nginx-selinux: internal error\n${error instanceof Error ? error.stack : String(error)}\n`);
  }
}

/** Directory of this file: `dist` in a package, `server/src` in the sources. */
const here = import.meta.dirname;

function policiesDirectory(): string {
  const packed = join(here, "policies");
  return existsSync(packed) ? packed : join(here, "../policies");
}

function version(): string {
  for (const path of ["../package.json", "../../package.json"]) {
    const file = join(here, path);
    if (!existsSync(file)) continue;
    const value: unknown = JSON.parse(readFileSync(file, "utf8"));
    if (typeof value === "object" && value !== null && "version" in value) return String(value.version);
  }
  return "unknown";
}

void main();
