/** `denials --follow`: new refusals as they happen. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Gathered } from "../denials/gather.ts";
import type { Engine } from "../workspace/engine.ts";
import { createHostWatch } from "../providers/hostWatch.ts";
import type { NamedPath } from "../selinux/host/hostState.ts";
import type { Console } from "./console.ts";
import { explainGathered, writeExplained, type DenialForm, type Joined } from "./explainLines.ts";
import type { LogReaders } from "./readLogs.ts";

interface Following {
  readonly console: Console;
  readonly engine: Engine;
  readonly joined: Joined | null;
  /** Path that the policy answers for. */
  readonly at: string;
  readonly form: DenialForm;
  concerning(gathered: Gathered): Gathered;
}

/** Milliseconds between two looks. A new line is to be seen within two seconds, and each refusal waits for a second look. */
const PAUSE_MS = 150;

/**
 * Follows until the reader of the output is gone. The exit code: 1 where something was refused, else 0. What the host
 * says is looked at beside, so that a refusal is explained from what is known.
 */
export async function followLogs(readers: LogReaders, following: Following): Promise<number> {
  const { console, engine } = following;
  const watch = createHostWatch({
    host: console.host,
    hosts: engine.hosts,
    changed: () => undefined,
    log: (error) => console.complain(error instanceof Error ? error.message : String(error)),
  });
  watch.need(true);
  try {
    return await follow(readers, following);
  } finally {
    watch.need(false);
  }
}

async function follow(readers: LogReaders, following: Following): Promise<number> {
  const { console, engine, joined, at, form, concerning } = following;
  let code = 0;
  /** Asked again with each refusal: the host keeps what covers the question before. */
  let paths: readonly NamedPath[] = [];
  while (!console.out.closed) {
    const gathered = concerning(await readers.readOn());
    if (gathered.refusals.length > 0) {
      const explained = await explainGathered(gathered, joined, engine, at, paths);
      paths = explained.paths.slice(-MOST_PATHS);
      code = Math.max(code, await writeExplained(explained, { gathered, joined, unread: [] }, form, console));
    }
    await sleep(PAUSE_MS);
  }
  return code;
}

/** Paths of refusals that the host's answers are kept for. */
const MOST_PATHS = 200;
