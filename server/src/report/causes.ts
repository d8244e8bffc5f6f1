/** Findings by cause: what one fix mends, with every place that it concerns. Every report for people groups with this. */
import { memo } from "../base/memo.ts";
import { severities, type Severity } from "../base/severity.ts";
import type { BriefFinding, BriefPlace, ReportAccess, ReportFinding, ReportFix } from "./report.ts";
import type { Range } from "../base/text.ts";

export interface CausePlace {
  readonly file: string;
  readonly range: Range;
  /** The target that is refused there, where it is another than the cause's own: `tcp port 8118`; else null. */
  readonly other: string | null;
}

export interface Cause {
  /** Unique in the report and the same for the same findings: usable as an anchor. */
  readonly key: string;
  readonly rule: string;
  readonly severity: Severity;
  /** True where nginx does not start because of it. */
  readonly stopsNginx: boolean;
  /** Of the first finding. */
  readonly message: string;
  /** Of the first finding; null where the rule judges no access. */
  readonly access: ReportAccess | null;
  /** In the order of the report; at least one. */
  readonly places: readonly CausePlace[];
  readonly because: readonly string[];
  /** Best first. */
  readonly fixes: readonly ReportFix[];
  /** How many there are beside these. */
  readonly moreFixes: number;
}

interface Group {
  readonly first: Caused;
  readonly places: CausePlace[];
}

type Caused = ReportFinding | BriefFinding;

/**
 * The causes of a report: first what keeps nginx from starting, then by severity, then in the order of the report. Linear
 * in the findings.
 */
export function causesOf({ findings }: { readonly findings: Iterable<Caused> }): readonly Cause[] {
  const groups = new Map<string, Group>();
  /** By what is said: the key of what is said again need not be made. */
  const known = new Map<object, Group>();
  for (const finding of findings) {
    const verdict = isBrief(finding) ? finding.verdict : null;
    const groupOf = (): Group => memo(groups, causeKey(finding), () => ({ first: finding, places: [] }));
    const { first, places } = verdict === null ? groupOf() : memo(known, verdict, groupOf);
    places.push(placeOf(finding, first));
  }
  const ranked: Cause[][] = severities.flatMap(() => [[], []]);
  for (const [key, group] of groups) {
    const { severity, stopsNginx } = group.first;
    ranked[2 * severities.indexOf(severity) + (stopsNginx === true ? 0 : 1)]?.push(causeOf(key, group));
  }
  return ranked.flat();
}

function placeOf(finding: Caused, first: Caused): CausePlace {
  if (isBrief(finding)) return new LaterPlace(finding.place, first);
  const { file, range, access } = finding;
  return { file, range, other: otherTarget(access, first.access) };
}

/** The place of a brief finding: of many that are alike few are printed. */
class LaterPlace implements CausePlace {
  readonly #place: BriefPlace;
  readonly #first: Caused;

  constructor(place: BriefPlace, first: Caused) {
    this.#place = place;
    this.#first = first;
  }

  get file(): string {
    return this.#place.file;
  }

  get range(): Range {
    return this.#place.range;
  }

  get other(): string | null {
    return otherTarget(this.#place.access, this.#first.access);
  }
}

/** The target of an access, where it is another than that of the first. */
function otherTarget(access: ReportAccess | null, first: ReportAccess | null): string | null {
  const target = targetWords(access);
  return target === targetWords(first) ? null : target;
}

function isBrief(finding: Caused): finding is BriefFinding {
  return "moreFixes" in finding;
}

function causeOf(key: string, { first, places }: Group): Cause {
  if (isBrief(first)) return new LaterCause(key, first, places);
  const { rule, severity, message, access, because, fixes } = first;
  return {
    key,
    rule,
    severity,
    stopsNginx: first.stopsNginx === true,
    message,
    access,
    because,
    fixes,
    moreFixes: 0,
    places,
  };
}

/** The cause of brief findings: its words are made when it is printed, and not kept for all that are printed after it. */
class LaterCause implements Cause {
  readonly key: string;
  readonly places: readonly CausePlace[];
  readonly #first: BriefFinding;

