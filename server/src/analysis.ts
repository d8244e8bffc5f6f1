/** Configuration + policy -> findings. Pure: no files, no clock, byte offsets only. */
import { isAtLeast, type Severity } from "./base/severity.ts";
import type { Access, Place } from "./nginx/access.ts";
import { collectAccesses } from "./nginx/collectAccesses.ts";
import type { ConfigProblem, Configuration } from "./nginx/configuration.ts";
import { ignoreComments, placeholderReason, silencedBy } from "./ignoreComments.ts";
import { rules } from "./rules/index.ts";
import { nginxSyntax } from "./rules/nginxSyntax.ts";
import type {
  AccessRule,
  ConfigurationRule,
  HostRule,
  OutsidePlace,
  PolicyContext,
  Rule,
  RuleContext,
  Verdict,
} from "./rules/rule.ts";
import type { Policy } from "./selinux/policy.ts";
import { ROOT } from "./nginx/tree.ts";
import type { SeveritySetting } from "./settings.ts";
import type { Span } from "./text.ts";

interface FindingBase {
  readonly rule: string;
  readonly severity: Severity;
  readonly message: string;
  /** The rule's target key: tells findings of one rule at one place apart. "" without an access. */
  readonly key: string;
  /** Null for `nginx-syntax` and `selinux-ignore`. Shared between equal targets: compare them by identity. */
  readonly verdict: Verdict | null;
}

/** One thing to say about one place of the configuration. */
export interface PlacedFinding extends FindingBase, Place {
  /** Null where the finding is about no access of nginx. */
  readonly access: Access | null;
}

/** One thing to say about a file that is not part of the configuration, a compose file for example. */
export interface OutsideFinding extends FindingBase, OutsidePlace {
  readonly access: null;
}

export type Finding = PlacedFinding | OutsideFinding;

/** A finding that does not count, and why. */
export interface Silenced {
  readonly finding: Finding;
  /** A comment of the configuration, or a list of what is known already. */
  readonly by: "comment" | "baseline";
  /** As the comment has it; where the list is. */
  readonly reason: string;
}

/** True for a finding in a file of the configuration. */
export function isPlaced(finding: Finding): finding is PlacedFinding {
  return "span" in finding;
}

export interface Analysis {
  readonly configuration: Configuration;
  readonly accesses: readonly Access[];
  /** By file in reading order, then by place; those outside of the configuration at the end. */
  readonly findings: readonly Finding[];
  /** What is found as well, and does not count. In the same order. */
  readonly silenced: readonly Silenced[];
  readonly context: RuleContext;
}

export interface AnalysisOptions {
  readonly context: PolicyContext;
  readonly severity: ReadonlyMap<string, SeveritySetting>;
}

/** Rule id of a `selinux-ignore` comment that does nothing. */
const ignoreRule = "selinux-ignore";

/** Accesses judged between two chances to let others run. */
const STEP = 256;

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
  const context = { ...options.context, ownSockets: ownSockets(accesses, options.context.policy) };
  const judges: Judge[] = [];
  for (const rule of rules) {
    const wanted = options.severity.get(rule.id);
    if (wanted === "off") continue;
    // In a container nginx sees other files than those that the host's labels are about.
    if (context.container !== null && rule.judges !== "host") continue;
    switch (rule.judges) {
      case "access":
        if (context.host !== null || !rule.needsHost) judges.push(judgeOf(rule, context, wanted));
        break;
      case "configuration":
        for (const finding of configurationFindings(rule, accesses, context, wanted)) findings.push(finding);
        yield;
        break;
      case "host":
        for (const finding of hostFindings(rule, configuration, context, wanted)) findings.push(finding);
    }
  }
  let untilStep = STEP;
  for (const access of accesses) {
    for (const judge of judges) {
      const finding = judge(access);
      if (finding !== null) findings.push(finding);
    }
    if (--untilStep === 0) {
      untilStep = STEP;
      yield;
    }
  }
  return { configuration, accesses, ...withoutSilenced(configuration, sorted(findings)), context };
}

