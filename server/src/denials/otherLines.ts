/** Lines that name a refusal without being its record: tables, rules, summaries. */
import { IDENTIFIER, typeOf } from "./decode.ts";
import type { AvcDenial, RuleLine, SummaryLine } from "./denial.ts";

const RULE =
  /^\s*(?:allow|dontaudit)\s+([A-Za-z_][\w.-]*)\s+([A-Za-z_][\w.-]*)\s*:\s*([a-z][a-z0-9_]*)\s+(?:\{([^{}]{1,2048})\}|([a-z_0-9]+))\s*;/u;

/** `allow httpd_t http_port_t:tcp_socket name_connect;`, as audit2allow writes it; null for other text. */
export function parseRule(text: string, lines: readonly number[]): RuleLine | null {
  const match = RULE.exec(text);
  if (match === null) return null;
  const [, source = "", target = "", cls = "", several, one] = match;
  const permissions = (several ?? one ?? "").split(/\s+/u).filter((word) => IDENTIFIER.test(word));
  if (permissions.length === 0) return null;
  const base = { kind: "rule", form: "audit2allow", lines, time: null, instant: null } as const;
  return { ...base, source, target: target === "self" ? source : target, cls, permissions };
}

const ROW =
  /^\s*\d+\. (\S+ \S+) (\S+) (\S+:\S+:\S+) (\S+) ([a-z][a-z0-9_]*) ([a-z_0-9]+) (\S+:\S+:\S+) (denied|granted) (\d+)\s*$/u;

/** A row of `aureport -a`: date time comm subj syscall class permission obj result event. */
export function parseReportRow(text: string, lines: readonly number[]): AvcDenial | null {
  const match = ROW.exec(text);
  if (match === null) return null;
  const [, time = "", comm = "", subject = "", , cls = "", permission = "", object = "", result, serial] = match;
  return {
    ...emptyRecord,
    lines,
    form: "ausearch",
    time,
    granted: result === "granted",
    permissions: [permission],
    cls,
    comm,
    sourceContext: subject,
    source: typeOf(subject),
    targetContext: object,
    target: typeOf(object),
    protocol: cls === "tcp_socket" ? "tcp" : cls === "udp_socket" ? "udp" : null,
    serial: Number(serial),
  };
}

/** A record with every field unknown. */
const emptyRecord: AvcDenial = {
  kind: "avc",
  form: "avc",
  lines: [],
  time: null,
  instant: null,
  granted: false,
  permissions: [],
  cls: null,
  sourceContext: null,
  source: null,
  targetContext: null,
  target: null,
  pid: null,
  comm: null,
  exe: null,
  port: null,
  protocol: null,
  src: null,
  dest: null,
  sourceAddress: null,
  destinationAddress: null,
  interface: null,
  path: null,
  name: null,
  dev: null,
  ino: null,
  capability: null,
  ioctlcmd: null,
  permissive: null,
  serial: null,
  decoded: {},
  event: { exe: null, path: null, mode: null, syscall: null, success: null, address: null, proctitle: null },
  impossible: null,
};

const SENTENCE =
  /\bAt (\d\d:\d\d:\d\d \S+) .{0,200}accessed-mac-policy-controlled-object\b.{0,400}?(?: using (\S+))?\s*$/u;

/** `ausearch --format text`: that a program was refused something, and no more. */
export function parseSummary(text: string, lines: readonly number[]): SummaryLine | null {
  const base = { kind: "summary", form: "ausearch", lines, instant: null } as const;
  const match = SENTENCE.exec(text);
  if (match !== null) {
    const [hour = "", date = ""] = (match[1] ?? "").split(" ");
    return { ...base, time: `${date} ${hour}`, exe: match[2] ?? null };
  }
  return null;
}

/** A row of `ausearch --format csv`. */
export function parseCsvRow(text: string, lines: readonly number[]): SummaryLine | null {
  if (!/(?:^|,)AVC,/u.test(text) || !text.includes("accessed-mac-policy-controlled-object")) return null;
  const fields = text.split(",");
  const date = fields.find((field) => /^\d{2,4}[./-]\d\d[./-]\d{2,4}$/u.test(field));
  const time = fields.find((field) => /^\d\d:\d\d:\d\d$/u.test(field));
  return {
    kind: "summary",
    form: "ausearch",
    lines,
    instant: null,
    time: date === undefined || time === undefined ? null : `${date} ${time}`,
    exe: fields.find((field) => field.startsWith("/")) ?? null,
  };
}
