/** The logs of a host: which there are, what this user may read of them, and how to get the rest. */
import { promises } from "node:fs";
import type { UnreadLog } from "../report/denialReport.ts";
import type { DenialsCommand } from "./arguments.ts";
import { absolutePath, type Console } from "./console.ts";
import type { Joined } from "./explainLines.ts";

/** A log that can be read. */
export interface Log {
  /** As it is named in reports. */
  readonly name: string;
  /** Path of a file; null for what a program prints. */
  readonly path: string | null;
  /** The program that prints it from an instant on (milliseconds since 1970; null: from the usual time on), with arguments. */
  readonly program: ((since: number | null) => readonly [file: string, ...args: string[]]) | null;
}

export interface Logs {
  readonly read: readonly Log[];
  readonly unread: readonly UnreadLog[];
}

const AUDIT_LOG = "/var/log/audit/audit.log";
/** Rotated audit logs that auditd keeps by default (`num_logs`). */
const ROTATED = 4;
const USUAL_ERROR_LOG = "/var/log/nginx/error.log";
/** Characters of a program's output. */
const MOST_OUTPUT = 64 * 2 ** 20;
const PATIENCE_MS = 60_000;

/** The logs for a command: the file that it names, else those of the host (or of its copy below `root`). */
export async function logsOf(
  command: DenialsCommand,
  root: string,
  joined: Joined | null,
  since: number | null,
  console: Console,
): Promise<Logs> {
  if (command.file !== null) return { read: [fileLog(absolutePath(console, command.file))], unread: [] };
  const audit = await auditLogs(command, root, since, console);
  const errors = await readable(errorLogs(joined, root), console);
  return { read: [...audit.read, ...errors.read], unread: [...audit.unread, ...errors.unread] };
}

function fileLog(path: string): Log {
  return { name: path, path, program: null };
}

/** The audit log itself, or `ausearch` as root where that was asked for, or the journal. */
async function auditLogs(command: DenialsCommand, root: string, since: number | null, console: Console): Promise<Logs> {
  if (command.sudo && root === "") return { read: [ausearch(since)], unread: [] };
  const path = `${root}${AUDIT_LOG}`;
  const found = await readable([path], console);
  if (found.read.length > 0) {
    const older = Array.from({ length: ROTATED }, (_, i) => `${path}.${ROTATED - i}`);
    const rotated = command.follow ? { read: [] } : await readable(older, console);
    return { read: [...rotated.read, ...found.read], unread: [] };
  }
  if (root !== "") return found;
  return { read: [journal(since)], unread: found.unread };
}

function ausearch(wanted: number | null): Log {
  return {
    name: "ausearch",
    path: null,
    program: (since) => [...AUSEARCH, ...startWords("-ts", since ?? wanted)],
  };
}

const AUSEARCH = ["/usr/bin/sudo", "-n", "/usr/sbin/ausearch", "--input-logs", "--raw", "-m", "AVC,USER_AVC"] as const;

function startWords(option: string, instant: number | null): readonly string[] {
  return instant === null ? [] : [option, ...localWords(instant)];
}

/** Kernel records that the journal holds: all that an ordinary user may read of them. */
function journal(wanted: number | null): Log {
  return {
    name: "journal",
    path: null,
    program: (since) => {
      const from = since ?? wanted;
      const start = from === null ? "--since=-7d" : `--since=@${Math.floor(from / 1000)}`;
      return [...JOURNALCTL, start, "_TRANSPORT=audit", "+", "_TRANSPORT=kernel"];
    },
  };
}

const JOURNALCTL = ["/usr/bin/journalctl", "--no-pager", "--quiet", "-o", "short-iso"] as const;

/** A local time as two words, in the C locale of the programs that we start: 01/15/2026 10:00:00. */
function localWords(instant: number): readonly string[] {
  const date = new Date(instant);
  const two = (value: number): string => String(value).padStart(2, "0");
  return [
    `${two(date.getMonth() + 1)}/${two(date.getDate())}/${date.getFullYear()}`,
    `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`,
  ];
}

/** Paths of the error logs that the configuration names; the usual one where it names none. */
function errorLogs(joined: Joined | null, root: string): readonly string[] {
  const named = (joined?.accesses ?? []).flatMap((access) =>
    access.protocol === "file" && access.directive === "error_log" && access.path !== null ? [access.path] : [],
  );
  const paths = named.length === 0 ? [USUAL_ERROR_LOG] : named;
  return [...new Set(paths)].map((path) => `${root}${path}`);
}

/** Which of some files can be read. A file that does not exist is no log, and nothing is said of it. */
async function readable(paths: readonly string[], console: Console): Promise<Logs> {
  const read: Log[] = [];
  const unread: UnreadLog[] = [];
  for (const path of paths) {
    const code = await openCode(path);
    if (code === null) read.push(fileLog(path));
    else if (code !== "ENOENT" && code !== "ENOTDIR") unread.push(deniedLog(path, code, console));
  }
  return { read, unread };
}

/** Why a log was not read, from the code of the error, and how to get it. */
export function deniedLog(log: string, code: string, { host }: Console): UnreadLog {
  const isAudit = log.endsWith(AUDIT_LOG);
  return {
    log,
    reason: code === "EACCES" ? `not readable as ${host.user}` : code,
    how: isAudit
      ? "denials --sudo asks sudo -n ausearch, without a password; or run this as root"
      : "run this as root, or let your group read it",
  };
}

/** Null where a file can be read; the code of the error else. */
async function openCode(path: string): Promise<string | null> {
  try {
    const file = await promises.open(path);
    await file.close();
    return null;
  } catch (error) {
    return error instanceof Error && "code" in error ? String(error.code) : "EIO";
  }
}

/** Gives what the program of a log prints from an instant on; says why it printed nothing, and how to get the log. */
export async function runLogProgram(
  log: Log,
  since: number | null,
  console: Console,
  push: (text: string) => void,
): Promise<UnreadLog | null> {
  if (log.program === null) return null;
  const [file, ...args] = log.program(since);
  try {
    const { code, stdout, stderr } = await console.host.run(file, args, {
      timeoutMs: PATIENCE_MS,
      maxBytes: MOST_OUTPUT,
    });
    push(stdout);
    // ausearch ends with 1 where it finds nothing.
    if (code === 0 || (log.name === "ausearch" && /no matches/u.test(stderr))) return null;
    return { log: log.name, reason: stderr.trim().split("\n")[0] ?? `exit code ${code}`, how: howToRun(log) };
  } catch (error) {
    return { log: log.name, reason: error instanceof Error ? error.message : String(error), how: howToRun(log) };
  }
}

function howToRun({ name }: Log): string {
  return name === "ausearch"
    ? "sudo -n needs a rule without a password, or a sudo that has just been used: run sudo -v first"
    : "run this as root, or give the text of sudo ausearch -m avc -ts recent to explain -";
}
