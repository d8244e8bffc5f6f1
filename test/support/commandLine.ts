/** Runs the command line in this process. */
import { join } from "node:path";
import { Writable } from "node:stream";
import { createOutput } from "../../server/src/cli/output.ts";
import { runCommandLine } from "../../server/src/cli/run.ts";
import { createNodeHost } from "../../server/src/host/hostNode.ts";
import { styleFor } from "../../server/src/report/terminal.ts";

const host = createNodeHost(join(import.meta.dirname, "../../server/policies"), () => undefined);

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** `directory`: the working directory. `version`: what the program says that it is. */
export async function runCli(directory: string, args: readonly string[], version = "1.2.3"): Promise<Ran> {
  const chunks: string[] = [];
  let err = "";
  const stream = new Writable({
    decodeStrings: false,
    write(chunk: string, _encoding, done) {
      chunks.push(chunk);
      done();
    },
  });
  const code = await runCommandLine(
    args,
    {
      host,
      directory,
      input: () => Promise.resolve(new Uint8Array()),
      inputText: async function* () {},
      out: createOutput(stream),
      style: styleFor(false),
      interactive: false,
      complain: (line) => void (err += `${line}\n`),
      draw: () => undefined,
    },
    { version, serve: () => Promise.resolve(), assist: () => Promise.resolve() },
  );
  return { code, out: chunks.join(""), err };
}
