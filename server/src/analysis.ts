/** Configuration + policy -> findings. Pure: no files, no clock, byte offsets only. */
import type { Access } from "./nginx/access.ts";
import { collectAccesses } from "./nginx/collectAccesses.ts";
import type { ConfigProblem, Configuration } from "./nginx/configuration.ts";
import { ignoreComments, placeholderReason, silencedBy } from "./ignoreComments.ts";
import { hostRules, rules } from "./rules/index.ts";
import { nginxSyntax } from "./rules/nginxSyntax.ts";
import type { Rule, RuleContext, Severity, Verdict } from "./rules/rule.ts";
import { ROOT } from "./nginx/tree.ts";
import type { SeveritySetting } from "./settings.ts";
import type { Span } from "./text.ts";

/** One thing to say about one place. Verdicts are shared between equal targets: compare them by identity. */
export interface Finding {
  readonly rule: string;
  readonly severity: Severity;
  readonly message: string;
  /** The rule's target key: tells findings of one rule at one place apart. "" without an access. */
  readonly key: string;
  /** Index into the configuration's files. */
  readonly file: number;
  readonly span: Span;
  /** Null for what is no access: `nginx-syntax`, `selinux-ignore`. */
  readonly access: Access | null;
  /** Null together with `access`. */
  readonly verdict: Verdict | null;
}

export interface Analysis {
  readonly configuration: Configuration;
  readonly accesses: readonly Access[];
  /** By file in reading order, then by place. */
  readonly findings: readonly Finding[];
  readonly context: RuleContext;
}

export interface AnalysisOptions {
  readonly context: RuleContext;
  readonly severity: ReadonlyMap<string, SeveritySetting>;
}

/** Rule id of a `selinux-ignore` comment that does nothing. */
const ignoreRule = "selinux-ignore";

/** Accesses judged between two chances to let others run. */
const STEP = 256;

const grouped = new WeakMap<Analysis, ReadonlyMap<number, readonly Finding[]>>();

/** The findings in one file, by place. */
export function findingsIn(analysis: Analysis, file: number): readonly Finding[] {
  let groups = grouped.get(analysis);
  if (groups === undefined) {
    groups = groupByFile(analysis.findings);
    grouped.set(analysis, groups);
  }
  return groups.get(file) ?? [];
}

function groupByFile(findings: readonly Finding[]): ReadonlyMap<number, readonly Finding[]> {
  const groups = new Map<number, Finding[]>();
  for (const finding of findings) {
    const group = groups.get(finding.file);
    if (group === undefined) groups.set(finding.file, [finding]);
    else group.push(finding);
  }
  return groups;
}

/** Runs an analysis, giving control back now and then, so that a server can look for cancellation and newer text. */
export function* analyzeInSteps(
  configuration: Configuration,
  options: AnalysisOptions,
): Generator<void, Analysis, void> {
  const { accesses, problems } = collectAccesses(configuration);
  yield;
  const findings: Finding[] = [];
  for (const finding of [...syntaxFindings(configuration, problems), ...ignoreFindings(configuration)]) {
    const wanted = options.severity.get(finding.rule) ?? finding.severity;
    if (wanted !== "off") findings.push({ ...finding, severity: wanted });
  }
  yield;
  for (const finding of hostFindings(configuration, options)) findings.push(finding);
  const { host } = options.context;
  // In a container nginx sees other files than those that the host's labels are about.
  const judging =
    options.context.container !== null ? [] : rules.filter((rule) => host !== null || rule.needsHost !== true);
  for (const rule of judging) {
    for (const finding of configurationFindings(rule, accesses, configuration, options)) findings.push(finding);
    yield;
  }
  const judges = judging.flatMap((rule) => judgeOf(rule, options) ?? []);
  let untilStep = STEP;
  for (const access of accesses) {
    for (const judge of judges) {
      const finding = judge(access, configuration);
      if (finding !== null) findings.push(finding);
    }
    if (--untilStep === 0) {
      untilStep = STEP;
      yield;
    }
  }
  return { configuration, accesses, findings: sorted(findings), context: options.context };
}

/** What is said of the host, at the first statement of the configuration. */
function hostFindings(configuration: Configuration, options: AnalysisOptions): readonly Finding[] {
  const tree = configuration.files[0]?.tree;
  if (tree === undefined) return [];
  const first = tree.firstChild(ROOT);
  const span = first < 0 || tree.wordCount(first) === 0 ? { start: 0, end: 0 } : tree.wordSpan(first, 0);
  return hostRules.flatMap((rule) => {
    const severity = options.severity.get(rule.id) ?? rule.severity;
    if (severity === "off" || silencedBy(tree, span.start, rule.id) !== undefined) return [];
    const message = rule.judgeHost(options.context);
    return message === null ? [] : [plainFinding(rule.id, severity, message, 0, span)];
  });
}

