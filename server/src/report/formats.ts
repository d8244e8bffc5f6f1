/** The output formats of `check`, a row each. A new one is a file that makes the text, and a row here. */
import { githubReport } from "./githubReport.ts";
import { gitlabReport } from "./gitlabReport.ts";
import { htmlReport } from "./htmlReport.ts";
import { jsonReport } from "./jsonReport.ts";
import { sarifReport } from "./sarifReport.ts";
import { textReport } from "./textReport.ts";
import { planText } from "../offers/planText.ts";
import type { PlanFormat } from "../shared/protocol.ts";
import type { Format } from "./format.ts";

/** The first is the default. */
export const formats: readonly [Format, ...Format[]] = [
  { name: "text", help: "for people (default)", forPeople: true, write: textReport },
  { name: "json", help: "everything, with a stable schema", isJson: true, write: jsonReport },
  {
    name: "sarif",
    help: "SARIF 2.1.0, for code scanning",
    isJson: true,
    // "SARIF support for code scanning", runs per file. Several files need not be merged: each run has its own category.
    mostPolicies: { count: 20, reason: "GitHub refuses more runs in a file: write several files" },
    write: sarifReport,
  },
  { name: "github", help: "annotations of GitHub Actions", write: githubReport },
  { name: "gitlab", help: "Code Quality of GitLab", isJson: true, write: gitlabReport },
  { name: "html", help: "one page for a browser, a ticket or an auditor", onlyOne: true, write: htmlReport },
  plan("script", "every fix of the configuration as one shell script with an undo"),
  plan("ansible", "every fix as an Ansible playbook"),
  plan("ansible-role", "every fix as variables of the role linux-system-roles.selinux"),
  plan("cil", "every fix as one policy module"),
];

function plan(name: PlanFormat, help: string): Format {
  return {
    name,
    help,
    onlyOne: true,
    write: (reports) => reports.flat().map(({ analysis, chosen }) => planText(name, analysis, chosen)),
  };
}
