/** The report of a configuration as the page that the editor shows. */
import type { Analysis } from "../analysis/analysis.ts";
import { isPlaced } from "../analysis/finding.ts";
import { nameOf, parentOf } from "../base/paths.ts";
import type { ChosenPolicy } from "../providers/policies.ts";
import { createReporter } from "../report/buildReport.ts";
import { pageOf } from "../report/htmlReport.ts";
import type { PageAbout } from "../report/htmlWords.ts";
import type { ReportResult } from "../shared/protocol.ts";
import type { Documents } from "./fileView.ts";

/** The page, and the documents that its places are in: those of the configuration, and others that a finding names. */
export function reportPageOf(
  analysis: Analysis,
  chosen: ChosenPolicy,
  { uriOf, firstLineOf }: Documents,
  about: Pick<PageAbout, "version" | "date">,
): ReportResult {
  const main = analysis.configuration.files[0]?.path ?? "";
  const directory = `${parentOf(main)}/`;
  const shown = (path: string): string => (path.startsWith(directory) ? path.slice(directory.length) : path);
  const html = pageOf(analysis, createReporter(analysis, chosen), { ...about, script: null, nameOf: shown });
  const elsewhere = analysis.findings.flatMap((finding) => (isPlaced(finding) ? [] : [finding.path]));
  const paths = new Set([...analysis.configuration.files.map(({ path }) => path), ...elsewhere]);
  const files = [...paths].map((path) => ({ path, uri: uriOf(path), firstLine: firstLineOf(path) }));
  return { title: nameOf(main), html, files };
}
