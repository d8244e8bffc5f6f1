/** Port contexts: the record that decides a port, in constant time. */
import type { PortRecord, Protocol } from "./policy.ts";

const portCount = 65536;

/**
 * Ordered port records: the first one that contains a port wins, whatever its width (kernel `security_port_sid`).
 * Building is linear in records and ports, also for records that overlap.
 */
export class PortTable {
  readonly #records: readonly PortRecord[];
  readonly #deciding = new Map<Protocol, Uint32Array>();
  #defined: ReadonlySet<string> | null = null;

  constructor(records: readonly PortRecord[]) {
    this.#records = records;
  }

  /** The record that decides the type of a port 0..65535, or null. */
  record(protocol: Protocol, port: number): PortRecord | null {
    let deciding = this.#deciding.get(protocol);
    if (deciding === undefined) {
      deciding = decidingRecords(this.#records, protocol);
      this.#deciding.set(protocol, deciding);
    }
    const position = deciding[port] ?? 0;
    return position === 0 ? null : (this.#records[position - 1] ?? null);
  }

  /** True where a record covers exactly low..high. */
  defines(protocol: Protocol, low: number, high: number): boolean {
    this.#defined ??= new Set(this.#records.map((record) => `${record.protocol} ${record.low} ${record.high}`));
    return this.#defined.has(`${protocol} ${low} ${high}`);
  }
}

/** The first record that contains the port, by looking at one after the other; for few records. */
export function firstRecord(records: readonly PortRecord[], protocol: Protocol, port: number): PortRecord | null {
  return records.find((record) => record.protocol === protocol && record.low <= port && port <= record.high) ?? null;
}

/**
 * For every port the position of its first record, counted from 1; 0 where there is none. Between two ports at which a record
 * begins or ends all have the same one, so that only these stretches are looked at.
 */
function decidingRecords(records: readonly PortRecord[], protocol: Protocol): Uint32Array {
  const own = records.filter((record) => record.protocol === protocol);
  const bounds = [...new Set([0, portCount, ...own.flatMap(({ low, high }) => [low, high + 1])])].sort((a, b) => a - b);
  const stretchAt = new Map(bounds.map((port, stretch) => [port, stretch]));
  // nextFree[stretch]: some undecided stretch at or after it lies no earlier than this (union-find with path halving).
  const nextFree = Uint32Array.from(bounds.keys());
  const free = (stretch: number): number => {
    let at = stretch;
    for (;;) {
      const next = nextFree[at] ?? at;
      if (next === at) return at;
      const beyond = nextFree[next] ?? next;
      nextFree[at] = beyond;
      at = beyond;
    }
  };
  const deciding = new Uint32Array(portCount);
  records.forEach(({ protocol: of, low, high }, index) => {
    if (of !== protocol) return;
    const end = stretchAt.get(high + 1) ?? 0;
    for (let at = free(stretchAt.get(low) ?? end); at < end; at = free(at)) {
      deciding.fill(index + 1, bounds[at], bounds[at + 1]);
      nextFree[at] = at + 1;
    }
  });
  return deciding;
}
