/** The report as JSON text, in pieces: a large one is never built as a whole. */
import type { Reported, Reports } from "./format.ts";
import type { ReportFix } from "./report.ts";

/** One report as it is; several, of configurations and of policies, as `{ schema, reports }`. */
export function* jsonReport(reports: Reports): Generator<string, void> {
  const all = reports.flat();
  const [only] = all;
  if (only !== undefined && all.length === 1) return yield* reportOf(only);
  yield '{"schema":1,"reports":[\n';
  for (const [i, report] of all.entries()) {
    if (i > 0) yield ",\n";
    yield* reportOf(report);
  }
  yield "]}\n";
}

/** One finding or access a line. */
function* reportOf({ analysis, reporter, all }: Reported): Generator<string, void> {
  const fixesJson = new Map<readonly ReportFix[], string>();
  yield `{"schema":1,"policy":${JSON.stringify(reporter.policy)},\n"container":${JSON.stringify(analysis.context.container)},\n"files":${JSON.stringify(reporter.files)},\n"notes":`;
  yield `${JSON.stringify(reporter.notes())},\n"findings":[`;
  let separator = "\n";
  for (const finding of analysis.findings) {
    const { fixes, ...rest } = reporter.finding(finding);
    let text = fixesJson.get(fixes);
    if (text === undefined) {
      text = JSON.stringify(fixes);
      fixesJson.set(fixes, text);
    }
    yield `${separator}${JSON.stringify(rest).slice(0, -1)},"fixes":${text}}`;
    separator = ",\n";
  }
  yield "]";
  if (all) {
    yield ',\n"accesses":[';
    separator = "\n";
    for (const access of analysis.accesses) {
      yield separator + JSON.stringify(reporter.decision(access));
      separator = ",\n";
    }
    yield "]";
  }
  yield "}\n";
}
