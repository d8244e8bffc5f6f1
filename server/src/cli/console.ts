/** What a command needs of the process: streams, colours, paths. */
import { resolvedPath } from "../host/hostNode.ts";
import type { Host } from "../host/host.ts";
import type { Output } from "./output.ts";
import { printable, type Style } from "../report/terminal.ts";

export interface Console {
  readonly host: Host;
  /** The working directory, the engine's path. */
  readonly directory: string;
  readonly out: Output;
  readonly style: Style;
  /** True where standard error is a terminal: then progress is shown on it. */
  readonly interactive: boolean;
  /** Standard input, read to its end once. Rejects with UsageError where it has more than `limit` bytes. */
  input(limit: number): Promise<Uint8Array>;
  /** Standard input as text, in pieces as it comes, without a limit. */
  inputText(): AsyncIterable<string>;
  /** Writes a line to standard error. */
  complain(line: string): void;
  /** Writes to standard error as it is. */
  draw(text: string): void;
}

/** The engine's absolute path for a path as the user wrote it. */
export function absolutePath({ directory }: Console, path: string): string {
  return resolvedPath(directory, path);
}

/** How a path is shown: relative where it lies below the working directory. */
export function shownPath({ directory }: Console, path: string): string {
  const prefix = directory === "/" ? "/" : `${directory}/`;
  return path.startsWith(prefix) ? path.slice(prefix.length) : path;
}

/** Shows on an interactive terminal that work goes on, from its second second. Returns how to stop. */
export function showProgress(console: Console, what: string): () => void {
  if (!console.interactive) return () => undefined;
  const began = Date.now();
  let drawn = false;
  const timer = setInterval(() => {
    drawn = true;
    console.draw(`\r\u001b[K${printable(what)} ... ${Math.round((Date.now() - began) / 1000)} s`);
  }, 1000);
  return () => {
    clearInterval(timer);
    if (drawn) console.draw("\r\u001b[K");
  };
}
