/** A line of nginx's error log, or what nginx printed on the terminal. */
import type { NginxLine } from "./denial.ts";
import { namesIn, readMessage } from "./nginxFailure.ts";
import { isoInstant } from "./time.ts";

const LEVEL = /\[(emerg|alert|crit|error|warn|notice|info|debug)\] /u;
const DATE = /(\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d) $/u;
const PROCESS = /(?:^|[\s|>])(\d{1,9})#\d{1,9}: (?:\*(\d{1,18}) )?/u;

/** Where nginx's own text begins in a line, and what its head says. */
interface Head {
  readonly time: string | null;
  readonly level: string | null;
  readonly pid: number | null;
  readonly connection: number | null;
  readonly message: string;
}

/** The line; null where it is none of nginx's. `lines` are its numbers. */
export function parseNginxLine(text: string, lines: readonly number[]): NginxLine | null {
  const head = headOf(text);
  return head === null ? null : new ReadLine(text, lines, head);
}

/** The names of the request are read when they are asked for: of thousands of equal lines one is. */
class ReadLine implements NginxLine {
  readonly kind = "nginx";
  readonly form = "error-log";
  readonly lines: readonly number[];
  readonly time: string | null;
  readonly instant: number | null;
  readonly level: string | null;
  readonly pid: number | null;
  readonly connection: number | null;
  readonly message: string;
  readonly call: string | null;
  readonly what: string | null;
  readonly address: string | null;
  readonly port: number | null;
  readonly path: string | null;
  readonly to: string | null;
  readonly errno: number | null;
  readonly refused: boolean;
  readonly resource: string | null;
  readonly value: number | null;
  readonly phase: string | null;
  readonly confFile: string | null;
  readonly confLine: number | null;
  readonly #tail: string;

  constructor(text: string, lines: readonly number[], { time, level, pid, connection, message }: Head) {
    const { failure, tail, phase, place } = readMessage(message);
    this.lines = lines;
    this.time = time;
    this.instant = time === null ? isoInstant(text.slice(0, text.length - message.length)) : null;
    this.level = level;
    this.pid = pid;
    this.connection = connection;
    this.message = message;
    this.call = failure.call ?? null;
    this.what = failure.what ?? null;
    this.address = failure.address ?? null;
    this.port = failure.port ?? null;
    this.path = failure.path ?? null;
    this.to = failure.to ?? null;
    this.errno = failure.errno ?? null;
    this.refused = failure.refused ?? false;
    this.resource = failure.resource ?? null;
    this.value = failure.value ?? null;
    this.phase = phase;
    this.confFile = place?.file ?? null;
    this.confLine = place?.line ?? null;
    this.#tail = tail;
  }

  get said(): NginxLine["said"] {
    return namesIn(this.#tail);
  }
}

/** As nginx writes it to its log. */
const USUAL =
  /^(\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d) \[(emerg|alert|crit|error|warn|notice|info|debug)\] (\d{1,9})#\d{1,9}: (?:\*(\d{1,18}) )?/u;

/** `2026/11/26 04:37:46 [crit] 9802#9802: *1 `, parts of it, or a call alone. */
function headOf(text: string): Head | null {
  const usual = USUAL.exec(text);
  if (usual !== null) {
    const [whole, time = null, level = null, pid, connection] = usual;
    return { time, level, pid: numberOf(pid), connection: numberOf(connection), message: text.slice(whole.length) };
  }
  const level = LEVEL.exec(text);
  if (level !== null) {
    const rest = text.slice(level.index + level[0].length);
    const process = /^(\d{1,9})#\d{1,9}: (?:\*(\d{1,18}) )?/u.exec(rest);
    return {
      time: DATE.exec(text.slice(0, level.index))?.[1] ?? null,
      level: level[1] ?? null,
      pid: numberOf(process?.[1]),
      connection: numberOf(process?.[2]),
      message: rest.slice(process?.[0].length ?? 0),
    };
  }
  const process = PROCESS.exec(text);
  if (process !== null) {
    return {
      time: null,
      level: null,
      pid: numberOf(process[1]),
      connection: numberOf(process[2]),
      message: text.slice(process.index + process[0].length),
    };
  }
  const call = BARE.exec(text);
  return call === null
    ? null
    : { time: null, level: null, pid: null, connection: null, message: text.slice(call.index) };
}

/** A message without any head, as people quote it. */
const BARE =
  /\b(?:connect|bind|open|stat|lstat|mkdir|rename|unlink|chown|chmod|opendir|openat|pread|read|pwrite|write|dlopen|setrlimit|sendmsg|BIO_new_file|SSL_CTX_\w+|X509_\w+)\([^()]{0,1024}\)[^()]{0,4096}? failed \(|"\/[^"]{1,4096}" is forbidden \(/u;

function numberOf(text: string | undefined): number | null {
  return text === undefined ? null : Number(text);
}
