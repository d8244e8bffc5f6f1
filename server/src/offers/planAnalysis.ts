/** The plan of an analysed configuration: what its findings ask of `fixes/plan`, and where it comes from. */
import { accessWords } from "../analysis/accessWords.ts";
import type { Analysis } from "../analysis/analysis.ts";
import type { PlacedFinding } from "../analysis/finding.ts";
import type { KeptAccess, Plan, PlanAbout, PlanRequest, PlanTarget, TargetPorts } from "../fixes/plan/plan.ts";
import { planFor } from "../fixes/plan/planFor.ts";
import { ownTypePlan, type ModulePlan } from "../fixes/plan/ownType.ts";
import { lineIndexOf } from "../nginx/tree/lineIndexes.ts";
import { speaksTls } from "../nginx/blocks/listenParameters.ts";
import type { Access, BindPort } from "../nginx/access.ts";
import type { ChosenPolicy } from "../providers/policies.ts";
import { accessRules } from "../rules/index.ts";
import type { AccessRule, Verdict } from "../rules/rule.ts";

/** Every refusal of a configuration cleared with the commands that open least. */
export function planOf(analysis: Analysis): Plan {
  return planFor(requestOf(analysis));
}

/** The same as one policy module with port types of its own, which opens nothing but these accesses. */
export function modulePlanOf(analysis: Analysis): ModulePlan {
  return ownTypePlan(requestOf(analysis));
}

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

/** Rules that say what a reboot or a relabel would take away: no policy can tell when they are content. */
const LASTING_RULES: ReadonlySet<string> = new Set(["boolean-not-persistent", "label-not-persistent"]);

function requestOf(analysis: Analysis): PlanRequest {
  const { context, findings } = analysis;
  const targets: PlanTarget[] = [];
  // Verdicts are shared between equal targets of a rule.
  const seen = new Set<Verdict>();
  for (const finding of findings) {
    const { verdict, access } = finding;
    if (verdict === null || access === null || seen.has(verdict)) continue;
    seen.add(verdict);
    if (verdict.decision?.verdict !== "denied" && !LASTING_RULES.has(finding.rule)) continue;
    const rule = accessRules.find((each) => each.id === finding.rule);
    // A rule about the whole configuration refuses nothing.
    if (rule !== undefined) targets.push(targetOf(analysis, rule, finding, access, verdict));
  }
  return { context, targets, kept: keptBy(analysis) };
}

function targetOf(
  analysis: Analysis,
  rule: AccessRule,
  finding: PlacedFinding,
  access: Access,
  verdict: Verdict,
): PlanTarget {
  const { evaluator } = analysis;
  const asks = !LASTING_RULES.has(rule.id);
  return {
    title: `${nameOf(access)} (${placeOf(analysis, finding)})${finding.severity === "warning" ? ", which may be refused" : ""}`,
    get fixes() {
      return verdict.fixes;
    },
    ports: portsOf(access),
    ask: asks ? (policy) => evaluator.under(policy).refusal(access, finding.rules) : null,
    advice: [
      ...verdict.because.filter((sentence) => sentence.startsWith("no command is offered")),
      verdict.message,
    ].join(". "),
  };
}

function nameOf(access: Access): string {
  const { verb, what, name } = accessWords(access);
  return [verb, what, name ?? ""].filter((word) => word !== "").join(" ");
}

function placeOf({ configuration }: Analysis, { file, span }: PlacedFinding): string {
  const found = configuration.files[file];
  return found === undefined ? "" : `${found.path}:${lineIndexOf(found.tree).positionAt(span.start).line + 1}`;
}

function portsOf(access: Access): TargetPorts | null {
  if (access.protocol !== "tcp" && access.protocol !== "udp") return null;
  const { protocol, port } = access;
  if (port === null) return null;
  if (access.kind === "connect") return { kind: "connect", protocol, low: port, high: port };
  return { kind: "bind", protocol, low: port, high: Math.min(access.lastPort ?? port, 65535) };
}

/** What is allowed now: a plan must not take it away. */
function keptBy({ accesses, evaluator }: Analysis): readonly KeptAccess[] {
  const kept = new Map<string, KeptAccess>();
  for (const access of accesses) {
    const title = nameOf(access);
    if (kept.has(title) || evaluator.ask(access).decision.verdict !== "allowed") continue;
    kept.set(title, {
      title,
      ports: portsOf(access),
      allowed: (policy) => evaluator.under(policy).ask(access).decision.verdict === "allowed",
    });
  }
  return [...kept.values()];
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
