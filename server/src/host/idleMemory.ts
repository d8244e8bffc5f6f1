/**
 * Gives memory back while a process is idle. V8 keeps what a large computation has left behind until the next one needs
 * room: a language server that has checked a large configuration once would hold several times of what it uses.
 */
/** What is asked of the process. */
export interface Usage {
  /** Milliseconds of processor time since the start of the process. */
  processorTime(): number;
  /** Bytes of resident memory. */
  resident(): number;
  /** Collects all garbage and hands its memory to the system. */
  collect(): void;
}

/** Milliseconds between two looks. */
export const EVERY = 5000;
/** Milliseconds of processor time from one look to the next: more, and the process is not idle. */
const IDLE = 250;
/** Bytes of resident memory below which a process is left alone. */
const MUCH = 200e6;
/** A collection is repeated when the memory has grown to so many times of what it left. */
const GROWN = 1.2;

/** Returns a function to be called every few seconds: it collects once after each time of much work. */
export function idleCollector(usage: Usage): () => void {
  let spent = usage.processorTime();
  let left = 0;
  return () => {
    const before = spent;
    spent = usage.processorTime();
    if (spent - before > IDLE || usage.resident() < Math.max(MUCH, GROWN * left)) return;
    usage.collect();
    left = usage.resident();
    spent = usage.processorTime();
  };
}
