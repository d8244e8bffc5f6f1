/** One AVC record: the part of a line from `avc:` on. */
import { memo } from "../base/memo.ts";
import { decodeHex, IDENTIFIER, typeOf } from "./decode.ts";
import type { AvcDenial } from "./denial.ts";

/** What an AVC record says by itself; who wrote it and when is said around it. */
export type AvcBody = Omit<AvcDenial, "kind" | "lines" | "form" | "time" | "instant" | "serial" | "event">;

const VERDICT = /^[ \t]*(denied|granted)[ \t]*\{([^{}]{0,512})\}[ \t]*(?:for\b[ \t]*)?/u;
/** `avc: denied` of a kernel that was built with other words, and of hand-written notes. */
const MOST_PERMISSIONS = 64;

/** Reads the text behind `avc:`: the record and its process, or why it is none. */
export type AvcReader = (text: string) => { readonly body: AvcBody; readonly pid: number | null } | string;

/** Different records that a reader keeps. */
const MOST_KEPT = 1024;
const PROCESS = /^[^"]{0,256}? pid=(\d{1,15})(?= )/u;

/** A reader that keeps what it has read: a log has the same refusal again and again, of another process each time. */
export function createAvcReader(): AvcReader {
  const kept = new Map<string, AvcBody | string>();
  return (text) => {
    const process = PROCESS.exec(text);
    const [before = "", pid = ""] = process ?? [];
    const body = memo(kept, before.slice(0, before.length - pid.length) + text.slice(before.length), () => {
      if (kept.size >= MOST_KEPT) kept.clear();
      return parseAvc(text);
    });
    return typeof body === "string" ? body : { body, pid: process === null ? body.pid : Number(pid) };
  };
}

/** The record, or why it is none. `text` begins behind `avc:`. */
function parseAvc(text: string): AvcBody | string {
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
  const rest = text.slice(verdict[0].length);
  // A decoded name may hold anything, so the contexts are the last ones, and what describes the object is before them.
  const from = lastKey(rest, "scontext");
  const head = from < 0 ? rest : rest.slice(0, from);
  const tail = from < 0 ? "" : rest.slice(from);
  const fields = headFields(head);
  const contexts = tailFields(tail === "" ? rest : tail);
  return assemble(verdict[1] === "granted", permissions, fields, contexts);
}

function assemble(
  granted: boolean,
  permissions: readonly string[],
  fields: ReadonlyMap<string, string>,
  contexts: ReadonlyMap<string, string>,
): AvcBody {
  const decoded: Record<string, string> = {};
  const named = (key: string): string | null => {
    const value = fields.get(key);
    if (value === undefined) return null;
    const text = value.startsWith('"') ? null : decodeHex(value);
    if (text !== null) decoded[key] = value;
    return text ?? unquoted(value);
  };
  const cls = wordOf(contexts.get("tclass"));
  const src = numberOf(fields.get("src"));
  const dest = numberOf(fields.get("dest"));
  const protocol = protocolOf(cls, permissions);
  const sourceContext = contexts.get("scontext") ?? null;
  const targetContext = contexts.get("tcontext") ?? null;
  const target = typeOf(targetContext);
  return {
    granted,
    permissions,
    cls,
    sourceContext,
    source: typeOf(sourceContext),
    targetContext,
    target,
    pid: numberOf(fields.get("pid")),
    comm: named("comm"),
    exe: named("exe") ?? wordOf(contexts.get("exe")),
    port: protocol === null ? null : portOf(permissions, src, dest),
    protocol,
    src,
    dest,
    sourceAddress: fields.get("saddr") ?? fields.get("laddr") ?? null,
    destinationAddress: fields.get("daddr") ?? fields.get("faddr") ?? null,
    interface: fields.get("netif") ?? null,
    path: named("path"),
    name: named("name"),
    dev: named("dev"),
    ino: numberOf(fields.get("ino")),
    capability: fields.get("capability") ?? null,
    ioctlcmd: fields.get("ioctlcmd") ?? null,
    permissive: permissiveOf(contexts),
    decoded,
    impossible: whyImpossible(cls, permissions, target),
  };
}

/** Position of ` key=`, the last one; -1 where there is none. */
function lastKey(text: string, key: string): number {
  for (let at = text.lastIndexOf(`${key}=`); at >= 0; at = text.lastIndexOf(`${key}=`, at - 1)) {
    if (at === 0 || text[at - 1] === " " || text[at - 1] === "\t") return at;
    if (at === 0) return -1;
  }
  return -1;
}

const HEAD_KEYS = new Set(
  (
    "pid comm path name dev ino dest src saddr daddr laddr lport faddr fport netif capability ioctlcmd key exe " +
    "msgtype interface member spid tpid service kern_dest"
  ).split(" "),
);

/**
 * The fields in front of the contexts. A quoted value ends at its quote, another at the next key that is known:
 * `ausearch -i` writes decoded names without quotes, spaces and all. The first of two equal keys counts.
 */
function headFields(text: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  let key: string | null = null;
  let from = 0;
  let at = 0;
  const close = (end: number): void => {
    if (key !== null && !fields.has(key)) fields.set(key, text.slice(from, end).trim());
    key = null;
  };
  while (at < text.length) {
    const space = text.indexOf(" ", at);
    const end = space < 0 ? text.length : space;
    const equals = text.indexOf("=", at);
    const word = equals > at && equals < end ? text.slice(at, equals) : "";
    if (word !== "" && word.length < 12 && HEAD_KEYS.has(word)) {
      close(at);
      key = word;
      from = equals + 1;
      if (text[from] === '"') {
        const quote = text.indexOf('"', from + 1);
        at = quote < 0 ? text.length : quote + 1;
        close(at);
        continue;
      }
    }
    at = end + 1;
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
