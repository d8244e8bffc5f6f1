/** Configuration + policy -> findings. Pure: no files, no clock, byte offsets only. */
import { accessFindings } from "./accessFindings.ts";
import type { Collected } from "./collected.ts";
import { firstStatement } from "./defaultPid.ts";
import { canGoOn, createEvaluator, type Evaluator } from "./evaluator.ts";
import { isPlaced, sorted, type Finding, type PlacedFinding, type Saying, type Silenced } from "./finding.ts";
import { recordedFindings } from "./recordedFindings.ts";
import { severityOf, type WantedSeverities } from "./severities.ts";
import { withoutSilenced } from "./silenced.ts";
import type { Refusal } from "../denials/gather.ts";
import type { Access, WorkerUser } from "../nginx/access.ts";
import type { Configuration } from "../nginx/load/configuration.ts";
import type { PolicyContext, RuleContext } from "../rules/context.ts";
import { deniedInLog } from "../rules/deniedInLog.ts";
import { rules } from "../rules/index.ts";
import type { ConfigurationRule, HostRule, Rule, Verdict } from "../rules/rule.ts";
import type { Policy } from "../selinux/policy.ts";

export interface Analysis {
  readonly configuration: Configuration;
  readonly accesses: readonly Access[];
  readonly user: WorkerUser | null;
  /** By file in reading order, then by place; those outside of the configuration at the end. */
  readonly findings: readonly Finding[];
  /** What is found as well, and does not count. In the same order. */
  readonly silenced: readonly Silenced[];
  readonly context: RuleContext;
  /** Answers for these accesses and for others, under this policy and others. */
  readonly evaluator: Evaluator;
}

export interface AnalysisOptions {
  readonly context: PolicyContext;
  /** Refusals that the host has recorded; none where its logs are not read. */
  readonly recorded?: readonly Refusal[];
  readonly severity: WantedSeverities;
  /** Answered for an earlier text, with the same context and severities: targets that are still there are not judged again. */
  readonly before?: Evaluator | null;
}

const grouped = new WeakMap<Analysis, ReadonlyMap<number, readonly PlacedFinding[]>>();

/** The findings in one file, by place. */
export function findingsIn(analysis: Analysis, file: number): readonly PlacedFinding[] {
  let groups = grouped.get(analysis);
  if (groups === undefined) {
    groups = groupByFile(analysis.findings.filter(isPlaced));
    grouped.set(analysis, groups);
  }
  return groups.get(file) ?? [];
}

function groupByFile(findings: readonly PlacedFinding[]): ReadonlyMap<number, readonly PlacedFinding[]> {
  const groups = new Map<number, PlacedFinding[]>();
  for (const finding of findings) {
    const group = groups.get(finding.file);
    if (group === undefined) groups.set(finding.file, [finding]);
    else group.push(finding);
  }
  return groups;
}

/** Runs an analysis, giving control back now and then, so that a server can look for cancellation and newer text. */
export function* analyzeInSteps(collected: Collected, options: AnalysisOptions): Generator<void, Analysis, void> {
  const { configuration, accesses, user, findings: ofText } = collected;
  const findings: Finding[] = [];
  for (const finding of ofText) {
    const wanted = options.severity.get(finding.rule) ?? finding.severity;
    if (wanted !== "off") findings.push({ ...finding, severity: wanted });
  }
  yield;
  const isWhole = !configuration.notes.some(({ isDenied }) => isDenied === true);
  const asked = rules.filter((rule) => isAsked(rule, options, isWhole));
  const evaluator = evaluatorFor(accesses, options, asked);
  const { context } = evaluator;
  for (const rule of asked) {
    if (rule.judges === "access") continue;
    const said =
      rule.judges === "host"
        ? hostFindings(rule, configuration, context, options.severity)
        : configurationFindings(rule, accesses, evaluator, options.severity);
    for (const finding of said) findings.push(finding);
    yield;
  }
  for (const finding of yield* accessFindings(collected, evaluator, options.severity)) findings.push(finding);
  const wanted = options.severity.get(deniedInLog.id) ?? deniedInLog.severity;
  if (wanted !== "off" && context.container === null)
    for (const finding of recordedFindings(options.recorded ?? [], collected, evaluator, wanted))
      findings.push(finding);
  return { configuration, accesses, user, ...withoutSilenced(configuration, sorted(findings)), context, evaluator };
}

/** The one of an earlier text, if it can go on; else a new one. `asked`: the rules that do not judge accesses are left out. */
function evaluatorFor(accesses: readonly Access[], options: AnalysisOptions, asked: readonly Rule[]): Evaluator {
  const { before = null } = options;
  const context = { ...options.context, ownSockets: ownSockets(accesses, options.context.policy) };
  if (before !== null && canGoOn(before, context, accesses)) return before;
  return createEvaluator(
    context,
    asked.filter((rule) => rule.judges === "access"),
  );
}

/** False for a rule that is switched off, or that has nothing to compare with. */
function isAsked(rule: Rule, { severity, context: { container, host } }: AnalysisOptions, isWhole: boolean): boolean {
  if (severity.get(rule.id) === "off") return false;
  // In a container nginx sees other files than those that the host's labels are about.
  if (container !== null) return rule.judges === "host";
  if (rule.judges === "configuration" && rule.needsWhole && !isWhole) return false;
  return rule.judges !== "access" || !rule.needsHost || host !== null;
}

/** The unix sockets that the accesses listen on; see `RuleContext.ownSockets`. */
function ownSockets(accesses: readonly Access[], { facts }: Policy): ReadonlySet<string> {
  const own = new Set<string>();
  for (const access of accesses) {
    if (access.kind === "bind" && access.protocol === "unix" && access.path !== null)
      own.add(facts.canonicalPath(access.path));
  }
  return own;
}

/** What a rule says of the host: at the first statement of the configuration, or in the file that it names. */
function hostFindings(
  rule: HostRule,
  configuration: Configuration,
  context: RuleContext,
  severities: WantedSeverities,
): readonly Finding[] {
  const first = firstStatement(configuration);
  return rule.judge(context).flatMap(({ place, verdict }): readonly Finding[] => {
    const said = saying(rule, "", verdict, severities);
    if (place !== null) return [{ ...said, ...place, access: null }];
    return first === null ? [] : [{ ...said, ...first, access: null }];
  });
}

function configurationFindings(
  rule: ConfigurationRule,
  accesses: readonly Access[],
  evaluator: Evaluator,
  severities: WantedSeverities,
): readonly Finding[] {
  return rule.judge(accesses, evaluator.ask, evaluator.context).map(({ access, key, verdict }) => ({
    ...saying(rule, key, verdict, severities),
    file: access.file,
    span: access.span,
    access,
  }));
}

function saying(rule: Rule, key: string, verdict: Verdict, severities: WantedSeverities): Saying {
  const severity = severityOf(rule, verdict, severities);
  return { rule: rule.id, rules: [rule.id], severity, message: verdict.message, key, verdict };
}
