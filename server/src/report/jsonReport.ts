/** The report as JSON text, in pieces: a large one is never built as a whole. */
import { BoundedMap, memo } from "../base/memo.ts";
import { buildReport } from "./buildReport.ts";
import type { Reported, Reports } from "./format.ts";
import type { ReportFinding, ReportFix } from "./report.ts";

/** One report as it is; several, of configurations and of policies, as `{ schema, reports }`. */
export function* jsonReport(reports: Reports): Generator<string, void> {
  const all = reports.flat();
  const [only] = all;
  if (only !== undefined && all.length === 1) return yield* reportText(only);
  yield '{"schema":1,"reports":[\n';
  for (const [i, report] of all.entries()) {
    if (i > 0) yield ",\n";
    yield* reportText(report);
  }
  yield "]}\n";
}

/** The fields of the report in their order; each finding and each access is a line. */
function* reportText({ analysis, reporter, all }: Reported): Generator<string, void> {
  const { findings, accesses, ...rest } = buildReport(analysis, reporter, all);
  const fields: readonly (readonly [string, unknown])[] = Object.entries(rest);
  for (const [index, [name, value]] of fields.entries())
    yield `${index === 0 ? "{" : ",\n"}${JSON.stringify(name)}:${JSON.stringify(value)}`;
  yield ',\n"findings":';
  yield* lines(findings, createFindingWriter());
  if (accesses !== undefined) {
    yield ',\n"accesses":';
    yield* lines(accesses, (access) => JSON.stringify(access));
  }
  yield "}\n";
}

function* lines<T>(items: Iterable<T>, textOf: (item: T) => string): Generator<string, void> {
  let separator = "[\n";
  let end = "[]";
  for (const item of items) {
    yield separator + textOf(item);
    separator = ",\n";
    end = "]";
  }
  yield end;
}

/** Fixes that are kept as text. Findings that share one stand near each other, or it is one of few. */
const MOST_KEPT = 32;

/** Fixes are half of the text, and most are shared: each is written once. */
function createFindingWriter(): (finding: ReportFinding) => string {
  const known = new BoundedMap<ReportFix, string>(MOST_KEPT);
  const fixText = (fix: ReportFix): string => memo(known, fix, () => JSON.stringify(fix));
  return ({ fixes, ...rest }) => {
    let text = `${JSON.stringify(rest).slice(0, -1)},"fixes":[`;
    let separator = "";
    for (const fix of fixes) {
      text += separator + fixText(fix);
      separator = ",";
    }
    return `${text}]}`;
  };
}
