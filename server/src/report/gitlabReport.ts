/** Findings as GitLab's Code Quality report, which a merge request shows at its lines. */
import type { Severity } from "../base/severity.ts";
import { policySuffix, type Reports } from "./format.ts";
import { createFingerprints, identityOf } from "../analysis/identity.ts";

const severities: Readonly<Record<Severity, string>> = {
  error: "critical",
  warning: "major",
  information: "minor",
  hint: "info",
};

/** The array in pieces, one finding a line. With several policies each says which one refuses. */
export function* gitlabReport(reports: Reports): Generator<string, void> {
  yield "[";
  let separator = "\n";
  const fingerprints = createFingerprints();
  for (const reported of reports.flat()) {
    const { analysis, reporter, nameOf } = reported;
    const suffix = policySuffix(reports, reported);
    for (const finding of analysis.findings) {
      const { rule, severity, message, file, range, fixes } = reporter.finding(finding);
      const commands = fixes.find((fix) => fix.preferred)?.commands ?? [];
      const path = nameOf(file);
      const identity = identityOf(finding, path);
      const entry = {
        description: [message + suffix, ...commands].join("\n"),
        check_name: rule,
        fingerprint: fingerprints({ ...identity, target: identity.target + suffix }),
        severity: severities[severity],
        location: { path, lines: { begin: range.start.line + 1, end: range.end.line + 1 } },
      };
      yield separator + JSON.stringify(entry);
      separator = ",\n";
    }
  }
  yield "\n]\n";
}
