/** Findings -> diagnostics of one file. */
import type { Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity } from "vscode-languageserver";
import { findingsIn, type Finding } from "../analysis.ts";
import type { Severity } from "../rules/rule.ts";
import { diagnosticSource, documentationOf, type DiagnosticData } from "./diagnosticData.ts";
import { locationOf, rangeIn, type FileView } from "./fileView.ts";

/** Editors show no more than this for one file either; the command line lists all. */
const MOST_DIAGNOSTICS = 1000;
/** Places that use an upstream, listed with the diagnostic at its server. */
const MOST_RELATED = 20;

const severities: Readonly<Record<Severity, DiagnosticSeverity>> = { error: 1, warning: 2, information: 3, hint: 4 };

/** The diagnostics of a file, the gravest first where there are too many to show. */
export function diagnosticsOf(view: FileView): readonly Diagnostic[] {
  const findings = findingsIn(view.analysis, view.file);
  if (findings.length <= MOST_DIAGNOSTICS) return findings.map((finding) => diagnosticOf(view, finding));
  const shown = findings.toSorted((a, b) => severities[a.severity] - severities[b.severity]);
  return [
    remainder(findings.length - MOST_DIAGNOSTICS),
    ...shown.slice(0, MOST_DIAGNOSTICS).map((finding) => diagnosticOf(view, finding)),
  ];
}

function diagnosticOf(view: FileView, finding: Finding): Diagnostic {
  const related = relatedTo(view, finding);
  const data: DiagnosticData = { key: finding.key };
  return {
    range: rangeIn(view, finding.span),
    severity: severities[finding.severity],
    source: diagnosticSource,
    code: finding.rule,
    codeDescription: { href: documentationOf(finding.rule) },
    message: finding.message,
    ...(related.length === 0 ? {} : { relatedInformation: related }),
    data,
  };
}

function relatedTo(view: FileView, finding: Finding): DiagnosticRelatedInformation[] {
  const via = finding.access?.via ?? [];
  return via.slice(0, MOST_RELATED).map((step, i) => ({
    location: locationOf(view, step),
    message:
      i === MOST_RELATED - 1 && via.length > MOST_RELATED
        ? `${step.directive} leads here, and ${via.length - MOST_RELATED} more places do`
        : `${step.directive} leads here`,
  }));
}

function remainder(count: number): Diagnostic {
  const start = { line: 0, character: 0 };
  return {
    range: { start, end: start },
    severity: severities.information,
    source: diagnosticSource,
    message: `${count} more findings are not shown; "nginx-selinux check" lists all of them.`,
  };
}
