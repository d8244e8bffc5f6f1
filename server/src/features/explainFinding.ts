/** Everything that is known about one finding, as a Markdown text. */
import { findingsIn } from "../analysis/analysis.ts";
import type { PlacedFinding } from "../analysis/finding.ts";
import { offersOf } from "../offers/offeredFixes.ts";
import type { ExplainParams, ExplainResult } from "../shared/protocol.ts";
import { ruleInfos } from "../rules/index.ts";
import { pageOf } from "../rules/pages.ts";
import { escapeMarkdown } from "../base/markdown.ts";
import { describeAccess, describeDecision, describeFixes } from "./describeDecision.ts";
import { offsetIn, rangeIn, type FileView } from "./fileView.ts";

/** How the server finds a finding again, after edits too. */
export function placeOf(view: FileView, finding: PlacedFinding): ExplainParams {
  const { line, character } = rangeIn(view, finding.span).start;
  return { uri: view.uriOf(view.file), rule: finding.rule, key: finding.key, line, character };
}

/** The finding that a client speaks of: the nearest of this rule and target; undefined where it is gone. */
export function findingAt(view: FileView, params: Omit<ExplainParams, "uri">): PlacedFinding | undefined {
  const offset = offsetIn(view, params);
  const distance = ({ span }: PlacedFinding): number => Math.abs(span.start - offset);
  return findingsIn(view.analysis, view.file)
    .filter(({ rule, key }) => rule === params.rule && key === params.key)
    .reduce<PlacedFinding | undefined>(
      (best, each) => (best === undefined || distance(each) < distance(best) ? each : best),
      undefined,
    );
}

/** Null where the finding is gone. */
export function explainFinding(view: FileView, params: ExplainParams): ExplainResult | null {
  const finding = findingAt(view, params);
  if (finding === undefined) return null;
  const { policy } = view.analysis.context;
  const info = ruleInfos.find((each) => each.id === finding.rule);
  const { access, verdict } = finding;
  const parts = [`# ${info?.title ?? finding.rule}`, escapeMarkdown(finding.message)];
  if (access !== null && verdict !== null) {
    parts.push(`nginx ${describeAccess(access)}`);
    if (verdict.decision !== null) parts.push(describeDecision(verdict.decision));
    const offers = offersOf(view.analysis)(finding);
    if (offers.length > 0) parts.push("## Fixes, the best first", describeFixes(offers));
  }
  parts.push(`Decided by: ${escapeMarkdown(policy.facts.info.title)}, ${escapeMarkdown(policy.facts.info.provenance)}`);
  const page = pageOf(finding.rule);
  if (page !== null) parts.push(page);
  return { title: info?.title ?? finding.rule, markdown: parts.join("\n\n") };
}
