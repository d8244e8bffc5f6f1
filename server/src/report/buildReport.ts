/** An analysis in the form that leaves the engine: paths, LSP positions, plain values. */
import type { Analysis } from "../analysis/analysis.ts";
import { stopsNginx } from "../analysis/consequence.ts";
import { isPlaced, type Finding } from "../analysis/finding.ts";
import { askRoot } from "./askRoot.ts";
import type { ReportPolicy } from "../shared/reportPolicy.ts";
import { lineIndexOf } from "../nginx/tree/lineIndexes.ts";
import type { Access, Place, Step } from "../nginx/access.ts";
import type { Configuration } from "../nginx/load/configuration.ts";
import type { ChosenPolicy } from "../providers/policies.ts";
import type {
  BriefFinding,
  ReportAccess,
  ReportDecision,
  ReportEdit,
  ReportFinding,
  ReportFix,
  ReportNote,
  ReportStep,
  StreamedReport,
} from "./report.ts";
import type { Decision } from "../selinux/query.ts";
import { mapped } from "../base/mapped.ts";
import { BoundedMap, memo } from "../base/memo.ts";
import type { Fix } from "../fixes/fix.ts";
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
  /** The same for a short report, which most words of fixes and evidence would be made for in vain. */
  readonly brief: (finding: Finding) => BriefFinding;
  /** An access with its verdict, as `--all` lists it. */
  readonly decision: (access: Access) => ReportDecision;
}

export function createReporter(analysis: Analysis, chosen: ChosenPolicy): Reporter {
  const { files } = analysis.configuration;
  const { source } = analysis.context;
  const places = createPlaces(analysis.configuration);
  const offers = offersOf(analysis);
  const fixesOf = createFixes(places);
  const accessOf = (access: Access, decision: Decision | null): ReportAccess => ({
    kind: access.kind,
    protocol: access.protocol,
    ...targetOf(access),
    source,
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
    brief: (finding) => {
      const offered = offers(finding);
      const [first] = offered;
      const fixes = first === undefined ? [] : [new BriefFix(first, places)];
      return { ...saidOf(finding), because: [], fixes, moreFixes: offered.length - fixes.length };
    },
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

/** Places of a configuration as paths and LSP positions. */
interface Places {
  at(place: Place): { readonly file: string; readonly range: Range };
  /** Equal chains near each other are the same object. */
  via(steps: readonly Step[]): readonly ReportStep[];
}

function createPlaces({ files }: Configuration): Places {
  const chains = new BoundedMap<readonly Step[], readonly ReportStep[]>(MOST_KEPT);
  const nowhere = { line: 0, character: 0 };
  const at = (place: Place): { readonly file: string; readonly range: Range } => {
    const file = files[place.file];
    return file === undefined
      ? { file: "", range: { start: nowhere, end: nowhere } }
      : { file: file.path, range: lineIndexOf(file.tree).rangeOf(place.span) };
  };
  const via = (steps: readonly Step[]): readonly ReportStep[] =>
    memo(chains, steps, () => steps.slice(0, MOST_STEPS).map((step) => ({ ...at(step), directive: step.directive })));
  return { at, via };
}

/** Fixes and chains that are kept: findings that share one stand near each other, or it is one of few. */
const MOST_KEPT = 32;

/** The fixes of findings. Equal ones near each other are the same object as a rule: their words need not be made again. */
function createFixes(places: Places): (offered: readonly OfferedFix[]) => readonly ReportFix[] {
  const known = new BoundedMap<Fix, ReportFix>(MOST_KEPT);
  return (offered) =>
    offered.map((each) => {
      const { fix, edits, solves, preferred } = each;
      const same = known.get(fix);
      if (same?.preferred === preferred && same.solves === solves && edits.length === 0) return same;
      const made = reportFix(each, places);
      if (edits.length === 0) known.set(fix, made);
      return made;
    });
}

function reportFix(offered: OfferedFix, places: Places): ReportFix {
  const { fix, solves, preferred } = offered;
  const { id, title, commands, undo, durable, opens, opensBriefly } = fix;
  const edits = editsOf(offered, places);
  const more = edits === undefined ? {} : { edits };
  return { id, title, commands, undo, durable, preferred, opens, opensBriefly, solves, ...more };
}

/** As `reportFix` says it, made when it is asked for: of most findings that are alike only the first one's is printed. */
class BriefFix implements ReportFix {
  readonly #offered: OfferedFix;
  readonly #places: Places;

  constructor(offered: OfferedFix, places: Places) {
    this.#offered = offered;
    this.#places = places;
  }

  get id(): string {
    return this.#offered.fix.id;
  }

  get title(): string {
    return this.#offered.fix.title;
  }

  get commands(): readonly string[] {
    return this.#offered.fix.commands;
  }

  get undo(): readonly string[] {
    return this.#offered.fix.undo;
  }

  get durable(): boolean {
    return this.#offered.fix.durable;
  }

  get preferred(): boolean {
    return this.#offered.preferred;
  }

  get opens(): string {
    return this.#offered.fix.opens;
  }

  get opensBriefly(): string {
    return this.#offered.fix.opensBriefly;
  }

  get solves(): number {
    return this.#offered.solves;
  }

  get edits(): readonly ReportEdit[] | undefined {
    return editsOf(this.#offered, this.#places);
  }
}

/** What a fix changes in files; undefined where it changes none. */
function editsOf({ fix, edits }: OfferedFix, places: Places): readonly ReportEdit[] | undefined {
  const { outside } = fix;
  if (edits.length === 0 && outside === undefined) return undefined;
  return [
    ...edits.map((edit) => ({ ...places.at(edit), newText: edit.text })),
    ...(outside === undefined ? [] : [{ file: outside.path, range: outside.range, newText: outside.newText }]),
  ];
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

function targetOf(access: Access): Pick<ReportAccess, "host" | "port" | "lastPort" | "path"> {
  if (access.protocol === "process") return { host: null, port: null, path: null };
  if (access.protocol === "unix" || access.protocol === "file") return { host: null, port: null, path: access.path };
  const { host, port } = access;
  const last = access.kind === "bind" ? access.lastPort : port;
  return { host, port, ...(last === null || last === port ? {} : { lastPort: last }), path: null };
}
