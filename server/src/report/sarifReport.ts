/** Findings as SARIF 2.1.0 (OASIS), which code scanning services read. */
import type { Reported } from "./format.ts";
import { documentationOf } from "../rules/documentation.ts";
import { ruleInfos } from "../rules/index.ts";
import type { Severity } from "../base/severity.ts";

const levels: Readonly<Record<Severity, string>> = {
  error: "error",
  warning: "warning",
  information: "note",
  hint: "note",
};

/** The log in pieces, one result a line. `nameOf`: a path relative to the working directory, or absolute. */
export function sarifReport(report: Reported): Generator<string, void> {
  return sarifReports([report]);
}

/** The log of several configurations: one run, for code scanning takes one run of a tool. */
export function* sarifReports(reports: readonly Reported[]): Generator<string, void> {
  const driver = {
    name: "nginx-selinux",
    informationUri: documentationOf(""),
    rules: ruleInfos.map(({ id, title, severity }) => ({
      id,
      shortDescription: { text: title },
      helpUri: documentationOf(id),
      defaultConfiguration: { level: levels[severity] },
    })),
  };
  yield `{"$schema":"https://json.schemastore.org/sarif-2.1.0.json","version":"2.1.0","runs":[{"tool":{"driver":${JSON.stringify(driver)}},\n`;
  yield '"columnKind":"utf16CodeUnits","results":[';
  let separator = "\n";
  for (const report of reports) {
    for (const result of resultsOf(report)) {
      yield separator + JSON.stringify(result);
      separator = ",\n";
    }
  }
  yield "]}]}\n";
}

function* resultsOf({ analysis, reporter, nameOf }: Reported): Generator<unknown, void> {
  for (const each of analysis.findings) {
    const { rule, severity, message, file, range, fixes } = reporter.finding(each);
    const preferred = fixes.find((fix) => fix.preferred);
    yield {
      ruleId: rule,
      level: levels[severity],
      message: { text: [message, ...(preferred?.commands ?? [])].join("\n") },
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri: uriReference(nameOf(file)) },
            region: {
              startLine: range.start.line + 1,
              startColumn: range.start.character + 1,
              endLine: range.end.line + 1,
              endColumn: range.end.character + 1,
            },
          },
        },
      ],
    };
  }
}

/** A URI reference (RFC 3986): a relative path, or `file://` and an absolute one. */
function uriReference(path: string): string {
  const encoded = path
    .replace(/\p{Cs}/gu, "\uFFFD")
    .split("/")
    .map(encodeURIComponent)
    .join("/");
  return path.startsWith("/") ? `file://${encoded}` : encoded;
}
