/** What the other records of an audit event tell: SYSCALL, PATH, CWD, SOCKADDR, PROCTITLE. */
import { decodeHex, decodeSocketAddress } from "./decode.ts";
import type { EventRecords } from "./denial.ts";

interface EventRecord {
  readonly type: string;
  readonly body: string;
}

/** What the records say, read when it is asked for: of thousands of equal events one is. */
export class ReadEvent implements EventRecords {
  readonly #records: readonly EventRecord[];

  constructor(records: readonly EventRecord[]) {
    this.#records = records;
  }

  get exe(): string | null {
    return this.#field("SYSCALL", "exe");
  }

  get path(): string | null {
    const object = this.#object();
    return object === undefined ? null : absolute(valueOf(object, "name"), this.#field("CWD", "cwd"));
  }

  get mode(): string | null {
    const object = this.#object();
    return object === undefined ? null : valueOf(object, "mode");
  }

  get syscall(): string | null {
    const call = this.#bodyOf("SYSCALL");
    return call === null ? null : syscallName(call);
  }

  get success(): boolean | null {
    const success = this.#field("SYSCALL", "success");
    return success === "yes" ? true : success === "no" ? false : null;
  }

  get address(): string | null {
    const socket = this.#bodyOf("SOCKADDR");
    return socket === null ? null : decodeSocketAddress(/saddr=(\{[^}]*\}|\S+)/u.exec(socket)?.[1] ?? "");
  }

  get proctitle(): string | null {
    const title = this.#bodyOf("PROCTITLE");
    return title === null ? null : titleOf(title);
  }

  #bodyOf(type: string): string | null {
    return this.#records.find((record) => record.type === type)?.body ?? null;
  }

  #field(type: string, key: string): string | null {
    const body = this.#bodyOf(type);
    return body === null ? null : valueOf(body, key);
  }

  /** The directory that something is made in is a record of its own; the object is the other one. */
  #object(): string | undefined {
    const paths = this.#records.filter(({ type }) => type === "PATH").map(({ body }) => body);
    return (
      paths.find((body) => valueOf(body, "nametype") !== "PARENT" && valueOf(body, "objtype") !== "PARENT") ?? paths[0]
    );
  }
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
export function valueOf(body: string, key: string): string | null {
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
