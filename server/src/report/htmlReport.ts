/** `--format html`: one self-contained page for a ticket, a change board or an auditor. */
import type { Analysis } from "../analysis/analysis.ts";
import { documentationOf } from "../rules/documentation.ts";
import { buildReport, type Reporter } from "./buildReport.ts";
import type { Reports } from "./format.ts";
import { htmlPage } from "./htmlPage.ts";
import type { PageAbout } from "./htmlWords.ts";
import { siteLinks } from "./siteMap.ts";
import { scriptCommand } from "./textReport.ts";

/** The page of one configuration under one policy, with every access, whether `--all` is given or not. */
export function* htmlReport(reports: Reports): Generator<string, void> {
  for (const reported of reports.flat()) {
    const { analysis, reporter, version, date, nameOf } = reported;
    yield pageOf(analysis, reporter, { version, date, nameOf, script: scriptCommand(reported) });
  }
}

/** The page of an analysis. */
export function pageOf(
  analysis: Analysis,
  reporter: Reporter,
  about: Pick<PageAbout, "version" | "date" | "nameOf" | "script">,
): string {
  const streamed = buildReport(analysis, reporter, true);
  const report = { ...streamed, findings: [...streamed.findings], accesses: [...(streamed.accesses ?? [])] };
  const main = report.files[0] ?? "";
  return htmlPage(report, siteLinks(analysis, report.accesses), { ...about, main, rulePage: documentationOf });
}
