/** The command line in a process of its own: its streams, its directory, its exit code. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { createNodeHost, enginePath, programVersion } from "../host/hostNode.ts";
import type { Console } from "./console.ts";
import { createOutput } from "./output.ts";
import { runCommandLine } from "./run.ts";
import { UsageError } from "./usageError.ts";
import { asLine } from "../base/workflowCommands.ts";
import { hasLinks, printable, styleFor, wantsColour } from "../report/terminal.ts";

/** Directory of this file: `dist` in a package, `server/src/cli` in the sources. */
const here = import.meta.dirname;

function policiesDirectory(): string {
  const packed = join(here, "policies");
  return existsSync(packed) ? packed : join(here, "../../policies");
}

/** The engine's path; null where the directory was removed. */
function workingDirectory(): string | null {
  try {
    return enginePath(process.cwd());
  } catch {
    return null;
  }
}

async function readStandardInput(limit: number): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of process.stdin) {
    const bytes = Buffer.from(chunk);
    length += bytes.length;
    if (length > limit) throw new UsageError(`standard input is larger than the limit of ${limit / 2 ** 20} MB`);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

async function* standardInput(): AsyncGenerator<string, void> {
  process.stdin.setEncoding("utf8");
  for await (const chunk of process.stdin) yield String(chunk);
}

/** Does what the arguments of this process ask for. Its exit code is set when it is done; a server goes on. */
export async function run(): Promise<void> {
  const version = programVersion(here);
  // What files and arguments say is shown as text, on one line: nothing of theirs reaches the terminal or a CI service.
  const complain = (message: string): void => void process.stderr.write(`${asLine(printable(message))}\n`);
  const directory = workingDirectory();
  if (directory === null) {
    complain("nginx-selinux: the working directory does not exist any more; change to another one and try again");
    process.exitCode = 2;
    return;
  }
  const host = createNodeHost(policiesDirectory(), (level, message) => {
    if (level === "error") complain(message);
  });
  const console: Console = {
    host,
    directory,
    input: readStandardInput,
    out: createOutput(process.stdout),
    style: styleFor(wantsColour(process.stdout.isTTY, process.env), {
      columns: process.stdout.isTTY ? process.stdout.columns : undefined,
      links: wantsColour(process.stdout.isTTY, process.env) && hasLinks(process.env),
    }),
    interactive: process.stderr.isTTY,
    inputText: standardInput,
    complain,
    draw: (text) => void process.stderr.write(text),
  };
  process.exitCode = await runCommandLine(process.argv.slice(2), console, {
    version,
    serve: async () => {
      await import("../main.ts");
    },
    assist: async (theirs) => {
      const { serveAssistants } = await import("../mcp/server.ts");
      serveAssistants(host, theirs, version, complain);
    },
  });
}
