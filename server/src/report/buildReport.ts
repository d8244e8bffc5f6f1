/** An analysis in the form that leaves the engine: paths, LSP positions, plain values. */
import type { Analysis } from "../analysis/analysis.ts";
import { isPlaced, type Finding } from "../analysis/finding.ts";
import { askRoot } from "./askRoot.ts";
import type { ReportPolicy } from "../shared/reportPolicy.ts";
import { lineIndexOf } from "../nginx/tree/lineIndexes.ts";
import type { Access, Place, Step } from "../nginx/access.ts";
import type { ChosenPolicy } from "../providers/policies.ts";
import type {
  ReportAccess,
  ReportDecision,
  ReportFinding,
  ReportFix,
  ReportNote,
  ReportStep,
  StreamedReport,
} from "./report.ts";
import type { Decision } from "../selinux/query.ts";
import { memo } from "../base/memo.ts";
import { offersOf, type OfferedFix } from "../offers/offeredFixes.ts";
import type { Range } from "../base/text.ts";

/** Steps of one chain that a report lists; an upstream can be used from thousands of places. */
const MOST_STEPS = 100;

/** Makes the parts of a report one by one, so that a large one never exists as a whole. */
export interface Reporter {
  readonly policy: ReportPolicy;
  readonly files: readonly string[];
  notes(): readonly ReportNote[];
  readonly finding: (finding: Finding) => ReportFinding;
  /** An access with its verdict, as `--all` lists it. */
  readonly decision: (access: Access) => ReportDecision;
}

export function createReporter(analysis: Analysis, chosen: ChosenPolicy): Reporter {
  const { files } = analysis.configuration;
  const steps = new Map<readonly Step[], readonly ReportStep[]>();
  const fixes = new Map<readonly OfferedFix[], readonly ReportFix[]>();
  const offers = offersOf(analysis);

  const pathOf = (place: Place): string => files[place.file]?.path ?? "";
  const rangeOf = (place: Place): Range => {
    const tree = files[place.file]?.tree;
    const nowhere = { line: 0, character: 0 };
    return tree === undefined ? { start: nowhere, end: nowhere } : lineIndexOf(tree).rangeOf(place.span);
  };
  const viaOf = (via: readonly Step[]): readonly ReportStep[] =>
    memo(steps, via, () =>
      via.slice(0, MOST_STEPS).map((step) => ({ file: pathOf(step), range: rangeOf(step), directive: step.directive })),
    );
  const reportFix = ({ fix, edits, solves, preferred }: OfferedFix): ReportFix => {
    const { id, title, commands, undo, durable, opens, outside } = fix;
    const changes = [
      ...edits.map((edit) => ({ file: pathOf(edit), range: rangeOf(edit), newText: edit.text })),
      ...(outside === undefined ? [] : [{ file: outside.path, range: outside.range, newText: outside.newText }]),
    ];
    const more = changes.length === 0 ? {} : { edits: changes };
    return { id, title, commands, undo, durable, preferred, opens, solves, ...more };
  };
  const fixesOf = (finding: Finding): readonly ReportFix[] => {
    const offered = offers(finding);
    return memo(fixes, offered, () => offered.map(reportFix));
  };
  const accessOf = (access: Access, decision: Decision | null): ReportAccess => ({
    kind: access.kind,
    protocol: access.protocol,
    ...targetOf(access),
    source: analysis.context.source,
    target: decision?.target ?? null,
    class: decision?.cls ?? null,
    permission: decision?.permission ?? null,
    certainty: access.certainty,
    via: viaOf(access.via),
  });

  return {
    policy: reportPolicy(chosen),
    files: files.map((file) => file.path),
    notes: () => {
      const { notes } = analysis.configuration;
      const reportNote = (place: Place, message: string): ReportNote => ({
        file: pathOf(place),
        range: rangeOf(place),
        message,
      });
      const denied = notes.find(({ isDenied }) => isDenied === true);
      const advice = denied === undefined ? null : askRoot(analysis.configuration);
      return [
        ...notes.map((note) => reportNote(note, note.message)),
        ...(denied === undefined || advice === null ? [] : [reportNote(denied, advice)]),
      ];
    },
    finding: (finding) => ({
      rule: finding.rule,
      ...(finding.rules.length > 1 ? { rules: finding.rules } : {}),
      severity: finding.severity,
      message: finding.message,
      ...(isPlaced(finding)
        ? { file: pathOf(finding), range: rangeOf(finding) }
        : { file: finding.path, range: finding.range }),
      access:
        finding.access === null || finding.verdict === null ? null : accessOf(finding.access, finding.verdict.decision),
      because: finding.verdict?.because ?? [],
      fixes: fixesOf(finding),
    }),
    decision: (access) => {
      const { decision } = analysis.evaluator.ask(access);
      return {
        ...accessOf(access, decision),
        file: pathOf(access),
        range: rangeOf(access),
        verdict: decision.verdict,
        because: decision.because,
      };
    },
  };
}

/** The report that `--format json` prints, and of which the other formats show a part. `all`: with every access. */
export function buildReport(analysis: Analysis, reporter: Reporter, all: boolean): StreamedReport {
  return {
    schema: 1,
    policy: reporter.policy,
    container: analysis.context.container,
    files: reporter.files,
    notes: reporter.notes(),
    findings: streamed(analysis.findings, reporter.finding),
    ...(all ? { accesses: streamed(analysis.accesses, reporter.decision) } : {}),
  };
}

function streamed<T, R>(items: readonly T[], make: (item: T) => R): Iterable<R> {
  return {
    *[Symbol.iterator]() {
      for (const item of items) yield make(item);
    },
  };
}

/** The policy as reports and the status of the editor name it. */
export function reportPolicy({ facts, reason }: ChosenPolicy): ReportPolicy {
  const { source, name, title, provenance, mode, exactLabels } = facts.info;
  return { source, name, title, provenance, mode, exactLabels, reason };
}

function targetOf(access: Access): Pick<ReportAccess, "host" | "port" | "lastPort" | "path"> {
  if (access.protocol === "process") return { host: null, port: null, path: null };
  if (access.protocol === "unix" || access.protocol === "file") return { host: null, port: null, path: access.path };
  const { host, port } = access;
  const last = access.kind === "bind" ? access.lastPort : port;
  return { host, port, ...(last === null || last === port ? {} : { lastPort: last }), path: null };
}
