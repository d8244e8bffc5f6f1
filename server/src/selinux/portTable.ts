/** Port contexts: the first questions are answered by reading the records, later ones in constant time. */
import type { PortRecord, Protocol } from "./policy.ts";

const portCount = 65536;

/** Questions that are answered without a table of all ports, which takes longer to make than a small configuration to check. */
const FIRST_QUESTIONS = 100;

/**
 * Ordered port records: the first one that contains a port wins, whatever its width (kernel `security_port_sid`).
 * Building is linear in records and ports, also for records that overlap.
 */
export class PortTable {
  readonly #records: readonly PortRecord[];
  readonly #deciding = new Map<Protocol, Uint32Array>();
  #defined: ReadonlySet<string> | null = null;
  #asked = 0;

  constructor(records: readonly PortRecord[]) {
    this.#records = records;
  }

  /** The record that decides the type of a port 0..65535, or null. */
  record(protocol: Protocol, port: number): PortRecord | null {
    if (this.#asked < FIRST_QUESTIONS) {
      this.#asked++;
      return firstRecord(this.#records, protocol, port);
    }
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

/** For every port the position of its first record, counted from 1; 0 where there is none. */
function decidingRecords(records: readonly PortRecord[], protocol: Protocol): Uint32Array {
  const deciding = new Uint32Array(portCount);
  // nextFree[port]: some undecided port at or after it lies no earlier than this (union-find with path halving).
  const nextFree = new Uint32Array(portCount + 1);
  for (let port = 0; port <= portCount; port++) nextFree[port] = port;
  const free = (port: number): number => {
    let at = port;
    for (;;) {
      const next = nextFree[at] ?? at;
      if (next === at) return at;
      const beyond = nextFree[next] ?? next;
      nextFree[at] = beyond;
      at = beyond;
    }
  };
  records.forEach((record, index) => {
    if (record.protocol !== protocol) return;
    for (let port = free(record.low); port <= record.high && port < portCount; port = free(port)) {
      deciding[port] = index + 1;
      nextFree[port] = port + 1;
    }
  });
  return deciding;
}
