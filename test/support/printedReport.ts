/** The report of a configuration as `check --format json` prints it. */
import type { LanguageService } from "../../server/src/languageService.ts";
import { createReporter } from "../../server/src/report/buildReport.ts";
import { jsonReport } from "../../server/src/report/jsonReport.ts";
import type { Report } from "../../server/src/report/report.ts";
import { styleFor } from "../../server/src/report/terminal.ts";

/** `all`: with every access. Rejects as `analyzeFile` does. */
export async function printedReport(service: LanguageService, path: string, all = false): Promise<Report> {
  const { analysis, chosen } = await service.analyzeFile(path);
  const reporter = createReporter(analysis, chosen);
  const given = {
    analysis,
    chosen,
    reporter,
    all,
    verbose: false,
    samePolicy: "",
    operand: null,
    version: "",
    date: "",
    style: styleFor(false),
    nameOf: (name: string) => name,
  };
  return JSON.parse([...jsonReport([[given]])].join("")) as Report;
}
