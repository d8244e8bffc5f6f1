/** Findings as workflow commands of GitHub Actions, which it shows at the lines of a pull request. */
import { policySuffixes, type Reported, type Reports } from "./format.ts";
import type { Severity } from "../base/severity.ts";

const commands: Readonly<Record<Severity, string>> = {
  error: "error",
  warning: "warning",
  information: "notice",
  hint: "notice",
};

/** One command a finding; where there are several policies its title says which one it is of. */
export function* githubReport(reports: Reports): Generator<string, void> {
  for (const row of reports) {
    const suffixes = policySuffixes(row);
    for (const [i, reported] of row.entries()) yield* annotations(reported, suffixes[i] ?? "");
  }
}

/** `nameOf`: a path as the repository knows it, relative to the working directory. */
function* annotations({ analysis, reporter, nameOf }: Reported, suffix: string): Generator<string, void> {
  for (const each of analysis.findings) {
    const { severity, file, range, message, rule, fixes } = reporter.finding(each);
    const { start, end } = range;
    const properties = [
      `file=${property(nameOf(file))}`,
      `line=${start.line + 1}`,
      `endLine=${end.line + 1}`,
      // Columns only count within one line (actions/toolkit, `AnnotationProperties`).
      ...(start.line === end.line ? [`col=${start.character + 1}`, `endColumn=${end.character + 1}`] : []),
      `title=${property(`SELinux: ${rule}${suffix}`)}`,
    ];
    const preferred = fixes.find((fix) => fix.preferred);
    const text = [message, ...(preferred?.commands ?? [])].join("\n");
    yield `::${commands[severity]} ${properties.join(",")}::${data(text)}\n`;
  }
}

/** `escapeData` of actions/toolkit: what would end the command. */
function data(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

/** `escapeProperty` of actions/toolkit: also what would end the property. */
function property(text: string): string {
  return data(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
