/** The command line in a process of its own: its streams, its directory, its exit code. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createNodeHost, enginePath } from "../hostNode.ts";
import { createOutput } from "./output.ts";
import { runCommandLine } from "./run.ts";
import { printable, styleFor, wantsColour } from "../report/terminal.ts";

/** Directory of this file: `dist` in a package, `server/src/cli` in the sources. */
const here = import.meta.dirname;

function policiesDirectory(): string {
  const packed = join(here, "policies");
  return existsSync(packed) ? packed : join(here, "../../policies");
}

function version(): string {
  for (const path of ["../package.json", "../../../package.json"]) {
    const file = join(here, path);
    if (!existsSync(file)) continue;
    const value: unknown = JSON.parse(readFileSync(file, "utf8"));
    if (typeof value === "object" && value !== null && "version" in value) return String(value.version);
  }
  return "unknown";
}

async function main(): Promise<void> {
  // What files and arguments say is shown as text: no control character of theirs reaches the terminal.
  const complain = (message: string): void =>
    void process.stderr.write(
      message
        .split("\n")
        .map((line) => `${printable(line)}\n`)
        .join(""),
    );
  process.exitCode = await runCommandLine(
    process.argv.slice(2),
    {
      host: createNodeHost(policiesDirectory(), (level, message) => {
        if (level === "error") complain(message);
      }),
      directory: enginePath(process.cwd()),
      out: createOutput(process.stdout),
      style: styleFor(wantsColour(process.stdout.isTTY, process.env)),
      interactive: process.stderr.isTTY,
      complain,
      draw: (text) => void process.stderr.write(text),
    },
    {
      version: version(),
      serve: async () => {
        await import("../main.ts");
      },
    },
  );
}

void main();
