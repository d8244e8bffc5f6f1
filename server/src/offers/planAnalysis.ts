/** The plan of an analysed configuration: what its findings ask of `fixes/plan`, and where it comes from. */
import type { Analysis } from "../analysis/analysis.ts";
import { isPlaced } from "../analysis/finding.ts";
import type { Fix } from "../fixes/fix.ts";
import type { Plan, PlanAbout, PlanParts, PlanRequest, PlanTarget, Uncleared } from "../fixes/plan/plan.ts";
import { partsFor, planOfParts } from "../fixes/plan/planFor.ts";
import { ownTypePlan, type ModulePlan } from "../fixes/plan/ownType.ts";
import { bestLasting } from "../fixes/rank.ts";
import { createPortAnswers } from "../fixes/portAnswers.ts";
import { keptBy } from "./keptAccesses.ts";
import { lineIndexOf } from "../nginx/tree/lineIndexes.ts";
import { speaksTls } from "../nginx/blocks/listenParameters.ts";
import type { Access, BindPort } from "../nginx/access.ts";
import { memo } from "../base/memo.ts";
import { isPlannedPermission, permissionPlan, permissionTargets } from "./permissionPlan.ts";
import { FindingTarget, LASTING_RULES } from "./planTargets.ts";
import { permissionTitle } from "../fixes/plan/planWords.ts";
import type { ChosenPolicy } from "../providers/policies.ts";
import { accessKey } from "../rules/accessQueries.ts";
import { deniedInLog } from "../rules/deniedInLog.ts";
import { accessRuleIds } from "../rules/index.ts";
import type { Verdict } from "../rules/rule.ts";

/** Every refusal of a configuration cleared with the commands that open least. */
export function planOf(analysis: Analysis): Plan {
  const plan = planOfParts(analysis.context, plannedFor(analysis).planned);
  const { steps, uncleared } = permissionPlan(analysis);
  return { ...plan, permissions: steps, uncleared: [...plan.uncleared, ...uncleared, ...notPlanned(analysis)] };
}

/** The fix of a verdict that is its part of the plan; undefined where the plan has none for it. */
export function plannedFix(analysis: Analysis, verdict: Verdict): Fix | undefined {
  return plannedFor(analysis).fixes.get(verdict);
}

/** The same as one policy module with port types of its own, which opens nothing but these accesses. */
export function modulePlanOf(analysis: Analysis): ModulePlan {
  const { request, planned } = plannedFor(analysis);
  const plan = ownTypePlan(request, planned.parts);
  const { steps, uncleared } = permissionPlan(analysis);
  const outside = steps.map(({ change, reasons }) => ({
    title: permissionTitle(change),
    reason: `no policy module does that; for ${reasons[0] ?? ""}`,
  }));
  return { ...plan, uncleared: [...plan.uncleared, ...outside, ...uncleared, ...notPlanned(analysis)] };
}

/** What no command on the host clears, or was not seen: edits of other files, parts that this user may not read. */
function notPlanned({ findings, configuration }: Analysis): readonly Uncleared[] {
  const elsewhere = findings.flatMap((finding) => {
    if (isPlaced(finding) || finding.verdict === null) return [];
    const [fix] = finding.verdict.fixes;
    return [{ title: `${finding.path}, line ${finding.range.start.line + 1}`, reason: fix?.title ?? finding.message }];
  });
  const unread = configuration.notes.flatMap(({ message, isPackaged }) =>
    isPackaged === true ? [] : [{ title: "A file of the configuration", reason: message, isUnread: true as const }],
  );
  return [...elsewhere, ...unread];
}

interface Planned {
  readonly request: PlanRequest;
  readonly planned: PlanParts;
  readonly fixes: ReadonlyMap<Verdict, Fix>;
}

