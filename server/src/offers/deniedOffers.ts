/** The fixes of refusals from logs, as they are chosen for the whole configuration. */
import type { Analysis } from "../analysis/analysis.ts";
import { decisionOn, type ExplainedRefusal } from "../analysis/explainDenials.ts";
import type { Fix } from "../fixes/fix.ts";
import type { Access } from "../nginx/access.ts";
import { accessKey } from "../rules/accessQueries.ts";
import { deniedInLog } from "../rules/deniedInLog.ts";
import { plannedFix } from "./planAnalysis.ts";

/**
 * The refusals, each with the fix first that is the plan's for the access that it was: what the check of the same
 * configuration prefers. A refusal keeps its own where the check refuses something else there, or nothing.
 */
export function withPlannedFixes(
  explained: readonly ExplainedRefusal[],
  analysis: Analysis | null,
): readonly ExplainedRefusal[] {
  if (analysis === null) return explained;
  return explained.map((each) => {
    const access = each.places[0]?.access ?? null;
    const planned =
      access === null || each.verdict !== "refused" ? undefined : plannedForRefusal(analysis, access, each);
    return planned === undefined
      ? each
      : { ...each, fixes: [planned, ...each.fixes.filter(({ id }) => id !== planned.id)] };
  });
}

/** The plan's fix for an access, where what the check says of it rests on the permission that was refused. */
function plannedForRefusal(analysis: Analysis, access: Access, refusal: ExplainedRefusal): Fix | undefined {
  if (decisionOn(refusal, access, analysis.evaluator) === null) return undefined;
  const { key } = analysis.evaluator.judge(access);
  const fixes = analysis.findings.map(({ rule, access: found, verdict }) =>
    rule === deniedInLog.id || found === null || verdict === null || accessKey(found) !== key
      ? undefined
      : plannedFix(analysis, verdict),
  );
  return fixes.find((fix) => fix !== undefined);
}
