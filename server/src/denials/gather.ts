/** Equal refusals as one, and lines of different programs that tell of the same one. Memory is bounded, whatever the logs say. */
import type { Denial, DenialSink, NotUnderstood } from "./denial.ts";
import { createDenialReader } from "./readDenials.ts";
import { subjectOf, type Subject } from "./subject.ts";

/** A refusal, however often it happened. */
export interface Refusal {
  /** The line that says most of it. */
  readonly denial: Denial;
  /** Other lines that tell of the same refusal: nginx's beside the record, setroubleshoot's. */
  readonly also: readonly Denial[];
  readonly subject: Subject;
  /** Lines of the text, ascending; the first hundred. */
  readonly lines: readonly number[];
  /** Name of the log; null for a text. */
  readonly log: string | null;
  readonly count: number;
  /** The first and the last time of it; equal where there is one. */
  readonly first: Moment;
  readonly last: Moment;
}

/** When a line was written. */
type Moment = Pick<Denial, "time" | "instant">;

export interface Gathered {
  readonly refusals: readonly Refusal[];
  readonly notUnderstood: readonly NotUnderstood[];
  /** Different refusals, and lines not understood, beyond what is kept. */
  readonly leftOut: number;
  /** True where nginx said that it was not started by root: its refusals are those of an ordinary user. */
  readonly unprivileged: boolean;
}

const MOST_REFUSALS = 2000;
const MOST_LINES = 100;
const MOST_COMPLAINTS = 200;

interface Group {
  denial: Denial;
  also: Denial[];
  subject: Subject;
  lines: number[];
  readonly log: string | null;
  count: number;
  first: Moment;
  last: Moment;
}

export interface Gatherer {
  /** Where a reader puts the denials of a log. */
  sink(log: string | null): DenialSink;
  /** What was gathered so far. */
  gathered(): Gathered;
}

export function createGatherer(): Gatherer {
  const groups = new Map<string, Group>();
  const notUnderstood: NotUnderstood[] = [];
  let leftOut = 0;
  let unprivileged = false;

  const add = (denial: Denial, log: string | null): void => {
    if (denial.kind === "nginx" && isNoRefusal(denial)) {
      unprivileged ||= denial.message.startsWith('the "user" directive makes sense only if');
      return;
    }
    const subject = subjectOf(denial);
    const key = keyOf(denial, subject);
    const known = groups.get(key);
    if (known !== undefined) count(known, denial);
    else if (groups.size >= MOST_REFUSALS) leftOut++;
    else groups.set(key, groupOf(denial, subject, log));
  };
  return {
    sink: (log) => ({
      denial: (denial) => add(denial, log),
      notUnderstood: (line) => {
        if (notUnderstood.length < MOST_COMPLAINTS) notUnderstood.push(line);
        else leftOut++;
      },
    }),
    gathered: () => ({
      refusals: withoutConsequences(joined([...groups.values()])),
      notUnderstood: [...notUnderstood],
      leftOut,
      unprivileged,
    }),
  };
}

/** Lines that name no failed call follow from those that do; alone they are all that there is. */
function withoutConsequences(refusals: readonly Refusal[]): readonly Refusal[] {
  const calls = refusals.filter(({ denial }) => denial.kind !== "nginx" || denial.call !== null || denial.refused);
  return calls.length > 0 ? calls : refusals;
}

/** The refusals of a text, and lines of nginx's that may be taken for one. */
export function gatherText(text: string): Gathered {
  const gatherer = createGatherer();
  const reader = createDenialReader(gatherer.sink(null), { lookAlikes: true });
  reader.push(text);
  reader.end();
  return gatherer.gathered();
}

/** A line of nginx's that tells of no failed call: a consequence, or something else. */
function isNoRefusal(denial: Extract<Denial, { kind: "nginx" }>): boolean {
  return denial.call === null && !denial.refused && denial.level !== "error" && denial.level !== "crit";
}

function groupOf(denial: Denial, subject: Subject, log: string | null): Group {
  const times = denial.kind === "setroubleshoot" ? (denial.count ?? 1) : 1;
  const moment = momentOf(denial);
  return { denial, also: [], subject, lines: [...denial.lines], log, count: times, first: moment, last: moment };
}

function count(group: Group, denial: Denial): void {
  group.count += denial.kind === "setroubleshoot" ? (denial.count ?? 1) : 1;
  if (group.lines.length < MOST_LINES) group.lines.push(...denial.lines);
  const moment = momentOf(denial);
  if (!isEarlier(moment, group.last)) group.last = moment;
  if (isEarlier(moment, group.first)) group.first = moment;
}

/** Without the rest of the line, which is let go. */
function momentOf({ time, instant }: Denial): Moment {
  return { time, instant };
}

/** Earlier for certain; a line without a time is later than those before it. */
function isEarlier(one: Moment, other: Moment): boolean {
  if (one.instant !== null && other.instant !== null) return one.instant < other.instant;
  return (
    one.instant === null && other.instant === null && one.time !== null && other.time !== null && one.time < other.time
  );
}

