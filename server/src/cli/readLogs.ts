/** The refusals in some logs, in turns: all there are, and then those that came since. */
import type { DenialSink } from "../denials/denial.ts";
import { createGatherer, type Gathered, type Gatherer } from "../denials/gather.ts";
import { createDenialReader, type DenialReader } from "../denials/readDenials.ts";
import type { UnreadLog } from "../report/denialReport.ts";
import type { Console } from "./console.ts";
import { tailOf, type LogTail } from "./logTail.ts";
import type { Log } from "./logs.ts";
import { recentlyOnly } from "./since.ts";

interface Read {
  readonly tail: LogTail;
  readonly reader: DenialReader;
}

export class LogReaders {
  #gatherer: Gatherer = createGatherer();
  readonly #logs: readonly Read[];
  /** True while a refusal may be open, because records of its event may follow. */
  #isOpen = false;

  /** `since`: milliseconds since 1970; null for all. */
  constructor(logs: readonly Log[], since: number | null, console: Console) {
    this.#logs = logs.map((log) => {
      const sink: DenialSink = {
        denial: (denial) => this.#gatherer.sink(log.name).denial(denial),
        notUnderstood: (line) => this.#gatherer.sink(log.name).notUnderstood(line),
      };
      return {
        tail: tailOf(log, console),
        reader: createDenialReader(recentlyOnly(sink, since), { lookAlikes: false }),
      };
    });
  }

  /** Everything that is there. `isLast`: false where `readOn` follows, so that a line without an end waits for it. */
  async readAll(isLast: boolean): Promise<{ readonly gathered: Gathered; readonly unread: readonly UnreadLog[] }> {
    const unread: UnreadLog[] = [];
    for (const { tail, reader } of this.#logs) {
      const failure = await tail.read((chunk) => reader.push(chunk));
      if (isLast) reader.end();
      else reader.settle();
      if (failure !== null) unread.push(failure);
    }
    return { gathered: this.#take(), unread };
  }

  /** The refusals that came since the look before, once a look finds nothing further: the records of an event are written one by one. */
  async readOn(): Promise<Gathered> {
    let grew = false;
    for (const { tail, reader } of this.#logs) {
      await tail.read((chunk) => {
        grew = true;
        reader.push(chunk);
      });
    }
    if (!grew || this.#isOpen) for (const { reader } of this.#logs) reader.settle();
    this.#isOpen = grew && !this.#isOpen;
    return this.#take();
  }

  async close(): Promise<void> {
    for (const { tail } of this.#logs) await tail.close();
  }

  #take(): Gathered {
    const gathered = this.#gatherer.gathered();
    this.#gatherer = createGatherer();
    return gathered;
  }
}
