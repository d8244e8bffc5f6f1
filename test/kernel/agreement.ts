/** The kernel beside the command line. */
import assert from "node:assert/strict";
import type { ReportFinding } from "../../server/src/report/report.ts";
import { works, type Outcome } from "./nginx.ts";

/** nginx runs and answers, and nothing was refused to it. */
export function assertWorks(outcome: Outcome, when: string): void {
  const status = works(outcome) ? outcome.status : 200;
  assert.deepEqual(outcome, { runs: true, status, refusals: [], complaints: [] }, when);
}

/**
 * Everything that the kernel refused is a finding's, by its types and class. What the policy keeps out of the audit
 * log, nginx complains of.
 */
export function assertAgree({ refusals, complaints }: Outcome, findings: readonly ReportFinding[]): void {
  const named = findings.map(({ access }) => `${access?.source} ${access?.target} ${access?.class}`);
  const refused = refusals.map(({ source, target, class: cls }) => `${source} ${target} ${cls}`);
  assert.notEqual(refused.length + complaints.length, 0, "the kernel refused nothing");
  for (const each of refused)
    assert.ok(named.includes(each), `${each} was refused; the findings say ${named.join(", ")}`);
}