/** The findings of a rule that looks at all accesses together; none for other rules. */
function configurationFindings(
  rule: Rule,
  accesses: readonly Access[],
  configuration: Configuration,
  options: AnalysisOptions,
): readonly Finding[] {
  const wanted = options.severity.get(rule.id);
  if (rule.judgeConfiguration === undefined || wanted === "off") return [];
  return rule
    .judgeConfiguration(accesses, options.context)
    .filter(({ access }) => !isSilenced(configuration, access, rule.id))
    .map(({ access, key, verdict }) => findingOf(rule, access, key, verdict, wanted));
}

function findingOf(
  rule: Rule,
  access: Access,
  key: string,
  verdict: Verdict,
  wanted: Exclude<SeveritySetting, "off"> | undefined,
): Finding {
  const severity = wanted === undefined ? verdict.severity : adjusted(wanted, verdict.severity, rule.severity);
  const { file, span } = access;
  return { rule: rule.id, severity, message: verdict.message, key, file, span, access, verdict };
}

type Judge = (access: Access, configuration: Configuration) => Finding | null;

/** The rule with its memory: equal targets are judged once. Undefined where the rule is switched off. */
function judgeOf(rule: Rule, options: AnalysisOptions): Judge | undefined {
  const wanted = options.severity.get(rule.id);
  if (wanted === "off" || rule.judgeConfiguration !== undefined) return undefined;
  const verdicts = new Map<string, Verdict | null>();
  return (access, configuration) => {
    if (!rule.appliesTo(access)) return null;
    const key = rule.targetKey(access);
    let verdict = verdicts.get(key);
    if (verdict === undefined) {
      verdict = rule.judge(access, options.context);
      verdicts.set(key, verdict);
    }
    if (verdict === null || isSilenced(configuration, access, rule.id)) return null;
    return findingOf(rule, access, key, verdict, wanted);
  };
}

function isSilenced(configuration: Configuration, access: Access, rule: string): boolean {
  const tree = configuration.files[access.file]?.tree;
  return tree !== undefined && silencedBy(tree, access.span.start, rule) !== undefined;
}

const order: Readonly<Record<Severity, number>> = { error: 0, warning: 1, information: 2, hint: 3 };

/** True where `severity` is at or above `threshold`. */
export function isAtLeast(severity: Severity, threshold: Severity): boolean {
  return order[severity] <= order[threshold];
}

/** The user's severity, but never above one that the rule lowered because it rests on something inexact. */
function adjusted(wanted: Severity, said: Severity, usual: Severity): Severity {
  return order[said] > order[usual] && order[said] > order[wanted] ? said : wanted;
}

/** nginx stops at the first problem of a file; what recovery finds behind it may be none, so it is not said. */
function syntaxFindings(configuration: Configuration, rejected: readonly ConfigProblem[]): Finding[] {
  const later = configuration.files.map(({ tree }) => new Set(tree.problems.slice(1).map(problemKey)));
  return [...configuration.problems, ...rejected].flatMap((problem) =>
    configuration.template[problem.file] === true || later[problem.file]?.has(problemKey(problem)) === true
      ? []
      : [plainFinding(nginxSyntax.id, nginxSyntax.severity, problem.message, problem.file, problem.span)],
  );
}

function problemKey(problem: { readonly span: Span; readonly message: string }): string {
  return `${problem.span.start} ${problem.message}`;
}

function ignoreFindings(configuration: Configuration): Finding[] {
  return configuration.files.flatMap(({ tree }, file) =>
    ignoreComments(tree).flatMap((comment) => {
      const message = complaint(comment.rule, comment.reason);
      return message === null ? [] : [plainFinding(ignoreRule, "hint", message, file, comment.span)];
    }),
  );
}

function complaint(rule: string, reason: string): string | null {
  if (rule === "") return "Say which rule and why: # selinux-ignore RULE REASON. Nothing is silenced.";
  if (!rules.some((each) => each.id === rule)) return `There is no rule "${rule}" to silence.`;
  if (reason === "") return `Say why "${rule}" is silenced here: # selinux-ignore ${rule} REASON. Nothing is silenced.`;
  if (reason === placeholderReason) return `Write the reason why "${rule}" is silenced here.`;
  return null;
}

function plainFinding(rule: string, severity: Severity, message: string, file: number, span: Span): Finding {
  return { rule, severity, message, key: "", file, span, access: null, verdict: null };
}

/** One finding per place, rule and message: a file that is included twice says it once. */
function sorted(findings: Finding[]): readonly Finding[] {
  findings.sort((a, b) => a.file - b.file || a.span.start - b.span.start || compareText(a.rule, b.rule));
  let place = "";
  let said = new Set<string>();
  return findings.filter((finding) => {
    const here = `${finding.file}:${finding.span.start}`;
    if (here !== place) {
      place = here;
      said = new Set();
    }
    const saying = `${finding.rule}:${finding.message}`;
    if (said.has(saying)) return false;
    said.add(saying);
    return true;
  });
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
