/** The records of one audit event: AVC records, and what the others tell of them. */
import { parseAvc } from "./avcRecord.ts";
import { decodeHex, decodeSocketAddress } from "./decode.ts";
import type { Denial, EventRecords, Form, NotUnderstood } from "./denial.ts";
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

/** The denials of an event, in the order of its AVC records. */
export function denialsOf(records: readonly AuditRecord[]): readonly (Denial | NotUnderstood)[] {
  const around = eventRecords(records);
  return records.flatMap((record) => denialOf(record, around) ?? []);
}

function denialOf(record: AuditRecord, event: EventRecords): Denial | NotUnderstood | null {
  if (record.type !== "AVC" && record.type !== "USER_AVC") return null;
  const { lines, form } = record;
  const { time, serial } = partsOf(record.id);
  const instant = (time === null ? null : auditInstant(time)) ?? isoInstant(record.prefix);
  const base = { lines, form, time, instant };
  const other = otherModule(record.body);
  if (other !== null) return { ...base, kind: "other-lsm", ...other };
  const at = record.body.indexOf("avc:");
  if (at < 0) return record.form === "avc" ? notUnderstood(record, "an AVC record without avc:") : null;
  const text = record.body.slice(at + 4);
  const notice = /^\s*(?:received|op=)\s*(setenforce|policyload|load_policy)\b[^(]*(?:\(enforcing=([01])\))?/u.exec(
    text,
  );
  if (notice !== null)
    return {
      ...base,
      kind: "notice",
      what: notice[1] ?? "",
      enforcing: notice[2] === undefined ? null : notice[2] === "1",
      serial,
    };
  const body = parseAvc(text.replace(/'\s*$/u, ""));
  if (typeof body === "string") return notUnderstood(record, body);
  return { ...base, kind: "avc", ...body, exe: body.exe ?? event.exe, serial, event };
}

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

function eventRecords(records: readonly AuditRecord[]): EventRecords {
  const bodyOf = (type: string): string | null => records.find((record) => record.type === type)?.body ?? null;
  const call = bodyOf("SYSCALL");
  const paths = records.filter(({ type }) => type === "PATH").map(({ body }) => body);
  // The directory that something is made in is a record of its own; the object is the other one.
  const object =
    paths.find((body) => valueOf(body, "nametype") !== "PARENT" && valueOf(body, "objtype") !== "PARENT") ?? paths[0];
  const socket = bodyOf("SOCKADDR");
  const success = call === null ? null : valueOf(call, "success");
  const title = bodyOf("PROCTITLE");
  return {
    exe: call === null ? null : valueOf(call, "exe"),
    path: object === undefined ? null : absolute(valueOf(object, "name"), valueOf(bodyOf("CWD") ?? "", "cwd")),
    mode: object === undefined ? null : valueOf(object, "mode"),
    syscall: call === null ? null : syscallName(call),
    success: success === "yes" ? true : success === "no" ? false : null,
    address: socket === null ? null : decodeSocketAddress(/saddr=(\{[^}]*\}|\S+)/u.exec(socket)?.[1] ?? ""),
    proctitle: title === null ? null : titleOf(title),
  };
}

/** The title is the whole rest of its record; its words are separated by NUL. */
function titleOf(body: string): string | null {
  const text = /proctitle=(.*)$/su.exec(body)?.[1]?.trim();
  if (text === undefined) return null;
  return (decodeHex(text) ?? text.replace(/^"|"$/gu, "")).replaceAll("\0", " ").trim();
}

/** `name` of a PATH record is relative to the process's directory. */
function absolute(name: string | null, directory: string | null): string | null {
  if (name === null || name === "(null)" || name === "?") return null;
  if (name.startsWith("/")) return name;
  if (directory === null || !directory.startsWith("/")) return null;
  return `${directory === "/" ? "" : directory}/${name.replace(/^\.\//u, "")}`;
}

/** Value of a key in a record; decoded where it is in hexadecimal. Interpreted values may hold spaces. */
function valueOf(body: string, key: string): string | null {
  const at = body.startsWith(`${key}=`) ? 0 : body.indexOf(` ${key}=`) + 1;
  if (at === 0 && !body.startsWith(`${key}=`)) return null;
  const from = at + key.length + 1;
  if (body[from] === '"') {
    const quote = body.indexOf('"', from + 1);
    return body.slice(from + 1, quote < 0 ? undefined : quote);
  }
  const next = / [a-z_0-9]{2,12}=/u.exec(body.slice(from, from + 8192));
  const value = body.slice(from, next === null ? undefined : from + next.index).trim();
  const isName = key === "name" || key === "cwd" || key === "comm" || key === "exe";
  return (isName ? decodeHex(value) : null) ?? value;
}

/** System calls of x86_64 by number, the ones that nginx is refused in (asm/unistd_64.h). */
const syscalls: Readonly<Record<string, string>> = {
  "2": "open",
  "4": "stat",
  "5": "fstat",
  "6": "lstat",
  "16": "ioctl",
  "21": "access",
  "42": "connect",
  "46": "sendmsg",
  "49": "bind",
  "82": "rename",
  "83": "mkdir",
  "87": "unlink",
  "92": "chown",
  "160": "setrlimit",
  "257": "openat",
  "258": "mkdirat",
  "262": "newfstatat",
  "263": "unlinkat",
  "264": "renameat",
  "302": "prlimit64",
  "316": "renameat2",
  "332": "statx",
};
/** AUDIT_ARCH_X86_64. */
const X86_64 = "c000003e";

function syscallName(body: string): string | null {
  const number = valueOf(body, "syscall");
  if (number === null || !/^\d+$/u.test(number)) return number;
  return valueOf(body, "arch") === X86_64 ? (syscalls[number] ?? null) : null;
}
