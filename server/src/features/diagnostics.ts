/** Findings -> diagnostics of one file. */
import type { Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity } from "vscode-languageserver";
import { findingsIn, type Analysis } from "../analysis/analysis.ts";
import { isPlaced, type Finding, type OutsideFinding, type PlacedFinding } from "../analysis/finding.ts";
import type { Severity } from "../base/severity.ts";
import { documentationOf } from "../rules/documentation.ts";
import { diagnosticSource, type DiagnosticData } from "./diagnosticData.ts";
import type { PositionEncoding, Range } from "../base/text.ts";
import { locationOf, rangeIn, type FileView } from "./fileView.ts";
import { commandsAreAbove } from "./insertedCommands.ts";

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

/** The diagnostics in files that are not part of the configuration, by path. */
export function diagnosticsOutside(
  analysis: Analysis,
  encoding: PositionEncoding,
): ReadonlyMap<string, readonly Diagnostic[]> {
  const files = new Map<string, Diagnostic[]>();
  for (const finding of analysis.findings) {
    if (isPlaced(finding)) continue;
    const diagnostics = files.get(finding.path) ?? [];
    diagnostics.push(diagnosticAt(counted(finding, encoding), finding));
    files.set(finding.path, diagnostics);
  }
  return files;
}

/** The range as a client counts it. */
function counted({ range, lines }: OutsideFinding, encoding: PositionEncoding): Range {
  if (encoding === "utf-16") return range;
  return lines.rangeOf({ start: lines.offsetAt(range.start), end: lines.offsetAt(range.end) }, encoding);
}

function diagnosticOf(view: FileView, finding: PlacedFinding): Diagnostic {
  const related = relatedTo(view, finding);
  const note = commandsAreAbove(view, finding) ? " The commands are inserted above: run them on the host." : "";
  const diagnostic = diagnosticAt(rangeIn(view, finding.span), { ...finding, message: `${finding.message}${note}` });
  return related.length === 0 ? diagnostic : { ...diagnostic, relatedInformation: related };
}

function diagnosticAt(range: Range, { severity, rule, message, key }: Finding): Diagnostic {
  const data: DiagnosticData = { key };
  return {
    range,
    severity: severities[severity],
    source: diagnosticSource,
    code: rule,
    codeDescription: { href: documentationOf(rule) },
    message,
    data,
  };
}

function relatedTo(view: FileView, finding: PlacedFinding): DiagnosticRelatedInformation[] {
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