/** Of equal refusals the same: neither the time nor the process counts, nor the address of a port, which SELinux does not see. */
function keyOf(denial: Denial, subject: Subject): string {
  const { source, target, cls, permissions, port, path, name, process, permissive } = subject;
  const asked = `${source}\u0001${target}\u0001${cls}\u0001${permissions.length === 1 ? permissions[0] : permissions.join(" ")}`;
  const key = `${denial.kind}\u0001${asked}\u0001${port}\u0001${path ?? name}\u0001${process}\u0001${permissive}`;
  switch (denial.kind) {
    case "avc":
      return `${key}\u0001${denial.granted}\u0001${path === null && name === null ? `${denial.dev} ${denial.ino}` : ""}`;
    case "nginx": {
      const message = port === null && path === null ? denial.message.slice(0, 80) : "";
      return `${key}\u0001${denial.call}\u0001${denial.errno}\u0001${denial.resource}\u0001${message}`;
    }
    case "notice":
      return `${key}\u0001${denial.what}\u0001${denial.enforcing}`;
    default:
      return key;
  }
}

/** Lines that tell of the same refusal are one: the kernel's record says most. The groups themselves stay as they are. */
function joined(groups: readonly Group[]): readonly Refusal[] {
  const copies = groups.map((group) => ({ ...group, also: [], lines: [...group.lines] }));
  const records = new Map<string, Group>();
  for (const copy of copies) {
    if (copy.denial.kind !== "avc") continue;
    for (const key of causeKeys(copy)) if (!records.has(key)) records.set(key, copy);
  }
  return copies.filter((copy) => {
    if (copy.denial.kind === "avc") return true;
    const record = causeKeys(copy).flatMap((key) => records.get(key) ?? [])[0];
    if (record !== undefined) absorb(record, copy);
    return record === undefined;
  });
}

function absorb(record: Group, other: Group): void {
  record.also.push(other.denial);
  if (record.log === other.log)
    record.lines = [...record.lines, ...other.lines].sort((a, b) => a - b).slice(0, MOST_LINES);
  record.count = Math.max(record.count, other.count);
  const { host, path } = record.subject;
  record.subject = {
    ...record.subject,
    host: host ?? other.subject.host,
    path: path ?? objectPath(record.subject, other.subject.path),
    nginx: record.subject.nginx ?? other.subject.nginx,
  };
}

/** The path of a record's object, from that of the file that nginx names: this may lie below it. */
function objectPath({ cls, name }: Subject, path: string | null): string | null {
  return cls === "dir" && name !== null && path !== null ? directoryNamed(path, name) : path;
}

/** The directory of this name in a path; null where there is none, or more than one. */
export function directoryNamed(path: string, name: string): string | null {
  const from = path.indexOf(`/${name}/`);
  return from >= 0 && path.indexOf(`/${name}/`, from + 1) < 0 ? path.slice(0, from + 1 + name.length) : null;
}

/** Names of the directories on the way to a path. */
function namesAbove(path: string): readonly string[] {
  return path
    .split("/")
    .slice(0, -1)
    .filter((name) => name !== "");
}

/** True for what is asked when a socket is bound: of its port, of its address. */
export function isBind(permissions: readonly string[]): boolean {
  return permissions.includes("name_bind") || permissions.includes("node_bind");
}

/** What a record and another line of the same refusal have in common. */
function causeKeys({ denial, subject }: Group): readonly string[] {
  const { port, permissions, cls, path, name } = subject;
  const last = name ?? path?.slice(path.lastIndexOf("/") + 1) ?? null;
  if (denial.kind === "nginx") {
    if (!denial.refused) return [];
    const ways = namesAbove(path ?? "").map((each) => `search ${each}`);
    if (denial.call === "connect")
      return port !== null ? [`name_connect ${port}`] : last === null ? [] : [`socket ${last}`, ...ways];
    if (denial.call === "bind") return port !== null ? [`name_bind ${port}`] : [];
    if (denial.call === "setrlimit") return ["setrlimit"];
    return path === null ? [] : [`path ${path}`, ...ways];
  }
  if (denial.kind === "summary") return [`program ${denial.exe} ${denial.time}`];
  if (denial.kind !== "avc" && denial.kind !== "setroubleshoot") return [];
  if (subject.nginx === false) return [];
  if (permissions.includes("name_connect")) return [`name_connect ${port}`];
  if (isBind(permissions)) return [`name_bind ${port}`];
  if (permissions.includes("setrlimit")) return ["setrlimit"];
  if (cls === "sock_file" || cls === "unix_stream_socket") return last === null ? [] : [`socket ${last}`];
  const way =
    cls === "dir" && path === null && name !== null && permissions.includes("search") ? [`search ${name}`] : [];
  const keys = last === null ? [] : [`alert ${cls} ${permissions.join(" ")} ${last}`, ...way];
  return path === null ? [...keys, `alert ${cls} ${permissions.join(" ")}`] : [`path ${path}`, ...keys];
}
