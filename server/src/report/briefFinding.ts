/** A finding as a short report reads it. Of most findings that are alike only the first is printed: what is not read is not made. */
import type { Analysis } from "../analysis/analysis.ts";
import { stopsNginx } from "../analysis/consequence.ts";
import { isPlaced, type Finding } from "../analysis/finding.ts";
import type { Severity } from "../base/severity.ts";
import type { Range } from "../base/text.ts";
import type { Access, Certainty } from "../nginx/access.ts";
import type { OfferedFix, Offers } from "../offers/offeredFixes.ts";
import { plannedFix } from "../offers/planAnalysis.ts";
import type { Verdict } from "../rules/rule.ts";
import type { Decision } from "../selinux/query.ts";
import type { Places } from "./places.ts";
import type { BriefFinding, BriefPlace, ReportAccess, ReportEdit, ReportFix, ReportStep } from "./report.ts";
import { targetOf } from "./reportAccess.ts";
import { editsOf } from "./reportFixes.ts";

/** What the findings of one report are made of. */
export interface BriefSource {
  readonly analysis: Analysis;
  readonly places: Places;
  readonly offers: Offers;
}

export class Brief implements BriefFinding {
  readonly #finding: Finding;
  readonly #source: BriefSource;
  #commands: readonly string[] | null | undefined;
  #offered: readonly OfferedFix[] | null = null;

  constructor(finding: Finding, source: BriefSource) {
    this.#finding = finding;
    this.#source = source;
  }

  get rule(): string {
    return this.#finding.rule;
  }

  get severity(): Severity {
    return this.#finding.severity;
  }

  get stopsNginx(): boolean {
    return stopsNginx(this.#finding);
  }

  get message(): string {
    return this.#finding.message;
  }

  get verdict(): Verdict | null {
    return this.#finding.verdict;
  }

  get place(): BriefPlace {
    return new FindingPlace(this.#finding, this.#source);
  }

  get access(): ReportAccess | null {
    return briefAccess(this.#finding, this.#source);
  }

  /** Those of its part of the plan: that is what is preferred, and known before all fixes are. */
  get commands(): readonly string[] | null {
    if (this.#commands !== undefined) return this.#commands;
    const { verdict } = this.#finding;
    const part = verdict === null ? undefined : plannedFix(this.#source.analysis, verdict);
    const isEdit = part === undefined || part.edit !== undefined || part.outside !== undefined;
    return (this.#commands = isEdit ? null : part.commands);
  }

  get fixes(): readonly ReportFix[] {
    const [first] = this.#offers;
    if (first === undefined) return [];
    return [new BriefFix(first, this.#source.places, first.preferred ? this.commands : null)];
  }

  get moreFixes(): number {
    return Math.max(this.#offers.length - 1, 0);
  }

  get #offers(): readonly OfferedFix[] {
    return (this.#offered ??= this.#source.offers(this.#finding));
  }
}

class FindingPlace implements BriefPlace {
  readonly #finding: Finding;
  readonly #source: BriefSource;

  constructor(finding: Finding, source: BriefSource) {
    this.#finding = finding;
    this.#source = source;
  }

  get file(): string {
    return isPlaced(this.#finding) ? this.#source.places.pathOf(this.#finding) : this.#finding.path;
  }

  get range(): Range {
    return isPlaced(this.#finding) ? this.#source.places.at(this.#finding).range : this.#finding.range;
  }

  get access(): ReportAccess | null {
    return briefAccess(this.#finding, this.#source);
  }
}

function briefAccess({ access, verdict }: Finding, source: BriefSource): ReportAccess | null {
  return access === null || verdict === null ? null : new BriefAccess(access, verdict.decision, source);
}

class BriefAccess implements ReportAccess {
  readonly #access: Access;
  readonly #decision: Decision | null;
  readonly #source: BriefSource;

  constructor(access: Access, decision: Decision | null, source: BriefSource) {
    this.#access = access;
    this.#decision = decision;
    this.#source = source;
  }

  get kind(): ReportAccess["kind"] {
    return this.#access.kind;
  }

  get protocol(): ReportAccess["protocol"] {
    return this.#access.protocol;
  }

  get host(): string | null {
    return targetOf(this.#access).host;
  }

  get port(): number | null {
    return targetOf(this.#access).port;
  }

  get lastPort(): number | undefined {
    return targetOf(this.#access).lastPort;
  }

  get path(): string | null {
    return targetOf(this.#access).path;
  }

  get source(): string {
    return this.#source.analysis.context.source;
  }

  get target(): string | null {
    return this.#decision?.target ?? null;
  }

  get class(): string | null {
    return this.#decision?.cls ?? null;
  }

  get permission(): string | null {
    return this.#decision?.permission ?? null;
  }

  get certainty(): Certainty {
    return this.#access.certainty;
  }

  get via(): readonly ReportStep[] {
    return this.#source.places.via(this.#access.via);
  }
}

class BriefFix implements ReportFix {
  readonly #offered: OfferedFix;
  readonly #places: Places;
  readonly #commands: readonly string[] | null;

  /** `commands`: those of the fix, where they are known already. */
  constructor(offered: OfferedFix, places: Places, commands: readonly string[] | null) {
    this.#offered = offered;
    this.#places = places;
    this.#commands = commands;
  }

  get id(): string {
    return this.#offered.fix.id;
  }

  get title(): string {
    return this.#offered.fix.title;
  }

  get commands(): readonly string[] {
    return this.#commands ?? this.#offered.fix.commands;
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
