/** Our verdicts beside the kernel's own, for the accesses of configurations on the host that it runs. */
import type { Analysis } from "./analysis.ts";
import type { Host } from "../host/host.ts";
import type { Verdict } from "../rules/rule.ts";
import { decisionWith } from "../selinux/conclude.ts";
import { crossCheck } from "../selinux/host/crossCheck.ts";
import type { LivePolicy } from "../selinux/host/live.ts";
import { policyOf } from "../selinux/model.ts";
import type { Evidence } from "../selinux/query.ts";

/** Accesses of one configuration that are looked at; most of them ask the same few questions. */
const MOST_ACCESSES = 500;

/** Asks the kernel each question once for each state of a host. */
export interface KernelCheck {
  /** One sentence for each verdict behind this analysis that the kernel contradicts. */
  disagreements(analysis: Analysis, live: LivePolicy): Promise<readonly string[]>;
}

export function createKernelCheck(host: Host): KernelCheck {
  let asked = new Set<string>();
  let found: readonly string[] = [];
  let of: LivePolicy | null = null;
  let isRefused = false;

  return {
    async disagreements(analysis, live) {
      const state = analysis.context.host;
      // The kernel that runs here says nothing of another machine.
      if (live.root !== "" || state === null) return [];
      if (of !== live) {
        of = live;
        asked = new Set();
        found = [];
        isRefused = false;
      }
      const questions = evidenceOf(analysis);
      const keys = new Set(questions.map(keyOf));
      const open = questions.filter((question) => !asked.has(keyOf(question)));
      if (open.length > 0 && !isRefused) {
        for (const question of open) asked.add(keyOf(question));
        const { disagreements, reason } = await crossCheck(host, policyOf(live.facts, state.changes), open);
        if (of !== live) return [];
        for (const each of disagreements) host.log("warning", `The kernel disagrees: ${each}`);
        if (reason !== null) host.log("info", `The kernel was not asked for its verdicts: ${reason}`);
        isRefused = reason !== null;
        found = [...found, ...disagreements];
      }
      return found.filter((sentence) => [...keys].some((key) => sentence.startsWith(`${key}:`)));
    },
  };
}

function evidenceOf(analysis: Analysis): readonly Evidence[] {
  return analysis.accesses
    .slice(0, MOST_ACCESSES)
    .flatMap((access) => analysis.evaluator.ask(access).decision.evidence);
}

/** How `crossCheck` names a question. */
function keyOf({ source, target, cls, permission }: Evidence): string {
  return `${source} ${target}:${cls} ${permission}`;
}

/** The analysis with the kernel's objections among the reasons of the findings that they concern. */
export function withDisagreements(analysis: Analysis, disagreements: readonly string[]): Analysis {
  if (disagreements.length === 0) return analysis;
  const verdicts = new Map<Verdict, Verdict>();
  const objected = (verdict: Verdict): Verdict => {
    const known = verdicts.get(verdict);
    if (known !== undefined) return known;
    const { decision, message, severity, oncePerUpstream, because, fixes } = verdict;
    const keys = decision?.evidence.map(keyOf) ?? [];
    const objections = disagreements
      .filter((sentence) => keys.some((key) => sentence.startsWith(`${key}:`)))
      .map((sentence) => `but: ${sentence}`);
    const result =
      decision === null || objections.length === 0
        ? verdict
        : {
            decision: decisionWith(decision, { because: [...decision.because, ...objections] }),
            message,
            severity,
            oncePerUpstream,
            because: [...because, ...objections],
            fixes,
          };
    verdicts.set(verdict, result);
    return result;
  };
  const findings = analysis.findings.map((finding) =>
    finding.verdict === null ? finding : { ...finding, message: finding.message, verdict: objected(finding.verdict) },
  );
  return { ...analysis, findings };
}
