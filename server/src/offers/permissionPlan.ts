/** Owners and modes in the plan of a configuration: after the changes for SELinux, so that an access works in the end. */
import type { Analysis } from "../analysis/analysis.ts";
import { isPlaced, type PlacedFinding } from "../analysis/finding.ts";
import type { Fix } from "../fixes/fix.ts";
import type { PermissionStep, Uncleared } from "../fixes/plan/plan.ts";
import { memo } from "../base/memo.ts";
import type { Verdict } from "../rules/rule.ts";
import { unixPermissions } from "../rules/unixPermissions.ts";
import { titleOf } from "./planTargets.ts";

/** A refusal by owner or mode; equal targets share their verdict, and are one. */
interface PermissionTarget {
  readonly finding: PlacedFinding;
  readonly verdict: Verdict;
}

/** The findings that owners and modes refuse something; those that say that nothing is known are left out. */
export function permissionTargets({ findings }: Analysis): readonly PermissionTarget[] {
  const targets = new Map<Verdict, PermissionTarget>();
  for (const finding of findings) {
    const { rule, verdict } = finding;
    if (rule !== unixPermissions.id || verdict === null || verdict.severity === "hint" || !isPlaced(finding)) continue;
    if (!targets.has(verdict)) targets.set(verdict, { finding, verdict });
  }
  return [...targets.values()];
}

/** True for a fix that lasts and restarts no other service: a plan restarts none. */
export function isPlannedPermission({ permissions, durable, restartUnit }: Fix): boolean {
  return permissions !== undefined && durable && restartUnit === undefined;
}

/** The changes of the first such fix of each target, each once, and the targets that have none. */
export function permissionPlan(analysis: Analysis): {
  readonly steps: readonly PermissionStep[];
  readonly uncleared: readonly Uncleared[];
} {
  const steps = new Map<string, PermissionStep & { readonly reasons: string[] }>();
  const uncleared: Uncleared[] = [];
  for (const { finding, verdict } of permissionTargets(analysis)) {
    const title = titleOf(analysis, finding);
    const fix = verdict.fixes.find(isPlannedPermission);
    if (fix === undefined) {
      const [first] = verdict.fixes;
      const advice = first === undefined ? "" : `. One of its fixes: ${first.title}`;
      uncleared.push({ title, reason: `${verdict.message}${advice}` });
      continue;
    }
    for (const change of fix.permissions ?? [])
      memo(steps, JSON.stringify(change), () => ({ change, reasons: [] })).reasons.push(title);
  }
  return { steps: [...steps.values()], uncleared };
}
