/** Runs the command line in this process, over a host in memory. */
import { Writable } from "node:stream";
import { createOutput } from "../../server/src/cli/output.ts";
import { runCommandLine } from "../../server/src/cli/run.ts";
import type { Host } from "../../server/src/host/host.ts";
import { styleFor } from "../../server/src/report/terminal.ts";

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export async function runCli(host: Host, directory: string, args: readonly string[], input = ""): Promise<Ran> {
  let out = "";
  let err = "";
  const stream = new Writable({
    decodeStrings: false,
    write(chunk: string, _encoding, done) {
      out += chunk;
      done();
    },
  });
  const code = await runCommandLine(
    args,
    {
      host,
      directory,
      out: createOutput(stream),
      style: styleFor(false),
      input: () => Promise.resolve(new TextEncoder().encode(input)),
      inputText: async function* () {
        yield input;
      },
      interactive: false,
      complain: (line) => void (err += `${line}\n`),
      draw: () => undefined,
    },
    { version: "1.2.3", serve: () => Promise.resolve(), assist: () => Promise.resolve() },
  );
  return { code, out, err };
}
