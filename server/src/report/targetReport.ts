/** The answer about one target, in the form that leaves the engine. */
import { findingAbout } from "../analysis/targets.ts";
import { offersOf, type OfferedFix } from "../offers/offeredFixes.ts";
import type { TargetAnswer } from "../workspace/analyses.ts";
import { createReporter } from "./buildReport.ts";
import { allFixesText, becauseText, type FixTextOptions } from "./prose.ts";
import type { ReportDecision, ReportFinding } from "./report.ts";
import { printable } from "./terminal.ts";
import { accessLine } from "./textReport.ts";

/** An answer as it is printed. */
export interface ReportedAnswer {
  readonly answer: TargetAnswer;
  readonly access: ReportDecision;
  /** What the rules say of it; null where they say nothing. */
  readonly finding: ReportFinding | null;
  readonly offers: readonly OfferedFix[];
}

export function reportAnswer(answer: TargetAnswer): ReportedAnswer {
  const { analysis, access, chosen } = answer;
  const reporter = createReporter(analysis, chosen);
  const finding = findingAbout(access, analysis);
  return {
    answer,
    access: reporter.decision(access),
    finding: finding === null ? null : reporter.finding(finding),
    offers: finding === null ? [] : offersOf(analysis)(finding),
  };
}

/** The answer for people. `nameOf`: a path as it is shown. */
export function answerText({ answer, access, finding }: ReportedAnswer, options: FixTextOptions): string {
  const { style, nameOf } = options;
  const colour = access.verdict === "allowed" ? style.green : access.verdict === "denied" ? style.red : style.yellow;
  return (
    `${style.bold(accessLine(answer.access))} as ${access.source}: ${colour(access.verdict)}${style.dim(placeOf(access, nameOf))}\n` +
    becauseText(finding?.because ?? access.because, style) +
    allFixesText(finding?.fixes ?? [], options)
  );
}

/** Where the configuration says it; "" for an access that no file holds. */
function placeOf({ file, range: { start } }: ReportDecision, nameOf: (path: string) => string): string {
  return file === "" ? "" : `, at ${printable(nameOf(file))}:${start.line + 1}:${start.character + 1}`;
}

/** The answer for programs. It grows only by addition. */
export function answerJson({ answer, access, finding, offers }: ReportedAnswer): unknown {
  const { verdict, because, file, range, ...asked } = access;
  const target = "path" in answer.access ? { path: access.path } : "port" in answer.access ? { port: access.port } : {};
  return {
    kind: access.kind,
    protocol: access.protocol,
    ...target,
    ...(file === "" ? {} : { file, range }),
    access: asked,
    verdict,
    target: access.target,
    class: access.class,
    permission: access.permission,
    booleans: answer.analysis.evaluator.ask(answer.access).decision.flips,
    ...(finding === null ? {} : { rule: finding.rule, severity: finding.severity }),
    because: finding?.because ?? because,
    message: finding?.message ?? null,
    fixes: (finding?.fixes ?? []).map((fix, i) => ({ ...restOf(offers[i]), ...fix })),
  };
}

/** The fields of a fix that a report of findings leaves out. */
function restOf(offer: OfferedFix | undefined): object {
  if (offer === undefined) return {};
  const { restore, module, restartUnit } = offer.fix;
  return {
    restore,
    ...(module === undefined ? {} : { module }),
    ...(restartUnit === undefined ? {} : { restartUnit }),
  };
}