/** Takes out what comments silence. */
function withoutSilenced(
  configuration: Configuration,
  all: readonly Finding[],
): Pick<Analysis, "findings" | "silenced"> {
  const findings: Finding[] = [];
  const silenced: Silenced[] = [];
  for (const finding of all) {
    const reason = silencingReason(configuration, finding);
    if (reason === null) findings.push(finding);
    else silenced.push({ finding, by: "comment", reason });
  }
  return { findings, silenced };
}

/** The reason of the comment that silences a finding, or null. nginx's own messages are never silenced. */
function silencingReason(configuration: Configuration, finding: Finding): string | null {
  if (!isPlaced(finding) || finding.verdict === null) return null;
  const tree = configuration.files[finding.file]?.tree;
  return (tree === undefined ? undefined : silencedBy(tree, finding.span.start, finding.rule))?.reason ?? null;
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

/** The user's severity for a rule; undefined where none is set. */
type Wanted = Severity | undefined;

/** What a rule says of the host: at the first statement of the configuration, or in the file that it names. */
function hostFindings(
  rule: HostRule,
  configuration: Configuration,
  context: RuleContext,
  wanted: Wanted,
): readonly Finding[] {
  const first = firstStatement(configuration);
  return rule.judge(context).flatMap(({ place, verdict }): readonly Finding[] => {
    const said = saying(rule, "", verdict, wanted);
    if (place !== null) return [{ ...said, ...place, access: null }];
    return first === null ? [] : [{ ...said, ...first, access: null }];
  });
}

function firstStatement(configuration: Configuration): Place | null {
  const tree = configuration.files[0]?.tree;
  if (tree === undefined) return null;
  const first = tree.firstChild(ROOT);
  const span = first < 0 || tree.wordCount(first) === 0 ? { start: 0, end: 0 } : tree.wordSpan(first, 0);
  return { file: 0, span };
}

function configurationFindings(
  rule: ConfigurationRule,
  accesses: readonly Access[],
  context: RuleContext,
  wanted: Wanted,
): readonly Finding[] {
  return rule.judge(accesses, context).map(({ access, key, verdict }) => findingOf(rule, access, key, verdict, wanted));
}

function findingOf(rule: Rule, access: Access, key: string, verdict: Verdict, wanted: Wanted): PlacedFinding {
  const { file, span } = access;
  return { ...saying(rule, key, verdict, wanted), file, span, access };
}

function saying(rule: Rule, key: string, verdict: Verdict, wanted: Wanted): FindingBase {
  const severity = wanted === undefined ? verdict.severity : adjusted(wanted, verdict.severity, rule.severity);
  return { rule: rule.id, severity, message: verdict.message, key, verdict };
}

type Judge = (access: Access) => Finding | null;

/** The rule with its memory: equal targets are judged once. */
function judgeOf(rule: AccessRule, context: RuleContext, wanted: Wanted): Judge {
  const verdicts = new Map<string, Verdict | null>();
  const upstreams = new Set<Access["via"]>();
  return (access) => {
    if (!rule.appliesTo(access)) return null;
    const key = rule.targetKey(access);
    let verdict = verdicts.get(key);
    if (verdict === undefined) {
      verdict = rule.judge(access, context);
      verdicts.set(key, verdict);
    }
    if (verdict === null) return null;
    if (verdict.oncePerUpstream && access.via.length > 0) {
      if (upstreams.has(access.via)) return null;
      upstreams.add(access.via);
    }
    return findingOf(rule, access, key, verdict, wanted);
  };
}

/** The user's severity, but never above one that the rule lowered because it rests on something inexact. */
function adjusted(wanted: Severity, said: Severity, usual: Severity): Severity {
  return isAtLeast(said, usual) || isAtLeast(said, wanted) ? wanted : said;
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
function sorted(findings: readonly Finding[]): readonly Finding[] {
  const placed = findings.filter(isPlaced);
  placed.sort((a, b) => a.file - b.file || a.span.start - b.span.start || compareText(a.rule, b.rule));
  let place = "";
  let said = new Set<string>();
  const once = placed.filter((finding) => {
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
  return placed.length === findings.length ? once : [...once, ...findings.filter((each) => !isPlaced(each))];
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
