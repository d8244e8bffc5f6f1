/** The records of one audit event: AVC records, and what the others tell of them. */
import type { AvcReader } from "./avcRecord.ts";
import type { Denial, EventRecords, Form, NotUnderstood } from "./denial.ts";
import { ReadEvent, valueOf } from "./eventRecords.ts";
import { auditInstant, isoInstant } from "./time.ts";

/** A record of an event as it was read. */
export interface AuditRecord {
  /** `AVC`, `SYSCALL`, ...; numbers of the kernel log are translated. */
  readonly type: string;
  /** What stands behind the head. */
  readonly body: string;
  /** What is in `audit(...)`; null where there is none. */
  readonly id: string | null;
  /** The line's text in front of the record: date and host of a journal. */
  readonly prefix: string;
  readonly lines: readonly number[];
  readonly form: Form;
}

/** Records by number, as the kernel log has them (linux/audit.h). */
export const recordTypes: Readonly<Record<string, string>> = {
  "1300": "SYSCALL",
  "1302": "PATH",
  "1306": "SOCKADDR",
  "1307": "CWD",
  "1327": "PROCTITLE",
  "1400": "AVC",
  "1107": "USER_AVC",
};

/** The denials of an event, in the order of its AVC records. `read` reads the text behind `avc:`. */
export function denialsOf(records: readonly AuditRecord[], read: AvcReader): readonly (Denial | NotUnderstood)[] {
  const [first] = records;
  if (first !== undefined && records.length === 1) {
    const denial = denialOf(first, noOtherRecords, read);
    return denial === null ? [] : [denial];
  }
  const event = new ReadEvent(records);
  return records.flatMap((record) => denialOf(record, event, read) ?? []);
}

const noOtherRecords = new ReadEvent([]);

function denialOf(record: AuditRecord, event: EventRecords, read: AvcReader): Denial | NotUnderstood | null {
  if (record.type !== "AVC" && record.type !== "USER_AVC") return null;
  const { lines, form } = record;
  const { time, serial } = partsOf(record.id);
  const instant = (time === null ? null : auditInstant(time)) ?? isoInstant(record.prefix);
  const base = { lines, form, time, instant };
  const at = record.body.indexOf("avc:");
  // The kernel's own record begins with its verdict; another module's may name a file with anything in its name.
  const other = at === 0 ? null : otherModule(record.body);
  if (other !== null) return { ...base, kind: "other-lsm", ...other };
  if (at < 0) return record.form === "avc" ? notUnderstood(record, "an AVC record without avc:") : null;
  const text = record.body.slice(at + 4);
  const notice = text.startsWith(REFUSED) ? null : NOTICE.exec(text);
  if (notice !== null)
    return {
      ...base,
      kind: "notice",
      what: notice[1] ?? "",
      enforcing: notice[2] === undefined ? null : notice[2] === "1",
      serial,
    };
  const found = read(text.includes("'") ? text.replace(/'\s*$/u, "") : text, {
    lines,
    form,
    time,
    instant,
    serial,
    event,
  });
  return typeof found === "string" ? notUnderstood(record, found) : found;
}

/** How the kernel begins nearly every record. */
const REFUSED = "  denied  {";
const NOTICE = /^\s*(?:received|op=)\s*(setenforce|policyload|load_policy)\b[^(]*(?:\(enforcing=([01])\))?/u;

function notUnderstood({ lines }: AuditRecord, reason: string): NotUnderstood {
  return { line: lines[0] ?? 1, reason };
}

/** Time and serial number of `1767603661.358:1081` or `01/05/26 11:10:00.005:98`; null where they are elided. */
function partsOf(id: string | null): { readonly time: string | null; readonly serial: number | null } {
  if (id === null || id.endsWith("]")) return { time: null, serial: null };
  const colon = id.lastIndexOf(":");
  const serial = colon < 0 ? "" : id.slice(colon + 1);
  const time = colon < 0 ? id : id.slice(0, colon);
  return { time: time === "" ? null : time, serial: /^\d{1,15}$/u.test(serial) ? Number(serial) : null };
}

function otherModule(
  body: string,
): Pick<Extract<Denial, { kind: "other-lsm" }>, "module" | "comm" | "path" | "name"> | null {
  const module = /\bapparmor="/u.test(body) ? "apparmor" : /\blsm=SMACK\b/iu.test(body) ? "smack" : null;
  if (module === null) return null;
  const name = valueOf(body, "name");
  return {
    module,
    comm: valueOf(body, "comm"),
    // AppArmor's name is the whole path, Smack's the last component of it.
    path: module === "apparmor" ? name : valueOf(body, "path"),
    name: module === "apparmor" ? null : name,
  };
}
