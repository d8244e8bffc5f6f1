/** Heads of audit records: where each begins in a line, which event it belongs to, and whose text it is. */
import { recordTypes, type AuditRecord } from "./auditEvent.ts";
import type { Form } from "./denial.ts";
import { copyOf } from "./lines.ts";

/** Records that tell something of a denial. */
const wanted = new Set(["AVC", "USER_AVC", "SYSCALL", "PATH", "CWD", "SOCKADDR", "PROCTITLE"]);

const HEAD =
  /(?:type=([A-Z][A-Z0-9_]*|1[0-9]{3})\s+(?:msg=)?audit\(([^()]{0,64})\)\s?:?|audit(?:\[(\d{1,9})\])?: ([A-Z][A-Z0-9_]+)(?=\s+avc:|\s+[a-z]+=)|audit\(([^()]{0,64})\)\s?:(?=\s*avc:)|type=([A-Z_]*AVC)\s(?!\s*msg=))/gu;

/** The records of a line that `auditd` wrote itself: `type=AVC msg=audit(1767603661.358:1081): ...`. Null: not so simple. */
export function plainRecord(line: string, number: number): AuditRecord | "other" | null {
  const space = line.indexOf(" ");
  if (space < 6 || !line.startsWith("msg=audit(", space + 1)) return null;
  const close = line.indexOf("): ", space + 11);
  if (close < 0 || close - space > 48 || line.indexOf("msg=audit(", close) >= 0) return null;
  const type = line.slice(5, space);
  if (!wanted.has(type)) return "other";
  const own = copyOf(line);
  return {
    type,
    id: own.slice(space + 11, close),
    body: own.slice(close + 3),
    prefix: "",
    lines: [number],
    form: "avc",
  };
}

/** The records of a text, several where lines were made one. */
export function recordsIn(text: string, lines: readonly number[]): readonly AuditRecord[] {
  const heads = [...text.matchAll(HEAD)];
  const [first] = heads;
  const bare = text.indexOf("avc:");
  if (first === undefined) return bare < 0 ? [] : [bareRecord(text, bare, lines)];
  const prefix = text.slice(0, first.index);
  return heads.flatMap((head, index) => {
    const [whole, name = head[4] ?? head[6] ?? "AVC", named, pid, , elided] = head;
    const type = recordTypes[name] ?? name;
    if (!wanted.has(type)) return [];
    const body = text.slice(head.index + whole.length, heads[index + 1]?.index).trimStart();
    const id = named ?? elided ?? (pid === undefined ? null : `${prefix.trim()} [${pid}]`);
    return [{ type, id: isElided(id) ? null : id, body, prefix, lines, form: formOf(whole, named ?? elided, prefix) }];
  });
}

function bareRecord(text: string, at: number, lines: readonly number[]): AuditRecord {
  const prefix = text.slice(0, at);
  return { type: "AVC", id: null, body: text.slice(at), prefix, lines, form: prefix.trim() === "" ? "avc" : "journal" };
}

/** `audit(...)`, `audit(xxxx)`: an example's. */
function isElided(id: string | null): boolean {
  return id !== null && !/\d/u.test(id);
}

function formOf(head: string, id: string | undefined, prefix: string): Form {
  if (head.startsWith("audit[") || head.startsWith("audit:")) return "journal";
  if (/^type=1[0-9]{3}/u.test(head) || !head.startsWith("type="))
    return /\bkernel: /u.test(prefix) ? "journal" : "dmesg";
  return id !== undefined && (/[/-]/u.test(id) || /\d\.\d\d\.\d{2,4} /u.test(id)) ? "ausearch" : "avc";
}
