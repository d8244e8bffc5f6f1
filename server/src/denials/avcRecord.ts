/** One AVC record: the part of a line from `avc:` on. */
import { BoundedMap, memo } from "../base/memo.ts";
import { decodeHex, IDENTIFIER, typeOf } from "./decode.ts";
import type { AvcDenial } from "./denial.ts";

/** What is said around an AVC record: who wrote it and when, and the other records of its event. */
export type AroundRecord = Pick<AvcDenial, "lines" | "form" | "time" | "instant" | "serial" | "event">;

/** Reads the text behind `avc:`: the record, or why it is none. */
export type AvcReader = (text: string, around: AroundRecord) => AvcDenial | string;

/** Behind `avc:`: the verdict and the permissions. */
type Verdict = Pick<AvcDenial, "granted" | "permissions">;

/** The end of a record: to whom and to which object it was refused. */
type Contexts = Pick<AvcDenial, "cls" | "sourceContext" | "source" | "targetContext" | "target" | "exe" | "permissive">;

/** Different verdicts, and different ends of records, that a reader keeps. */
const MOST_KEPT = 256;

/** A reader that keeps the verdicts and the ends of records: a log has few of them, around names and processes of all kinds. */
export function createAvcReader(): AvcReader {
  const verdicts = new BoundedMap<string, Verdict | string>(MOST_KEPT);
  const ends = new BoundedMap<string, Contexts>(MOST_KEPT);
  return (text, around) => {
    const brace = text.indexOf("}") + 1;
    const start = text.slice(0, brace);
    const verdict = brace === 0 ? parseVerdict(text) : memo(verdicts, start, () => parseVerdict(start));
    if (typeof verdict === "string") return verdict;
    // A decoded name may hold anything, so the contexts are the last ones, and what describes the object is before them.
    const from = lastKey(text, "scontext", brace);
    const end = text.slice(from < 0 ? brace : from);
    const contexts = memo(ends, end, () => parseContexts(end));
    const head = text.slice(brace, from < 0 ? undefined : from);
    return assemble(around, verdict, contexts, headFields(head));
  };
}

const VERDICT = /^[ \t]*(denied|granted)[ \t]*\{([^{}]{0,512})\}$/u;
/** `avc: denied` of a kernel that was built with other words, and of hand-written notes. */
const MOST_PERMISSIONS = 64;

/** The text up to the brace that ends the permissions. */
function parseVerdict(text: string): Verdict | string {
  const verdict = VERDICT.exec(text);
  if (verdict === null) {
    return /^[ \t]*(?:denied|granted)/u.test(text)
      ? "the permissions in braces are missing: avc: denied { name_connect }"
      : 'there is neither "denied" nor "granted" behind avc:';
  }
  const permissions = (verdict[2] ?? "").split(/\s+/u).filter((word) => word !== "");
  if (permissions.length === 0) return "the braces are empty: they name what was refused";
  if (permissions.length > MOST_PERMISSIONS || !permissions.every((word) => IDENTIFIER.test(word)))
    return "the braces hold no list of permissions";
  return { granted: verdict[1] === "granted", permissions };
}

function parseContexts(text: string): Contexts {
  const fields = tailFields(text);
  const sourceContext = fields.get("scontext") ?? null;
  const targetContext = fields.get("tcontext") ?? null;
  return {
    cls: wordOf(fields.get("tclass")),
    sourceContext,
    source: typeOf(sourceContext),
    targetContext,
    target: typeOf(targetContext),
    exe: wordOf(fields.get("exe")),
    permissive: permissiveOf(fields),
  };
}

const nothingDecoded: AvcDenial["decoded"] = {};

function assemble(
  { lines, form, time, instant, serial, event }: AroundRecord,
  { granted, permissions }: Verdict,
  { cls, sourceContext, source, targetContext, target, exe, permissive }: Contexts,
  fields: HeadFields,
): AvcDenial {
  let decoded: AvcDenial["decoded"] = nothingDecoded;
  const named = (key: HeadKey): string | null => {
    const value = fields[SLOTS[key]];
    if (value === undefined) return null;
    if (value.startsWith('"')) return unquoted(value);
    const text = decodeHex(value);
    if (text !== null) decoded = { ...decoded, [key]: value };
    return text ?? value;
  };
  const comm = named("comm");
  const program = named("exe");
  const path = named("path");
  const name = named("name");
  const dev = named("dev");
  const src = numberOf(fields[SLOTS.src]);
  const dest = numberOf(fields[SLOTS.dest]);
  const protocol = protocolOf(cls, permissions);
  return {
    kind: "avc",
    lines,
    form,
    time,
    instant,
    granted,
    permissions,
    cls,
    sourceContext,
    source,
    targetContext,
    target,
    pid: numberOf(fields[SLOTS.pid]),
    comm,
    exe: program ?? exe ?? event.exe,
    port: protocol === null ? null : portOf(permissions, src, dest),
    protocol,
    src,
    dest,
    sourceAddress: fields[SLOTS.saddr] ?? fields[SLOTS.laddr] ?? null,
    destinationAddress: fields[SLOTS.daddr] ?? fields[SLOTS.faddr] ?? null,
    interface: fields[SLOTS.netif] ?? null,
    path,
    name,
    dev,
    ino: numberOf(fields[SLOTS.ino]),
    capability: fields[SLOTS.capability] ?? null,
    ioctlcmd: fields[SLOTS.ioctlcmd] ?? null,
    permissive,
    serial,
    decoded,
    event,
    impossible: whyImpossible(cls, permissions, target),
  };
}