  constructor(key: string, first: BriefFinding, places: readonly CausePlace[]) {
    this.key = key;
    this.places = places;
    this.#first = first;
  }

  get rule(): string {
    return this.#first.rule;
  }

  get severity(): Severity {
    return this.#first.severity;
  }

  get stopsNginx(): boolean {
    return this.#first.stopsNginx;
  }

  get message(): string {
    return this.#first.message;
  }

  get access(): ReportAccess | null {
    return this.#first.access;
  }

  get because(): readonly string[] {
    return [];
  }

  get fixes(): readonly ReportFix[] {
    return this.#first.fixes;
  }

  get moreFixes(): number {
    return this.#first.moreFixes;
  }
}

/** A port or a path; null where neither is known. */
function targetWords(access: ReportAccess | null): string | null {
  if (access === null) return null;
  const { protocol, port, lastPort, path } = access;
  if (path !== null) return path;
  if (port === null) return null;
  return lastPort === undefined ? `${protocol} port ${port}` : `${protocol} ports ${port}-${lastPort}`;
}

/**
 * Equal for findings that one decision is about, and for those that are refused for the same reason and mended by the
 * same commands: the logs of one directory, the ports of one boolean. The address of a listen is no part of it, since
 * only its port counts.
 */
function causeKey(finding: Caused): string {
  const { rule, access } = finding;
  if (access === null) return JSON.stringify([rule, finding.message]);
  const { kind, protocol, target, certainty } = access;
  const { severity } = finding;
  const stops = finding.stopsNginx === true;
  const commands = isBrief(finding) ? finding.commands : preferredCommands(finding);
  if (commands !== null && commands.length > 0)
    return JSON.stringify([rule, severity, stops, kind, protocol, target, certainty, commands]);
  const { port, lastPort = null, path } = access;
  const message = path === null && port === null ? finding.message : null;
  return JSON.stringify([rule, severity, stops, kind, protocol, target, certainty, port, lastPort, path, message]);
}

/** The commands of the preferred fix; null where that edits a file, or no fix is preferred. */
function preferredCommands({ fixes }: ReportFinding): readonly string[] | null {
  const fix = fixes.find((each) => each.preferred);
  return fix === undefined || fix.edits !== undefined ? null : fix.commands;
}

/**
 * Causes that differ in their path alone: the same rule, label and kind of fix, each with a directory of its own. One list
 * each, in the order of the causes; a cause of another kind is a list of its own.
 */
export function alikeCauses(causes: readonly Cause[]): readonly (readonly [Cause, ...Cause[]])[] {
  const groups = new Map<string, [Cause, ...Cause[]]>();
  for (const cause of causes) {
    const kind = kindOf(cause);
    const group = groups.get(kind);
    if (group === undefined) groups.set(kind, [cause]);
    else group.push(cause);
  }
  return [...groups.values()];
}

/** Equal for causes of one list. */
function kindOf(cause: Cause): string {
  const { access } = cause;
  if (access === null || access.path === null) return cause.key;
  const { rule, severity, stopsNginx, fixes } = cause;
  const fix = fixes.find(({ preferred }) => preferred) ?? fixes[0];
  return JSON.stringify([rule, severity, stopsNginx, access.kind, access.target, access.certainty, fix?.id ?? null]);
}

/** The number of places; each is one finding. */
export function placesOf(causes: readonly Cause[]): number {
  return causes.reduce((sum, { places }) => sum + places.length, 0);
}

/** True where the preferred fix of any of them has commands. */
export function hasCommands(causes: readonly Cause[]): boolean {
  return causes.some(({ fixes }) => fixes.some(({ preferred, commands }) => preferred && commands.length > 0));
}
