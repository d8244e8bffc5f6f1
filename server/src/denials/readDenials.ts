/** Logs -> denials: one pass, in chunks, with bounded memory. Never throws, whatever the text is. */
import { parseAlert } from "./alertLine.ts";
import { denialsOf, type AuditRecord } from "./auditEvent.ts";
import { createAvcReader } from "./avcRecord.ts";
import { cleanLine } from "./clean.ts";
import type { Denial, DenialSink, NotUnderstood } from "./denial.ts";
import { copyOf, LineSplitter } from "./lines.ts";
import { MOST_TEXT } from "./nginxFailure.ts";
import { parseNginxLine } from "./nginxLine.ts";
import { parseCsvRow, parseReportRow, parseRule, parseSummary } from "./otherLines.ts";
import { plainRecord, recordsIn } from "./records.ts";
import { isStart, isWorthReading, startOf, type Start } from "./starts.ts";
import { continuesMessage, continuesRecord, join, MOST_JOINED, MOST_PIECES } from "./wrap.ts";

export interface ReaderOptions {
  /** True: lines of nginx's that say something else than a refusal are given too (111, 2, 98). */
  readonly lookAlikes: boolean;
}

export interface DenialReader {
  push(chunk: string): void;
  /** Gives the refusals whose lines are whole: none of their records is still to come. */
  settle(): void;
  /** Gives what is still open. The reader can be used again after it. */
  end(): void;
}

/** Everything in a text. */
export function readDenials(
  text: string,
  options: ReaderOptions = { lookAlikes: true },
): { readonly denials: readonly Denial[]; readonly notUnderstood: readonly NotUnderstood[] } {
  const denials: Denial[] = [];
  const notUnderstood: NotUnderstood[] = [];
  const reader = createDenialReader(
    { denial: (denial) => denials.push(denial), notUnderstood: (line) => notUnderstood.push(line) },
    options,
  );
  reader.push(text);
  reader.end();
  return { denials, notUnderstood };
}

/** Reads a log that comes in pieces. */
export function createDenialReader(sink: DenialSink, options: ReaderOptions): DenialReader {
  const assembler = new Assembler(sink, options);
  const splitter = new LineSplitter((line, number) => assembler.line(line, number));
  return {
    push: (chunk) => splitter.push(chunk),
    settle: () => assembler.end(),
    end: () => {
      splitter.end();
      assembler.end();
    },
  };
}

/** A record under construction: what was broken into lines is put together again. */
interface Open {
  readonly kind: Start;
  text: string;
  readonly lines: number[];
}

/** Events that wait for further records; the records of one event are neighbours in every log. */
const MOST_WAITING = 16;
const MOST_RECORDS = 64;

const TOO_LONG = "longer than any line of nginx's (2048 bytes): its end was not looked at";

interface Waiting {
  readonly kind: "event";
  readonly id: string;
  /** Equal for equal ids. */
  readonly mark: number;
  readonly records: AuditRecord[];
  isAvc: boolean;
}

class Assembler {
  readonly #sink: DenialSink;
  readonly #options: ReaderOptions;
  #open: Open | null = null;
  /** In the order of the text: events, and what is ready but stands behind one. */
  readonly #queue: (Waiting | Denial | { readonly kind: "not-understood"; readonly line: NotUnderstood })[] = [];
  readonly #read = createAvcReader();

  constructor(sink: DenialSink, options: ReaderOptions) {
    this.#sink = sink;
    this.#options = options;
  }