/** Made once for an analysis, when it is first asked for. */
function plannedFor(analysis: Analysis): Planned {
  return memo(plans, analysis, () => {
    const request = requestOf(analysis);
    const planned = partsFor(request);
    const fixes = new Map<Verdict, Fix>();
    for (const { target, fix } of planned.parts) if (target instanceof FindingTarget) fixes.set(target.verdict, fix);
    for (const { verdict } of permissionTargets(analysis)) {
      const fix = verdict.fixes.find(isPlannedPermission);
      if (fix !== undefined) fixes.set(verdict, fix);
    }
    addRecorded(analysis, fixes);
    return { request, planned, fixes };
  });
}

/**
 * What the host's logs have recorded gets the fix that the plan has for the same refusal; where the plan has none (the
 * access is not known before it happens), the best lasting one of its own.
 */
function addRecorded({ findings }: Analysis, fixes: Map<Verdict, Fix>): void {
  const recorded = findings.filter(({ rule }) => rule === deniedInLog.id);
  if (recorded.length === 0) return;
  const planned = new Map<string, Fix>();
  for (const { access, verdict } of findings) {
    const fix = verdict === null ? undefined : fixes.get(verdict);
    if (access !== null && fix !== undefined) planned.set(accessKey(access), fix);
  }
  for (const { access, verdict } of recorded) {
    if (access === null || verdict === null) continue;
    const known = verdict.decision === null ? undefined : planned.get(accessKey(access));
    const fix = known ?? bestLasting(verdict.fixes);
    if (fix !== undefined) fixes.set(verdict, fix);
  }
}

const plans = new WeakMap<Analysis, Planned>();

export function aboutPlan(analysis: Analysis, chosen: ChosenPolicy): PlanAbout {
  const { container } = analysis.context;
  return {
    configuration: analysis.configuration.files[0]?.path ?? "",
    policy:
      container === null
        ? `${chosen.facts.info.title} (${chosen.reason})`
        : `not asked, since this is for nginx in a container: ${container}`,
    source: analysis.context.source,
    probe: probeOf(analysis),
  };
}

function requestOf(analysis: Analysis): PlanRequest {
  const { context, findings } = analysis;
  const targets: PlanTarget[] = [];
  const answers = createPortAnswers(context);
  // Verdicts are shared between equal targets of a rule.
  const seen = new Set<Verdict>();
  for (const finding of findings) {
    const { verdict, access } = finding;
    if (verdict === null || access === null || seen.has(verdict)) continue;
    seen.add(verdict);
    if (verdict.decision?.verdict !== "denied" && !LASTING_RULES.has(finding.rule)) continue;
    // A rule about the whole configuration refuses nothing: closing what is open without need clears nothing.
    if (!accessRuleIds.has(finding.rule)) continue;
    targets.push(new FindingTarget(analysis, finding, access, verdict, answers));
  }
  return { context, targets, kept: keptBy(analysis) };
}

/** The listening address that a request is most likely to be answered on. */
function probeOf({ accesses, configuration }: Analysis): string | null {
  const listens = accesses.filter(isTcpListen);
  const usual = [80, 443, 8080, 8443];
  const listen =
    usual.flatMap((port) => listens.find((each) => each.port === port) ?? [])[0] ??
    listens.find((each) => each.port !== null && each.port > 0);
  if (listen === undefined) return null;
  const host = hostOf(listen.host ?? "*");
  if (host === null) return null;
  const tree = configuration.files[listen.file]?.tree;
  const secure = tree !== undefined && speaksTls(lineIndexOf(tree).bytes, listen.span);
  return `${secure ? "https" : "http"}://${host}:${listen.port}/`;
}

function isTcpListen(access: Access): access is BindPort {
  return access.kind === "bind" && access.protocol === "tcp";
}

function hostOf(host: string): string | null {
  if (host === "*" || host === "0.0.0.0") return "127.0.0.1";
  if (host === "::") return "[::1]";
  if (!/^[0-9A-Za-z.:-]+$/u.test(host)) return null;
  return host.includes(":") ? `[${host}]` : host;
}
