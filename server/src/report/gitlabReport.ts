/** Findings as GitLab's Code Quality report, which a merge request shows at its lines. */
import type { Severity } from "../base/severity.ts";
import { policySuffixes, type Reports } from "./format.ts";
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
  const all = reports.flatMap((row) => {
    const suffixes = policySuffixes(row);
    return row.map((reported, i) => ({ ...reported, suffix: suffixes[i] ?? "" }));
  });
  for (const { analysis, reporter, nameOf, suffix } of all) {
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
