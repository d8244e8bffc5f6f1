/** Explained refusals in the form that leaves the engine: paths, LSP positions, plain values. The JSON grows only by addition. */
import { bestLasting } from "../fixes/rank.ts";
import type { ExplainedRefusal } from "../analysis/explainDenials.ts";
import type { Form } from "../denials/denial.ts";
import type { Gathered } from "../denials/gather.ts";
import { reportTime } from "../denials/time.ts";
import { denialModule, type DenialModule } from "../fixes/denialModule.ts";
import { lineIndexOf } from "../nginx/tree/lineIndexes.ts";
import type { Certainty } from "../nginx/access.ts";
import type { Configuration } from "../nginx/load/configuration.ts";
import type { ReportFix } from "./report.ts";
import type { ReportPolicy } from "../shared/reportPolicy.ts";
import type { Range } from "../base/text.ts";

export interface DenialReport {
  readonly schema: 1;
  readonly policy: ReportPolicy;
  readonly denials: readonly ReportDenial[];
  readonly notUnderstood: Gathered["notUnderstood"];
  /** Different refusals beyond what is kept. */
  readonly leftOut: number;
  /** Logs that were not read, why, and how to get them. */
  readonly unread: readonly UnreadLog[];
}

export interface UnreadLog {
  readonly log: string;
  readonly reason: string;
  readonly how: string;
}

export interface ReportDenial {
  /** One-based. */
  readonly lines: readonly number[];
  /** The log that the lines are of; null for a text. */
  readonly log: string | null;
  readonly form: Form;
  /** Of the first and the last time. */
  readonly time: string | null;
  readonly lastTime: string | null;
  readonly count: number;
  readonly process: string | null;
  readonly nginx: boolean | null;
  readonly source: string | null;
  readonly target: string | null;
  readonly class: string | null;
  readonly permissions: readonly string[];
  readonly protocol: "tcp" | "udp" | "unix" | null;
  readonly host: string | null;
  readonly port: number | null;
  readonly path: string | null;
  readonly name: string | null;
  readonly permissive: boolean | null;
  readonly cause: ExplainedRefusal["cause"];
  readonly verdict: ExplainedRefusal["verdict"];
  readonly message: string;
  readonly because: readonly string[];
  readonly places: readonly ReportPlace[];
  readonly fixes: readonly ReportFix[];
}

export interface ReportPlace {
  readonly file: string;
  readonly range: Range;
  readonly directive: string;
  readonly certainty: Certainty;
}

/** The denials of a report. */
export function reportDenials(
  explained: readonly ExplainedRefusal[],
  configuration: Configuration | null,
): readonly ReportDenial[] {
  const solved = new Map<string, number>();
  for (const { fixes } of explained)
    for (const { commands } of fixes) solved.set(commands.join("\n"), (solved.get(commands.join("\n")) ?? 0) + 1);
  return explained.map((each) => reportDenial(each, configuration, (commands) => solved.get(commands.join("\n")) ?? 1));
}

function reportDenial(
  { refusal, places, cause, verdict, message, because, fixes, refused }: ExplainedRefusal,
  configuration: Configuration | null,
  solves: (commands: readonly string[]) => number,
): ReportDenial {
  const { subject, denial, first, last } = refusal;
  return {
    lines: refusal.lines,
    log: refusal.log,
    form: denial.form,
    time: reportTime(first.time, first.instant),
    lastTime: reportTime(last.time, last.instant),
    count: refusal.count,
    process: subject.process,
    nginx: subject.nginx,
    source: subject.source ?? refused?.source ?? null,
    target: subject.target ?? refused?.target ?? null,
    class: subject.cls ?? refused?.cls ?? null,
    permissions: subject.permissions.length > 0 ? subject.permissions : (refused?.permissions ?? []),
    protocol: subject.protocol,
    host: subject.host,
    port: subject.port,
    path: subject.path,
    name: subject.name,
    permissive: subject.permissive,
    cause,
    verdict,
    message,
    because,
    places: configuration === null ? [] : places.map((place) => reportPlace(place, configuration)),
    fixes: fixes.map(({ id, title, commands, undo, durable, opens, opensBriefly }) => ({
      id,
      title,
      commands,
      undo,
      durable,
      preferred: id === bestLasting(fixes)?.id,
      opens,
      opensBriefly,
      solves: solves(commands),
    })),
  };
}

function reportPlace(
  { file, span, directive, certainty }: ExplainedRefusal["places"][number],
  { files }: Configuration,
): ReportPlace {
  const entry = files[file];
  const nowhere = { line: 0, character: 0 };
  const range = entry === undefined ? { start: nowhere, end: nowhere } : lineIndexOf(entry.tree).rangeOf(span);
  return { file: entry?.path ?? "", range, directive, certainty };
}

/** The module for what is refused to nginx's domain, `source`, and nothing else. */
export function moduleFor(denials: readonly ReportDenial[], source: string): DenialModule {
  return denialModule(
    denials.flatMap((denial) => {
      const { target, class: cls, permissions, message, count } = denial;
      if (denial.source !== source || denial.verdict === "allowed" || denial.verdict === "never-refused") return [];
      if (denial.cause !== "selinux" || target === null || cls === null || permissions.length === 0) return [];
      const times = count === 1 ? "" : ` (${count} times)`;
      return [{ source, target, cls, permissions, comment: `${denial.lastTime ?? ""} ${message}${times}`.trim() }];
    }),
  );
}
