/** What must hold of the preferred fixes of a configuration. */
import assert from "node:assert/strict";
import type { Analysis } from "../../server/src/analysis/analysis.ts";
import type { Finding } from "../../server/src/analysis/finding.ts";
import type { Fix } from "../../server/src/fixes/fix.ts";
import { changeKey } from "../../server/src/fixes/plan/changes.ts";
import { unionOf } from "../../server/src/fixes/plan/union.ts";
import { accessAfter } from "../../server/src/offers/accessAfter.ts";
import { offersOf } from "../../server/src/offers/offeredFixes.ts";
import { planOf } from "../../server/src/offers/planAnalysis.ts";
import type { Policy } from "../../server/src/selinux/policy.ts";

/** Each finding with its preferred fix, where it has one. */
export function preferredOf(analysis: Analysis): readonly { readonly finding: Finding; readonly fix: Fix }[] {
  const offers = offersOf(analysis);
  return analysis.findings.flatMap((finding) => {
    const all = offers(finding);
    assert.ok(all.filter(({ preferred }) => preferred).length <= 1, finding.message);
    assert.equal(new Set(all.map(({ fix }) => fix.id)).size, all.length, "ids are unique within a finding");
    const [first] = all;
    assert.ok(first?.preferred === true || all.every(({ preferred }) => !preferred), "the preferred fix comes first");
    return first?.preferred === true ? [{ finding, fix: first.fix }] : [];
  });
}

/** Whether a finding is still there under another policy, once the edit of a fix is made as well. */
function isRefused({ rules, access }: Finding, { evaluator }: Analysis, policy: Policy, fix?: Fix): boolean {
  assert.ok(access !== null);
  const after = fix?.edit === undefined ? access : accessAfter(access, fix.edit);
  return evaluator.under(policy).refusal(after, rules) !== null;
}

/**
 * They are the plan, each stays done whatever is done before and after it, nothing that is allowed is taken away, and
 * nothing that has one stays refused. Gives the number of different fixes.
 */
export function preferredFixesHold(analysis: Analysis, shuffled: (fixes: readonly Fix[]) => readonly Fix[]): number {
  const { policy } = analysis.context;
  const preferred = preferredOf(analysis);
  const fixes = [...new Set(preferred.map(({ fix }) => fix))];
  const plan = planOf(analysis);
  assert.deepEqual(
    unionOf(policy, fixes)
      .filter(({ kind }) => kind !== "restore")
      .map(changeKey),
    plan.steps.map(({ change }) => changeKey(change)),
    "the plan is made of the preferred fixes",
  );
  const copies = new Map(fixes.flatMap(({ copy }) => (copy === undefined ? [] : [[copy.to, copy.from]])));
  assert.deepEqual(
    plan.copies.map(({ copy }) => [copy.to, copy.from]),
    [...copies],
    "the plan copies what the preferred fixes copy",
  );
  assert.equal(new Set(copies.values()).size, copies.size, "no two files are copied to one place");
  for (const { fix } of preferred)
    if (fix.edit !== undefined) assert.ok(fix.copy !== undefined, "only a copy is an edit that comes first");
  for (const { finding, fix } of preferred)
    assert.ok(!isRefused(finding, analysis, policy.with(fix.changes), fix), `${fix.title} alone: ${finding.message}`);
  const done = new Set<Fix>();
  let after = policy;
  for (const fix of shuffled(fixes)) {
    after = after.with(fix.changes);
    done.add(fix);
    for (const each of preferred) {
      if (!done.has(each.fix)) continue;
      assert.ok(!isRefused(each.finding, analysis, after, each.fix), `${each.fix.title} is undone by ${fix.title}`);
    }
  }
  const { evaluator } = analysis;
  for (const access of analysis.accesses) {
    const verdicts = [evaluator, evaluator.under(after)].map((each) => each.ask(access).decision.verdict);
    assert.ok(verdicts[0] !== "allowed" || verdicts[1] === "allowed", JSON.stringify(access));
  }
  const byFinding = new Map(preferred.map(({ finding, fix }) => [finding, fix]));
  const left = analysis.findings.filter(
    (each) => each.verdict?.decision?.verdict === "denied" && isRefused(each, analysis, after, byFinding.get(each)),
  );
  const uncleared = new Set(plan.uncleared.map(({ title }) => title));
  assert.ok(
    new Set(left.map(({ verdict }) => verdict)).size <= uncleared.size,
    left.map(({ message }) => message).join(),
  );
  portsDoNotOverlap(fixes);
  return fixes.length;
}

/** semanage refuses a range that overlaps a local one without being exactly it. */
function portsDoNotOverlap(fixes: readonly Fix[]): void {
  const labels = new Map(
    fixes.flatMap(({ changes }) => changes.flatMap((each) => (each.kind === "port" ? [[changeKey(each), each]] : []))),
  );
  const ports = new Set<string>();
  for (const { protocol, low, high } of labels.values()) {
    for (let port = low; port <= high; port++) {
      assert.ok(!ports.has(`${protocol} ${port}`), `${protocol} ${port} is labelled twice`);
      ports.add(`${protocol} ${port}`);
    }
  }
}