  line(raw: string, number: number): void {
    if (raw.startsWith("type=")) {
      const record = plainRecord(raw, number);
      if (record !== null) {
        this.#close();
        // Only what may be a refusal may be broken: the other records are wanted for what they say of it.
        if (record === "other") return;
        if (record.type === "AVC" && !isWhole(raw))
          this.#open = { kind: "audit", text: cleanLine(copyOf(raw)), lines: [number] };
        else this.#record(record);
        return;
      }
    }
    const open = this.#open;
    if (open === null && !isWorthReading(raw, this.#options.lookAlikes)) return;
    const text = cleanLine(copyOf(raw));
    if (open !== null && this.#continues(open, text)) {
      open.text =
        open.kind === "alert" && !open.text.includes("#012") && isWholeAlert(open.text)
          ? `${open.text}\n${text}`
          : join(open.text, text);
      open.lines.push(number);
      return;
    }
    this.#close();
    if (open === null || isWorthReading(raw, this.#options.lookAlikes)) this.#begin(text, number);
  }

  end(): void {
    this.#close();
    while (this.#queue.length > 0) this.#flushFirst();
  }

  #continues(open: Open, text: string): boolean {
    if (
      open.text.length + text.length > MOST_JOINED ||
      open.lines.length >= (open.kind === "alert" ? 400 : MOST_PIECES)
    )
      return false;
    switch (open.kind) {
      case "audit":
        return !isStart(text, open.kind, open.text) && continuesRecord(open.text, text);
      case "nginx":
        return !isStart(text, open.kind, "") && continuesMessage(open.text, text);
      case "rule":
        return !open.text.includes("}") && open.text.includes("{") && !isStart(text, open.kind, "");
      case "alert":
        return !isStart(text, open.kind, "") && (isWholeAlert(open.text) || text.trim() !== "");
    }
  }

  #begin(text: string, number: number): void {
    const lines = [number];
    const kind = startOf(text);
    if (kind !== null) {
      this.#open = { kind, text, lines };
      return;
    }
    const denial = parseReportRow(text, lines) ?? parseSummary(text, lines) ?? parseCsvRow(text, lines);
    if (denial !== null) this.#give(denial);
    else if (/^\s*Was caused by:/u.test(text)) this.#mark();
    else this.#complain(text, number);
  }

  /** The text behind a record is audit2why's: so was the record. */
  #mark(): void {
    const last = this.#queue.at(-1);
    if (last?.kind !== "event") return;
    last.records.forEach((record, index) => (last.records[index] = { ...record, form: "audit2why" }));
  }

  #close(): void {
    const open = this.#open;
    this.#open = null;
    if (open === null) return;
    const [first = 1] = open.lines;
    switch (open.kind) {
      case "audit": {
        const records = recordsIn(open.text, open.lines);
        for (const record of records) this.#record(record);
        if (records.length === 0) this.#complain(open.text, first);
        return;
      }
      case "nginx": {
        const line = parseNginxLine(open.text, open.lines);
        if (open.text.length > MOST_TEXT && line?.refused !== true)
          this.#queue.push({ kind: "not-understood", line: { line: first, reason: TOO_LONG } });
        else if (line !== null && (line.refused || this.#options.lookAlikes)) this.#give(line);
        this.#shorten();
        return;
      }
      case "alert": {
        const at = open.text.indexOf("SELinux is preventing");
        const alert = parseAlert(open.text.slice(at), open.lines, open.text.slice(0, at));
        if (typeof alert === "string")
          this.#queue.push({ kind: "not-understood", line: { line: first, reason: alert } });
        else this.#give(alert);
        this.#shorten();
        return;
      }
      case "rule": {
        const rule = parseRule(open.text, open.lines);
        if (rule !== null) this.#give(rule);
        else this.#complain(open.text, first);
      }
    }
  }

  #record(record: AuditRecord): void {
    const isAvc = record.type === "AVC" || record.type === "USER_AVC";
    const id = record.id ?? "";
    const mark = markOf(id);
    const known = id === "" ? undefined : this.#waiting(id, mark);
    if (known !== undefined) {
      if (known.records.length < MOST_RECORDS) known.records.push(record);
      known.isAvc ||= isAvc;
      return;
    }
    const event: Waiting = { kind: "event", id, mark, records: [record], isAvc };
    this.#queue.push(event);
    this.#shorten();
  }

  /** The event of an id: nearly always the last one. A map of few that come and go would be more work for memory. */
  #waiting(id: string, mark: number): Waiting | undefined {
    for (let at = this.#queue.length - 1; at >= 0; at--) {
      const each = this.#queue[at];
      if (each?.kind === "event" && each.mark === mark && each.id === id) return each;
    }
    return undefined;
  }

  #give(denial: Denial): void {
    this.#queue.push(denial);
    this.#shorten();
  }

  #complain(text: string, number: number): void {
    const reason = whyNotUnderstood(text);
    if (reason === null) return;
    this.#queue.push({ kind: "not-understood", line: { line: number, reason } });
    this.#shorten();
  }

  #shorten(): void {
    while (this.#queue.length > MOST_WAITING) this.#flushFirst();
  }

  #flushFirst(): void {
    const first = this.#queue.shift();
    if (first === undefined) return;
    if (first.kind === "not-understood") this.#sink.notUnderstood(first.line);
    else if (first.kind !== "event") this.#sink.denial(first);
    else {
      if (!first.isAvc) return;
      for (const found of denialsOf(first.records, this.#read)) {
        if ("reason" in found) this.#sink.notUnderstood(found);
        else this.#sink.denial(found);
      }
    }
  }
}

/** Of the end of an id, a serial number: ids of neighbours differ nowhere else. */
function markOf(id: string): number {
  return id === "" ? 0 : id.charCodeAt(id.length - 1) + 0x1_00_00 * id.charCodeAt(Math.max(0, id.length - 2));
}

/** True for a record that no pasting has broken: nothing goes on with it. */
function isWhole(line: string): boolean {
  return (line.endsWith(" permissive=0") || line.endsWith(" permissive=1")) && !line.includes("\\");
}

function isWholeAlert(text: string): boolean {
  return / access(?:es)? on [^\n]*?\.(?=\s|#012|$)/u.test(text);
}

/** Why a line that looks like a refusal is none; null for other lines. */
function whyNotUnderstood(text: string): string | null {
  if (/To make this policy package active/u.test(text))
    return "audit2allow -M says how to load the module that it made, not what was refused: the rules are in the .te file beside it";
  if (/\bsealert -l [0-9a-f-]{8}/u.test(text))
    return "setroubleshoot's line in another language: run the command that it names with LC_ALL=C and give its text";
  if (/\bavc\b.{0,20}\b(?:denied|granted)/u.test(text)) return 'a record needs "avc:  denied  { PERMISSION } for ..."';
  if (/\bscontext=|\btcontext=|\btclass=/u.test(text))
    return "a piece of an AVC record: its beginning, with avc: denied, is missing";
  if (/\(13: Permission denied\)|\(1: Operation not permitted\)/u.test(text))
    return "no call of nginx's stands in front of the error";
  if (/^\s*allow\s+\w+\s+\w+\s*:/u.test(text))
    return "an allow rule that does not end with its permissions and a semicolon";
  if (/"accessed-mac-policy|accessed-mac-policy/u.test(text)) return "a summary of ausearch that names no program";
  return null;
}
