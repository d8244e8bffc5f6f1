/** What a line of a log says of a refusal: the fields as the line has them, decoded, and nothing that it does not say. */

/** Whose text it is. */
export type Form =
  "avc" | "ausearch" | "journal" | "dmesg" | "setroubleshoot" | "sealert" | "audit2why" | "audit2allow" | "error-log";

interface Recorded {
  /** Lines of the text, one-based, that this was read from, in order. */
  readonly lines: readonly number[];
  readonly form: Form;
  /** The time as written; null where the line has none. */
  readonly time: string | null;
  /** The same instant in milliseconds since 1970; null where the line does not tell it (a date without a year or zone). */
  readonly instant: number | null;
}

/** A record of the access vector cache: what the kernel (or a program that asks it) refused, logged or granted. */
export interface AvcDenial extends Recorded {
  readonly kind: "avc";
  readonly granted: boolean;
  readonly permissions: readonly string[];
  /** Object class; null where the line was cut before it. */
  readonly cls: string | null;
  readonly sourceContext: string | null;
  readonly source: string | null;
  readonly targetContext: string | null;
  readonly target: string | null;
  readonly pid: number | null;
  readonly comm: string | null;
  readonly exe: string | null;
  /** The port that was refused: of `dest` (connect) or `src` (bind). Null for packets, which have both. */
  readonly port: number | null;
  readonly protocol: "tcp" | "udp" | null;
  readonly src: number | null;
  readonly dest: number | null;
  readonly sourceAddress: string | null;
  readonly destinationAddress: string | null;
  readonly interface: string | null;
  /** Whole path, where the record has it. An abstract socket's begins with NUL. */
  readonly path: string | null;
  /** Last component of the path, where the record has only that. */
  readonly name: string | null;
  readonly dev: string | null;
  readonly ino: number | null;
  /** Number or name, as written. */
  readonly capability: string | null;
  readonly ioctlcmd: string | null;
  /** True: logged and not blocked. Null where the line does not say. */
  readonly permissive: boolean | null;
  readonly serial: number | null;
  /** The hexadecimal text that a field was decoded from. */
  readonly decoded: Readonly<Record<string, string>>;
  /** Other records of the same event. */
  readonly event: EventRecords;
  /** Why no kernel writes such a line; null for a possible one. */
  readonly impossible: string | null;
}

/** Fields of the other records of an event: SYSCALL, PATH, CWD, SOCKADDR, PROCTITLE. */
export interface EventRecords {
  /** Program, from SYSCALL. */
  readonly exe: string | null;
  /** Whole path of the object, from PATH and CWD. */
  readonly path: string | null;
  /** Octal mode of the object, as written: `0100644`. */
  readonly mode: string | null;
  /** Name of the system call, where it is known. */
  readonly syscall: string | null;
  /** Whether the call succeeded: then nothing was blocked, whatever `permissive` says. */
  readonly success: boolean | null;
  /** Address that was connected to or bound: `127.0.0.1:3000`, `/run/x.sock`. */
  readonly address: string | null;
  readonly proctitle: string | null;
}

/** A line of nginx's own. */
export interface NginxLine extends Recorded {
  readonly kind: "nginx";
  readonly level: string | null;
  readonly pid: number | null;
  readonly connection: number | null;
  /** The call that failed: `connect`, `open`, `fopen` (OpenSSL), `index` ("is forbidden"). */
  readonly call: string | null;
  /** What OpenSSL was to load: `certificate key`, `X509_LOOKUP_load_file`. */
  readonly what: string | null;
  /** As written: `127.0.0.1:3000`, `unix:/run/x.sock`. */
  readonly address: string | null;
  readonly port: number | null;
  readonly path: string | null;
  /** Second path of `rename`. */
  readonly to: string | null;
  /** Null where the line has no number. */
  readonly errno: number | null;
  /** True where it says that permission was denied, with a number or without. */
  readonly refused: boolean;
  readonly resource: string | null;
  readonly value: number | null;
  /** `while connecting to upstream`. */
  readonly phase: string | null;
  /** `client`, `server`, `request`, `subrequest`, `upstream`, `host`, `referrer`, `login`, `resolver`, ... */
  readonly said: Readonly<Record<string, string>>;
  /** `in FILE:LINE` at the end. */
  readonly confFile: string | null;
  readonly confLine: number | null;
  /** What nginx says, without its head: for lines that have no call. */
  readonly message: string;
}

/** setroubleshoot's line, or sealert's report. */
export interface AlertLine extends Recorded {
  readonly kind: "setroubleshoot";
  readonly program: string;
  readonly permissions: readonly string[];
  readonly cls: string | null;
  readonly port: number | null;
  readonly path: string | null;
  readonly name: string | null;
  readonly source: string | null;
  readonly target: string | null;
  /** The label that its restorecon plugin names. */
  readonly defaultType: string | null;
  /** `Alert Count`. */
  readonly count: number | null;
  /** Package of the policy, without its architecture. */
  readonly policyPackage: string | null;
  /** Plugins that spoke, a boolean's with its name: `catchall_boolean:nis_enabled`. */
  readonly suggestions: readonly string[];
}

/** A rule that audit2allow wrote: what was refused once, not when or to whom. */
export interface RuleLine extends Recorded {
  readonly kind: "rule";
  readonly source: string;
  readonly target: string;
  readonly cls: string;
  readonly permissions: readonly string[];
}

/** `ausearch --format text` or `csv`: that something was refused, and to which program. */
export interface SummaryLine extends Recorded {
  readonly kind: "summary";
  readonly exe: string | null;
}

/** A notice of SELinux itself: a change of mode, a policy load. */
export interface NoticeLine extends Recorded {
  readonly kind: "notice";
  readonly what: string;
  readonly enforcing: boolean | null;
  readonly serial: number | null;
}

/** A refusal of another security module, written as `type=AVC` too. */
export interface OtherModuleLine extends Recorded {
  readonly kind: "other-lsm";
  readonly module: "apparmor" | "smack";
  readonly comm: string | null;
  readonly path: string | null;
  readonly name: string | null;
}

export type Denial = AvcDenial | NginxLine | AlertLine | RuleLine | SummaryLine | NoticeLine | OtherModuleLine;

/** A line that looks like one of these and could not be read. */
export interface NotUnderstood {
  /** One-based. */
  readonly line: number;
  readonly reason: string;
}

/** Where a reader puts what it finds, in the order of the text. */
export interface DenialSink {
  denial(denial: Denial): void;
  notUnderstood(line: NotUnderstood): void;
}
