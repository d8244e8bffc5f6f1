/** `--format html`: one self-contained page for a ticket, a change board or an auditor. */
import { documentationOf } from "../rules/documentation.ts";
import { buildReport } from "./buildReport.ts";
import type { Reports } from "./format.ts";
import { htmlPage } from "./htmlPage.ts";

/** The page of one configuration under one policy, with every access, whether `--all` is given or not. */
export function* htmlReport(reports: Reports): Generator<string, void> {
  for (const { analysis, reporter, version, date, nameOf } of reports.flat()) {
    const streamed = buildReport(analysis, reporter, true);
    const report = { ...streamed, findings: [...streamed.findings], accesses: [...(streamed.accesses ?? [])] };
    yield htmlPage(report, { main: report.files[0] ?? "", date, version, nameOf, rulePage: documentationOf });
  }
}
