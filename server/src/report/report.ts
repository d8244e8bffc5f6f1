/** The stable report: what `--format json` prints and what tests compare. `schema` grows only by addition. */
import type { Range } from "../base/text.ts";
import type { ReportPolicy } from "../shared/reportPolicy.ts";
import type { Severity } from "../base/severity.ts";
import type { Certainty } from "../nginx/access.ts";

export interface ReportStep {
  readonly file: string;
  readonly range: Range;
  readonly directive: string;
}

export interface ReportAccess {
  readonly kind: "connect" | "bind" | "read" | "append" | "write" | "limit" | "capability";
  readonly protocol: "tcp" | "udp" | "unix" | "file" | "process";
  readonly host: string | null;
  readonly port: number | null;
  readonly lastPort?: number | undefined;
  readonly path: string | null;
  readonly source: string;
  readonly target: string | null;
  readonly class: string | null;
  readonly permission: string | null;
  readonly certainty: Certainty;
  /** The pass directives that lead to the place; at most 100 of them. */
  readonly via: readonly ReportStep[];
}

export interface ReportFix {
  readonly id: string;
  readonly title: string;
  readonly commands: readonly string[];
  readonly undo: readonly string[];
  readonly durable: boolean;
  readonly preferred: boolean;
  readonly opens: string;
  /** The part of it that matters most, in a few words. */
  readonly opensBriefly: string;
  /** How many findings of the configuration it clears, this one included. */
  readonly solves: number;
  /** What is changed in the configuration, for a fix that edits it; its commands are needed too. */
  readonly edits?: readonly ReportEdit[] | undefined;
}

/** A stretch of a file and what stands there afterwards. */
export interface ReportEdit {
  readonly file: string;
  readonly range: Range;
  readonly newText: string;
}

export interface ReportFinding {
  readonly rule: string;
  /** Where a target is refused for several reasons: the rules that say them, `rule` first. */
  readonly rules?: readonly string[];
  readonly severity: Severity;
  /** nginx does not start because of it. */
  readonly stopsNginx?: true;
  readonly message: string;
  readonly file: string;
  readonly range: Range;
  readonly access: ReportAccess | null;
  readonly because: readonly string[];
  readonly fixes: readonly ReportFix[];
}

/** Where a finding stands and what it is about, found out when it is read. */
export interface BriefPlace {
  readonly file: string;
  readonly range: Range;
  readonly access: ReportAccess | null;
}

/** A finding as a short report prints it: without evidence, and of its fixes the first one. */
export interface BriefFinding {
  readonly rule: string;
  readonly severity: Severity;
  readonly stopsNginx: boolean;
  readonly message: string;
  /** By identity: findings with the same one say the same, of the same target. Null for what no policy was asked about. */
  readonly verdict: object | null;
  /** Keeps less than the finding. */
  readonly place: BriefPlace;
  readonly access: ReportAccess | null;
  /** Of its preferred fix; null where that edits a file, or no fix is preferred. */
  readonly commands: readonly string[] | null;
  /** The first one, if there is one. */
  readonly fixes: readonly ReportFix[];
  /** How many fixes it has beside. */
  readonly moreFixes: number;
}

export interface ReportDecision extends ReportAccess {
  readonly file: string;
  readonly range: Range;
  readonly verdict: "allowed" | "denied" | "unknown";
  readonly because: readonly string[];
}

/** An include that was not followed, where this is no mistake of the configuration. */
export interface ReportNote {
  readonly file: string;
  readonly range: Range;
  readonly message: string;
}

export interface Report {
  readonly schema: 1;
  readonly policy: ReportPolicy;
  /** Why the configuration counts as one for nginx in a container, so that nothing is judged; null where it does not. */
  readonly container: string | null;
  readonly files: readonly string[];
  readonly notes: readonly ReportNote[];
  readonly findings: readonly ReportFinding[];
  readonly accesses?: readonly ReportDecision[];
}

/** A report whose lists are made while they are read, anew for each reading: a large one never exists as a whole. */
export type StreamedReport = Omit<Report, "findings" | "accesses"> & {
  readonly findings: Iterable<ReportFinding>;
  readonly accesses?: Iterable<ReportDecision>;
};
