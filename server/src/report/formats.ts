/** The output formats of `check`, a row each. A new one is a file that makes the text, and a row here. */
import { githubReport } from "./githubReport.ts";
import { jsonReport, jsonReports } from "./jsonReport.ts";
import { sarifReport, sarifReports } from "./sarifReport.ts";
import { textReport, textReports } from "./textReport.ts";
import { planText } from "../planText.ts";
import type { PlanFormat } from "../protocol.ts";
import type { Format, Reported } from "./format.ts";

/** The first is the default. */
export const formats: readonly [Format, ...Format[]] = [
  { name: "text", help: "for people (default)", forPeople: true, write: textReport, several: textReports },
  { name: "json", help: "everything, with a stable schema", write: jsonReport, several: jsonReports },
  { name: "sarif", help: "SARIF 2.1.0, for code scanning", write: sarifReport, several: sarifReports },
  { name: "github", help: "annotations of GitHub Actions", write: githubReport, several: oneAfterOther(githubReport) },
  plan("script", "every fix of the configuration as one shell script with an undo"),
  plan("ansible", "every fix as an Ansible playbook"),
  plan("cil", "every fix as one policy module"),
];

function oneAfterOther(write: Format["write"]): (reports: readonly Reported[]) => Iterable<string> {
  return function* (reports) {
    for (const report of reports) yield* write(report);
  };
}

function plan(name: PlanFormat, help: string): Format {
  return { name, help, write: ({ analysis, chosen }) => [planText(name, analysis, chosen)] };
}
