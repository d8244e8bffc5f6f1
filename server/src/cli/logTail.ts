/** A log that is read on: each look gives the text that came since the look before, through the rotation of a file. */
// Node loads these functions when the property is read: most runs read no log.
import { promises } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import type { UnreadLog } from "../report/denialReport.ts";
import type { Console } from "./console.ts";
import { deniedLog, runLogProgram, type Log } from "./logs.ts";

export interface LogTail {
  /** Gives the text in pieces; the first look gives everything. Tells why the log could not be read, and how to get it. */
  read(push: (chunk: string) => void): Promise<UnreadLog | null>;
  close(): Promise<void>;
}

/** Nothing is opened or started before the first look. */
export function tailOf(log: Log, console: Console): LogTail {
  return log.path === null ? new ProgramTail(log, console) : new FileTail(log.path, console);
}

/** Bytes of a file that are read at once, into the same memory each time. */
const AT_ONCE = 1 << 16;

class FileTail implements LogTail {
  readonly #path: string;
  readonly #console: Console;
  readonly #buffer = new Uint8Array(AT_ONCE);
  #file: FileHandle | null = null;
  #inode = 0n;
  /** Bytes of this file that were read. */
  #offset = 0n;
  #decoder = new TextDecoder();

  constructor(path: string, console: Console) {
    this.#path = path;
    this.#console = console;
  }

  async read(push: (chunk: string) => void): Promise<UnreadLog | null> {
    try {
      await this.#drain(push);
      // The old file is read to its end before the new one of the same name is opened: a line may have come since the look.
      while (await this.#isReplaced()) {
        await this.#drain(push);
        push("\n");
        await this.close();
        await this.#drain(push);
      }
      return null;
    } catch (error) {
      const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
      if (code === "ENOENT") return { log: this.#path, reason: "there is no such file", how: "name another one" };
      return deniedLog(this.#path, code, this.#console);
    }
  }

  async close(): Promise<void> {
    const file = this.#file;
    this.#file = null;
    await file?.close();
  }

  /** Reads to the present end of the file, which is opened where none is open. */
  async #drain(push: (chunk: string) => void): Promise<void> {
    const file = this.#file ?? (await this.#open());
    for (;;) {
      const { bytesRead } = await file.read(this.#buffer, 0, AT_ONCE, null);
      if (bytesRead === 0) return;
      this.#offset += BigInt(bytesRead);
      push(this.#decoder.decode(this.#buffer.subarray(0, bytesRead), { stream: true }));
    }
  }

  async #open(): Promise<FileHandle> {
    const file = await promises.open(this.#path);
    this.#file = file;
    this.#inode = (await file.stat({ bigint: true })).ino;
    this.#offset = 0n;
    this.#decoder = new TextDecoder();
    return file;
  }

  /** True where the name belongs to another file now, or the file was cut. */
  async #isReplaced(): Promise<boolean> {
    const now = await promises.stat(this.#path, { bigint: true }).catch(() => null);
    return now !== null && now.isFile() && (now.ino !== this.#inode || now.size < this.#offset);
  }
}

/** A program prints lines from a time on: those that the run before did not print are new. */
class ProgramTail implements LogTail {
  readonly #log: Log;
  readonly #console: Console;
  /** Milliseconds since 1970; null before the first run. */
  #since: number | null = null;
  #seen: ReadonlySet<string> = new Set();
  /** When the next run is due, on the host's clock: a program costs more than a look at a file. */
  #due = 0;

  constructor(log: Log, console: Console) {
    this.#log = log;
    this.#console = console;
  }

  async read(push: (chunk: string) => void): Promise<UnreadLog | null> {
    const { host } = this.#console;
    if (host.now() < this.#due) return null;
    const began = host.date();
    const lines: string[] = [];
    const failure = await runLogProgram(this.#log, this.#since, this.#console, (text) => {
      const seen = this.#seen;
      for (const line of text.split("\n")) {
        lines.push(line);
        if (line !== "" && !seen.has(line)) push(`${line}\n`);
      }
    });
    this.#since = began - OVERLAP_MS;
    this.#seen = new Set(lines.slice(-MOST_SEEN));
    this.#due = host.now() + PROGRAM_PAUSE_MS;
    return failure;
  }

  async close(): Promise<void> {
    // Each run of the program has ended by itself.
  }
}

/** Times of a log are cut to whole seconds, and a record may come a little late. */
const OVERLAP_MS = 3000;
const PROGRAM_PAUSE_MS = 1000;
/** Lines of a run that the next one may print again. */
const MOST_SEEN = 100_000;
