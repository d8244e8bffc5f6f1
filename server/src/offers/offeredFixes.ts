/** Everything that is offered for a finding: the fixes of its verdict and the edits of the configuration, in one order. */
import type { Analysis } from "../analysis/analysis.ts";
import type { Finding } from "../analysis/finding.ts";
import { editorOf, type PlacedEdit } from "./editFixes.ts";
import { TIERS } from "../fixes/candidate.ts";
import type { Fix } from "../fixes/fix.ts";
import { BoundedMap, memo } from "../base/memo.ts";
import { plannedFix } from "./planAnalysis.ts";
import type { Verdict } from "../rules/rule.ts";
import { createSolver } from "./solvedFindings.ts";
import type { TextChange } from "./textEdits.ts";

export interface OfferedFix {
  readonly fix: Fix;
  /** What is changed in the configuration; empty for commands alone. */
  readonly edits: readonly TextChange[];
  /** How many findings of the configuration it clears, this one included. */
  readonly solves: number;
  /** True for at most one fix of a finding: its part of the plan for the whole configuration. It comes first. */
  readonly preferred: boolean;
}

/** The fixes of a finding, best first. Equal answers near each other are the same object. */
export type Offers = (finding: Finding) => readonly OfferedFix[];

/** The offers for one analysis. */
export function offersOf(analysis: Analysis): Offers {
  return memo(analyses, analysis, () => createOffers(analysis));
}

const analyses = new WeakMap<Analysis, Offers>();

const noEdits: readonly TextChange[] = [];

/** Verdicts whose offers are kept: findings that share one stand near each other, or it is one of few. */
const MOST_KEPT = 32;

function createOffers(analysis: Analysis): Offers {
  const solver = createSolver(analysis);
  const editor = editorOf(analysis);
  const commands = new BoundedMap<Verdict, readonly OfferedFix[]>(MOST_KEPT);
  const together = new Map<readonly PlacedEdit[], Map<readonly OfferedFix[], readonly OfferedFix[]>>();
  return (finding) => {
    const { verdict } = finding;
    if (verdict === null) return [];
    const offers = memo(commands, verdict, () => {
      const part = plannedFix(analysis, verdict);
      return withPart(verdict.fixes, part?.edit === undefined ? part : undefined).map(
        (fix) => new Offer(fix, noEdits, fix === part, () => (fix.outside === undefined ? solver(fix) : 1)),
      );
    });
    const edits = editor(finding);
    if (edits.length === 0) return offers;
    const known = memo(together, edits, () => new Map<readonly OfferedFix[], readonly OfferedFix[]>());
    return memo(known, offers, () => withEdits(offers, edits, plannedFix(analysis, verdict), solver));
  };
}

/** A class, since counting what a fix clears looks at every finding, and a hover does not say it. */
class Offer implements OfferedFix {
  readonly fix: Fix;
  readonly edits: readonly TextChange[];
  readonly preferred: boolean;
  readonly #count: () => number;
  #solves: number | null = null;

  constructor(fix: Fix, edits: readonly TextChange[], preferred: boolean, count: () => number) {
    this.fix = fix;
    this.edits = edits;
    this.preferred = preferred;
    this.#count = count;
  }

  get solves(): number {
    return (this.#solves ??= this.#count());
  }
}

/** The fix that is a finding's part of the plan first, in place of its own with the same id. */
function withPart(fixes: readonly Fix[], part: Fix | undefined): readonly Fix[] {
  return part === undefined ? fixes : [part, ...fixes.filter(({ id }) => id !== part.id)];
}

/** Edits rank where their tier says, but the preferred fix comes first. */
function withEdits(
  offers: readonly OfferedFix[],
  edits: readonly PlacedEdit[],
  part: Fix | undefined,
  solver: (fix: Fix) => number,
): readonly OfferedFix[] {
  let all = offers;
  for (const { fix, edits: changes, solves } of edits) {
    const preferred = fix === part;
    const after = all.findIndex((each) => !each.preferred && TIERS.indexOf(each.fix.tier) > TIERS.indexOf(fix.tier));
    const at = preferred ? 0 : after < 0 ? all.length : after;
    const count = (): number => solves + (fix.changes.length === 0 ? 0 : solver(fix));
    const offer = new Offer(fix, changes, preferred, count);
    all = all.toSpliced(at, 0, offer);
  }
  return all;
}
