/** `denials --follow`: new refusals as they happen, through the rotation of the logs. */
import { open, stat } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { createGatherer, type Gathered } from "../denials/gather.ts";
import { createDenialReader, type DenialReader } from "../denials/readDenials.ts";
import type { LanguageService } from "../languageService.ts";
import type { Console } from "./console.ts";
import { explainGathered, writeExplained, type DenialFormat, type Joined } from "./explainLines.ts";
import { readLog, type Log } from "./logs.ts";

interface Following {
  readonly console: Console;
  readonly service: LanguageService;
  readonly joined: Joined | null;
  readonly main: string;
  readonly format: DenialFormat;
  concerning(gathered: Gathered): Gathered;
}

/** A new line is to be seen within two seconds. */
const PAUSE_MS = 500;
/** A program is started anew each time: not as often. */
const PROGRAM_PAUSE_MS = 1500;
const MOST_AT_ONCE = 1 << 20;

/** Follows until the reader of the output is gone. The exit code: 1 where something was refused, else 0. */
export async function followLogs(logs: readonly Log[], following: Following): Promise<number> {
  const { console } = following;
  const tails = await Promise.all(logs.map((log) => tailOf(log, console)));
  let code = 0;
  while (!console.out.closed) {
    const gatherer = createGatherer();
    for (const tail of tails) {
      const reader = createDenialReader(gatherer.sink(tail.name), { lookAlikes: false });
      await tail.read(reader);
      // A record waits for others of its event, which are written with it: none is still to come.
      reader.end();
    }
    const gathered = following.concerning(gatherer.gathered());
    if (gathered.refusals.length > 0) {
      const { joined, service, main, format } = following;
      const explained = await explainGathered(
        gathered,
        joined,
        service,
        joined === null ? `${console.directory}/x` : main,
      );
      code = Math.max(code, await writeExplained(explained, { gathered, joined, unread: [] }, format, console));
    }
    await sleep(logs.some(({ path }) => path === null) ? PROGRAM_PAUSE_MS : PAUSE_MS);
  }
  return code;
}

interface Tail {
  readonly name: string;
  /** Gives what was added since the last time. */
  read(reader: DenialReader): Promise<void>;
}

async function tailOf(log: Log, console: Console): Promise<Tail> {
  return log.path === null ? programTail(log, console) : fileTail(log.path);
}

/** Begins at the end of the file. A file that was replaced or cut is read from its beginning. */
async function fileTail(path: string): Promise<Tail> {
  const before = await stat(path).catch(() => null);
  let inode = before?.ino ?? 0;
  let offset = before?.size ?? 0;
  let rest = "";
  return {
    name: path,
    async read(reader) {
      const now = await stat(path).catch(() => null);
      if (now === null) return;
      if (now.ino !== inode || now.size < offset) {
        inode = now.ino;
        offset = 0;
        rest = "";
      }
      if (now.size === offset) return;
      const file = await open(path, "r").catch(() => null);
      if (file === null) return;
      try {
        const buffer = new Uint8Array(Math.min(now.size - offset, MOST_AT_ONCE));
        const { bytesRead } = await file.read(buffer, 0, buffer.length, offset);
        offset += bytesRead;
        const text = rest + Buffer.from(buffer.subarray(0, bytesRead)).toString("utf8");
        const end = text.lastIndexOf("\n") + 1;
        rest = text.slice(end);
        reader.push(text.slice(0, end));
      } finally {
        await file.close();
      }
    },
  };
}

/** A program prints all there is: only lines that it did not print before are new. */
async function programTail(log: Log, console: Console): Promise<Tail> {
  const seen = new Set<string>();
  const linesOf = async (): Promise<readonly string[]> => {
    let text = "";
    await readLog(log, console, (chunk) => (text += chunk));
    return text.split("\n");
  };
  for (const line of await linesOf()) seen.add(line);
  return {
    name: log.name,
    async read(reader) {
      for (const line of await linesOf()) {
        if (seen.has(line)) continue;
        seen.add(line);
        reader.push(`${line}\n`);
      }
    },
  };
}
