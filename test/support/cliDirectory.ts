/** A directory of configurations on disk, and the command line as it is run there. */
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after } from "node:test";
import { runCli, type Ran } from "./commandLine.ts";

/** The program of the command line. */
export const cli = join(import.meta.dirname, "../../server/src/cli.ts");

export interface CliDirectory {
  readonly directory: string;
  /** Writes a file below the directory and gives its path. */
  readonly write: (name: string, content: string | Uint8Array) => string;
  /** Runs the command line in this process, with the directory as the working directory. */
  readonly run: (args: readonly string[]) => Promise<Ran>;
  /** Runs the command line as a process of its own. */
  readonly spawn: (args: readonly string[]) => Promise<Ran>;
}

/** A fresh directory, which is removed after the tests of the file. */
export function createCliDirectory(): CliDirectory {
  const directory = mkdtempSync(join(tmpdir(), "nginx-selinux-cli-"));
  after(() => rmSync(directory, { recursive: true }));
  return {
    directory,
    write: (name, content) => {
      const path = join(directory, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, content);
      return path;
    },
    run: (args) => runCli(directory, args),
    spawn: (args) =>
      new Promise((resolve) => {
        const child = execFile(process.execPath, [cli, ...args], { cwd: directory }, (_, out, err) =>
          resolve({ code: child.exitCode ?? -1, out, err }),
        );
      }),
  };
}

/** A configuration with these lines in its `http` block. */
export const conf = (inside: string): string => `events {}\nhttp {\n${inside}\n}\n`;
/** A configuration that passes everything to an address. */
export const proxyTo = (address: string): string => conf(`  server { location / { proxy_pass http://${address}; } }`);
