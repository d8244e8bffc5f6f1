/** An analysis in the form that leaves the engine: paths, LSP positions, plain values. */
import type { Analysis } from "../analysis/analysis.ts";
import { stopsNginx } from "../analysis/consequence.ts";
import { isPlaced, type Finding } from "../analysis/finding.ts";
import { askRoot } from "./askRoot.ts";
import type { ReportPolicy } from "../shared/reportPolicy.ts";
import type { Access } from "../nginx/access.ts";
import type { Configuration } from "../nginx/load/configuration.ts";
import type { ChosenPolicy } from "../providers/policies.ts";
import type {
  BriefFinding,
  ReportAccess,
  ReportDecision,
  ReportFinding,
  ReportNote,
  StreamedReport,
} from "./report.ts";
import type { Decision } from "../selinux/query.ts";
import { mapped } from "../base/mapped.ts";
import { offersOf } from "../offers/offeredFixes.ts";
import { Brief } from "./briefFinding.ts";
import { createPlaces, type Places } from "./places.ts";
import { targetOf } from "./reportAccess.ts";
import { createFixes } from "./reportFixes.ts";

/** Makes the parts of a report one by one, so that a large one never exists as a whole. */
export interface Reporter {
  readonly policy: ReportPolicy;
  readonly files: readonly string[];
  notes(): readonly ReportNote[];
  readonly finding: (finding: Finding) => ReportFinding;
  /** The same for a short report, which most words would be made for in vain. */
  readonly brief: (finding: Finding) => BriefFinding;
  /** An access with its verdict, as `--all` lists it. */
  readonly decision: (access: Access) => ReportDecision;
}

export function createReporter(analysis: Analysis, chosen: ChosenPolicy): Reporter {
  const { files } = analysis.configuration;
  const places = createPlaces(analysis.configuration);
  const offers = offersOf(analysis);
  const fixesOf = createFixes(places);
  const source = { analysis, places, offers };
  const accessOf = (access: Access, decision: Decision | null): ReportAccess => ({
    kind: access.kind,
    protocol: access.protocol,
    ...targetOf(access),
    source: analysis.context.source,
    target: decision?.target ?? null,
    class: decision?.cls ?? null,
    permission: decision?.permission ?? null,
    certainty: access.certainty,
    via: places.via(access.via),
  });

  const saidOf = (finding: Finding): Omit<ReportFinding, "because" | "fixes"> => ({
    rule: finding.rule,
    ...(finding.rules.length > 1 ? { rules: finding.rules } : {}),
    severity: finding.severity,
    ...(stopsNginx(finding) ? { stopsNginx: true } : {}),
    message: finding.message,
    ...(isPlaced(finding) ? places.at(finding) : { file: finding.path, range: finding.range }),
    access:
      finding.access === null || finding.verdict === null ? null : accessOf(finding.access, finding.verdict.decision),
  });

  return {
    policy: reportPolicy(chosen),
    files: files.map((file) => file.path),
    notes: () => notesOf(analysis.configuration, places),
    finding: (finding) => ({
      ...saidOf(finding),
      because: finding.verdict?.because ?? [],
      fixes: fixesOf(offers(finding)),
    }),
    brief: (finding) => new Brief(finding, source),
    decision: (access) => {
      const { decision } = analysis.evaluator.ask(access);
      return {
        ...accessOf(access, decision),
        ...places.at(access),
        verdict: decision.verdict,
        because: decision.because,
      };
    },
  };
}

/** The notes of loading, and once the command that reads as root what this user may not read. */
function notesOf(configuration: Configuration, places: Places): readonly ReportNote[] {
  const { notes } = configuration;
  const denied = notes.find(({ isDenied }) => isDenied === true);
  const advice = denied === undefined ? null : askRoot(configuration);
  return [
    ...notes.map((note) => ({ ...places.at(note), message: note.message })),
    ...(denied === undefined || advice === null ? [] : [{ ...places.at(denied), message: advice }]),
  ];
}

/** The report that `--format json` prints; the other formats show a part of it. `all`: with every access. */
export function buildReport(analysis: Analysis, reporter: Reporter, all: boolean): StreamedReport {
  return {
    schema: 1,
    policy: reporter.policy,
    container: analysis.context.container,
    files: reporter.files,
    notes: reporter.notes(),
    findings: mapped(analysis.findings, reporter.finding),
    ...(all ? { accesses: mapped(analysis.accesses, reporter.decision) } : {}),
  };
}

/** The policy as reports and the status of the editor name it. */
export function reportPolicy({ facts, reason }: ChosenPolicy): ReportPolicy {
  const { source, name, title, provenance, mode, exactLabels } = facts.info;
  return { source, name, title, provenance, mode, exactLabels, reason };
}