/** Position of the last `key=` at a word's beginning, from `least` on; -1 where there is none. */
function lastKey(text: string, key: string, least: number): number {
  for (let at = text.lastIndexOf(`${key}=`); at >= least; at = text.lastIndexOf(`${key}=`, at - 1)) {
    if (at === least || text[at - 1] === " " || text[at - 1] === "\t") return at;
  }
  return -1;
}

/** The keys in front of the contexts that are read, and the place of each in `HeadFields`. */
const SLOTS = {
  ...{ pid: 1, comm: 2, path: 3, name: 4, dev: 5, ino: 6, dest: 7, src: 8, saddr: 9, daddr: 10, laddr: 11, faddr: 12 },
  ...{ netif: 13, capability: 14, ioctlcmd: 15, exe: 16 },
} as const;
type HeadKey = keyof typeof SLOTS;

/** Values by their places: there are half a million records in a log of 100 MB, and a map for each costs twice the reading. */
type HeadFields = readonly (string | undefined)[];

/** The place of a key that is known and not read. */
const UNREAD = 0;

/** Places by key. */
const PLACES: ReadonlyMap<string, number> = new Map([
  ...Object.entries(SLOTS),
  ..."lport fport key msgtype interface member spid tpid service kern_dest"
    .split(" ")
    .map((key): [string, number] => [key, UNREAD]),
]);

/** No key is longer. */
const LONGEST_KEY = 11;

/**
 * The fields in front of the contexts. A quoted value ends at its quote, another at the next key that is known:
 * `ausearch -i` writes decoded names without quotes, spaces and all. The first of two equal keys counts.
 */
function headFields(text: string): HeadFields {
  const fields: (string | undefined)[] = [];
  let place = UNREAD;
  let from = 0;
  /** Everything before it is read; `isStart`: a word may begin there. */
  let at = 0;
  let isStart = true;
  const close = (end: number): void => {
    if (place !== UNREAD) fields[place] ??= text.slice(from, end).trim();
    place = UNREAD;
  };
  for (let equals = text.indexOf("="); equals >= 0; equals = text.indexOf("=", at)) {
    const least = Math.max(at, equals - LONGEST_KEY - 1);
    const blank = text.slice(least, equals).lastIndexOf(" ");
    const start = blank >= 0 ? least + blank + 1 : isStart && least === at ? at : equals;
    const known = PLACES.get(text.slice(start, equals));
    at = equals + 1;
    isStart = false;
    if (known === undefined) continue;
    close(start);
    place = known;
    from = at;
    if (text[from] !== '"') continue;
    const quote = text.indexOf('"', from + 1);
    at = quote < 0 ? text.length : quote + 1;
    isStart = true;
    close(at);
  }
  close(text.length);
  return fields;
}

const TAIL_KEYS = /(?:^|[ \t])(scontext|tcontext|tclass|permissive|result|exe|srawcon|trawcon)=("[^"]*"|\S*)/gu;

function tailFields(text: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const match of text.matchAll(TAIL_KEYS)) {
    const [, key = "", value = ""] = match;
    if (!fields.has(key) && value !== "")
      fields.set(key, key === "tclass" ? value.replace(/[^a-z0-9_].*$/u, "") : value);
  }
  return fields;
}

function unquoted(value: string): string {
  return value.startsWith('"') ? value.slice(1).replace(/"$/u, "") : value;
}

function wordOf(value: string | undefined): string | null {
  const word = value === undefined ? "" : unquoted(value).replace(/[,.;]+$/u, "");
  return word === "" ? null : word;
}

/** A whole number; null for `:1.21`, the address of a D-Bus peer. */
function numberOf(value: string | undefined): number | null {
  return value !== undefined && /^\d{1,20}$/u.test(value) ? Number(value) : null;
}

function protocolOf(cls: string | null, permissions: readonly string[]): "tcp" | "udp" | null {
  if (cls === "tcp_socket") return "tcp";
  if (cls === "udp_socket") return "udp";
  return cls === null && permissions.includes("name_connect") ? "tcp" : null;
}

function portOf(permissions: readonly string[], src: number | null, dest: number | null): number | null {
  if (permissions.includes("name_connect")) return dest;
  if (permissions.includes("name_bind") || permissions.includes("node_bind")) return src;
  return dest ?? src;
}

/** `permissive=0|1`; some builds write the result of the check instead. */
function permissiveOf(contexts: ReadonlyMap<string, string>): boolean | null {
  const permissive = contexts.get("permissive");
  if (permissive !== undefined && /^[01]/u.test(permissive)) return permissive.startsWith("1");
  const result = contexts.get("result");
  return result === undefined ? null : result.startsWith("0");
}

/** Combinations that circulate in answers and that no kernel checks. */
function whyImpossible(cls: string | null, permissions: readonly string[], target: string | null): string | null {
  if (cls === "sock_file" && permissions.includes("connectto"))
    return "connectto is a permission of unix_stream_socket, and its target is the domain of a process: no kernel writes it for a sock_file";
  if (
    cls === "unix_stream_socket" &&
    permissions.includes("connectto") &&
    /_(?:port|home|content|var_run)_t$/u.test(target ?? "")
  )
    return "the target of connectto is the domain of a process, not the type of a file or port";
  return null;
}
