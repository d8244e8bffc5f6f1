/** What the command line predicts of a situation, beside what the kernel does. */
import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import type { Range } from "../../server/src/base/text.ts";
import type { DenialReport } from "../../server/src/report/denialReport.ts";
import type { Report, ReportFinding, ReportFix } from "../../server/src/report/report.ts";
import { assertAgree, assertWorks } from "./agreement.ts";
import { works, type Outcome } from "./nginx.ts";
import type { Situation } from "./situations/situation.ts";

/** Rules whose errors and warnings say that the kernel refuses something. */
const refusing = new Set([
  "connect-peer",
  "connect-port",
  "connect-socket",
  "listen-port",
  "listen-socket",
  "read-path",
  "resource-limit",
  "write-path",
]);

/** The findings of one configuration. */
export interface Prediction {
  /** Those that say of a refusal; none where the kernel is to allow everything. */
  readonly refused: readonly ReportFinding[];
  /** nginx is not to start. */
  readonly stops: boolean;
  /** The rules of all other errors and warnings, in alphabetical order. */
  readonly warns: readonly string[];
}

/** The prediction for one configuration, in its report. */
export function predictionIn({ findings }: Report): Prediction {
  const own = findings.filter(({ severity }) => severity === "error" || severity === "warning");
  const refused = own.filter(({ rule }) => refusing.has(rule));
  return {
    refused,
    stops: refused.some(({ stopsNginx }) => stopsNginx === true),
    warns: rules(own.filter((each) => !refused.includes(each))),
  };
}

/** Each once, in alphabetical order. */
export function rules(findings: readonly { readonly rule: string }[]): readonly string[] {
  return [...new Set(findings.map(({ rule }) => rule))].sort();
}

/** Holds a prediction to what came of it. */
export function assertPredicted({ unsaid, warns = [] }: Situation, predicted: Prediction, outcome: Outcome): void {
  const said = JSON.stringify({ outcome, said: predicted.refused.map(({ message }) => message) }, null, 2);
  if (unsaid !== undefined) {
    assert.equal(predicted.refused.length, 0, said);
    return;
  }
  assert.equal(predicted.refused.length > 0, isRefused(outcome), said);
  if (predicted.refused.length === 0) {
    assertWorks(outcome, "as it is");
    assert.deepEqual(predicted.warns, warns);
    return;
  }
  assertAgree(outcome, predicted.refused);
  assert.equal(predicted.stops, !outcome.runs, said);
}

/** An ordinary user hears the same as root, or less where the situation says why: never more. */
export function assertVisitor({ hidden }: Situation, seen: Prediction, asRoot: Prediction): void {
  const heard = ({ refused, warns }: Prediction): readonly string[] => [...rules(refused), ...warns];
  if (hidden === undefined) assert.deepEqual(heard(seen), heard(asRoot), "as an ordinary user");
  else for (const rule of heard(seen)) assert.ok(heard(asRoot).includes(rule), `an ordinary user hears ${rule}`);
}

/**
 * The guest's own logs are explained to the lines that the check names, with the check's own fix: what follows shows that
 * it works. A refusal that no line explains is none of this configuration's.
 */
export function assertExplained(findings: readonly ReportFinding[], { denials: explained }: DenialReport): void {
  const lines = (places: readonly { readonly range: Range }[]): readonly number[] =>
    places.map(({ range }) => range.start.line);
  const named = new Set(lines(findings));
  const refused = explained.filter(({ verdict }) => verdict === "refused");
  assert.notEqual(refused.length, 0, JSON.stringify(explained));
  for (const { message, places, fixes } of refused) {
    assert.notEqual(places.length, 0, `${message}: no place`);
    for (const line of lines(places)) assert.ok(named.has(line), `${message}: line ${line + 1}`);
    const commands = fixes.find((fix) => fix.preferred)?.commands;
    assert.ok(
      findings.some((finding) => isDeepStrictEqual(finding.fixes.find((fix) => fix.preferred)?.commands, commands)),
      `${message}: ${JSON.stringify(commands)}`,
    );
  }
}

/** True where the kernel refused something that nginx needs. */
export function isRefused(outcome: Outcome): boolean {
  return !works(outcome) || outcome.refusals.length > 0 || outcome.complaints.length > 0;
}

/** The preferred fix of each finding, each once; none at all where the situation says why. */
export function preferredFixes({ unfixed }: Situation, { refused }: Prediction): readonly ReportFix[] {
  const fixes = new Map<string, ReportFix>();
  if (unfixed !== undefined) {
    assert.ok(
      refused.some(({ fixes: offered }) => !offered.some((fix) => fix.preferred)),
      "a fix is preferred after all",
    );
    return [];
  }
  for (const { message, fixes: offered } of refused) {
    const preferred = offered.find((fix) => fix.preferred);
    assert.ok(preferred, `${message}: no fix is preferred`);
    fixes.set(JSON.stringify(preferred.commands), preferred);
  }
  return [...fixes.values()];
}

/** A configuration with edits. */
export function edited(text: string, edits: NonNullable<ReportFix["edits"]>): string {
  const starts = text
    .split("\n")
    .reduce<readonly number[]>((found, line) => [...found, (found.at(-1) ?? 0) + line.length + 1], [0]);
  const offset = ({ line, character }: { readonly line: number; readonly character: number }): number =>
    (starts[line] ?? 0) + character;
  return [...edits]
    .sort((a, b) => offset(b.range.start) - offset(a.range.start))
    .reduce(
      (done, { range, newText }) => done.slice(0, offset(range.start)) + newText + done.slice(offset(range.end)),
      text,
    );
}
