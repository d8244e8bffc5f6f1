/** Runs the command line in a process of its own, and what that took. Needs `npm run build`. */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "../..");
/** What is shipped, or the sources where nothing is built: Node strips their types while it loads them. */
const cli = [join(root, "dist/cli.cjs"), join(root, "server/src/cli.ts")].find((path) => existsSync(path)) ?? "";
/** Prints the child's peak memory and its processor time when it ends. */
const watch = join(import.meta.dirname, "watch.cjs");

export interface Measurement {
  readonly milliseconds: number;
  /** Milliseconds of processor time, of all threads. */
  readonly processor: number;
  /** Peak resident memory in bytes. */
  readonly memory: number;
  /** Bytes that were printed. */
  readonly output: number;
}

/** One run of the command line. Rejects where it could not run. */
export function measure(args: readonly string[]): Promise<Measurement> {
  return measureNode([cli, ...args]);
}

/** The same for any program of Node. */
export function measureNode(args: readonly string[]): Promise<Measurement> {
  return new Promise((resolve, reject) => {
    const began = performance.now();
    const child = spawn(process.execPath, ["--require", watch, ...args]);
    let output = 0;
    let errors = "";
    child.stdout.on("data", (chunk: Buffer) => void (output += chunk.length));
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => void (errors += chunk));
    child.on("error", reject);
    child.on("close", (code) => {
      const [, rss, cpu] = /rss=(\d+) cpu=(\d+)/.exec(errors) ?? [];
      if (code === 2 || rss === undefined) reject(new Error(errors));
      else
        resolve({
          milliseconds: performance.now() - began,
          processor: Number(cpu) / 1000,
          memory: Number(rss) * 1024,
          output,
        });
    });
  });
}
