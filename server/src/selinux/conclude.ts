/** Parts of decisions: permissions that are looked up, and what they come to. */
import { BoundedMap, memo } from "../base/memo.ts";
import { directoriesAbove } from "../base/paths.ts";
import { booleansOf, compareBooleans, evaluateCondition, isUnconditional } from "./conditions.ts";
import type { CheckResult, Condition, LabelAnswer, Policy } from "./policy.ts";
import type { Decision, Evidence, Verdict } from "./query.ts";
import { ruleSentences } from "./sentences.ts";

/** `<<none>>`, no spec at all, a spec that a bundled table has without its type, or one that cannot be evaluated. */
export function noLabel(path: string, { unknown }: LabelAnswer): string {
  return unknown === undefined
    ? `no default label is known for ${path}: it has the one that its creator gave it`
    : `the default label of ${path} is not known: ${unknown}`;
}

/** A label in words: a label of file_contexts is what a path would get; one without a spec is what it has. */
export function labelSentence(what: string, label: LabelAnswer): string {
  return label.spec === null ? `${what} is labelled ${label.type}` : `${what} has the default label ${label.type}`;
}

/** `search` on every directory above a path, the root first. The lists are the asker's, who may go on with them. */
export interface Way {
  readonly evidence: Evidence[];
  readonly because: string[];
  /** False where a directory that may not be searched has an inexact label. */
  readonly exact: boolean;
  readonly unknown: string | null;
}

/** The way into one directory, as a step beyond the way into the directory above it. */
interface Step {
  readonly above: Step | null;
  /** Null where the directory has no label. */
  readonly found: Evidence | null;
  readonly sentence: string | null;
  readonly exact: boolean;
  readonly unknown: string | null;
}

/** Steps that are kept: the paths of a configuration lie in few directories, or are asked for one after the other. */
const MOST_STEPS = 100;
const steps = new WeakMap<Policy, Map<string, BoundedMap<string, Step>>>();

/** What the kernel checks on the way to an absolute path. */
export function wayTo(policy: Policy, source: string, path: string): Way {
  const bySource = memo(steps, policy, () => new Map<string, BoundedMap<string, Step>>());
  const known = memo(bySource, source, () => new BoundedMap<string, Step>(MOST_STEPS));
  let last: Step | null = null;
  for (const directory of directoriesAbove(path.includes("//") ? path.replace(/\/{2,}/g, "/") : path).reverse()) {
    const above: Step | null = last;
    last = memo(known, directory, () => stepInto(policy, source, directory, above));
  }
  const evidence: Evidence[] = [];
  const because: string[] = [];
  for (let step = last; step !== null; step = step.above) {
    if (step.found !== null) evidence.push(step.found);
    if (step.sentence !== null) because.push(step.sentence);
  }
  const { exact, unknown } = last ?? { exact: true, unknown: null };
  return { evidence: evidence.reverse(), because: because.reverse(), exact, unknown };
}

function stepInto(policy: Policy, source: string, directory: string, above: Step | null): Step {
  const { exact, unknown } = above ?? { exact: true, unknown: null };
  const label = policy.label(directory, "dir");
  if (label.type === null)
    return { above, found: null, sentence: null, exact, unknown: unknown ?? noLabel(directory, label) };
  const found = lookUp(policy, source, label.type, "dir", "search");
  const { verdict } = found.result;
  const sentence = verdict === "denied" ? labelSentence(directory, label) : null;
  // A directory that may be searched decides nothing, so what is not sure about it does not matter.
  return { above, found, sentence, exact: exact && (verdict === "allowed" || label.exact), unknown };
}

/** One permission that is looked up. An answer that the policy keeps is told by one object: a configuration asks for it often. */
export function lookUp(policy: Policy, source: string, target: string, cls: string, permission: string): Evidence {
  const result = policy.check(source, target, cls, permission);
  const known = evidenceOf.get(result);
  if (known?.target === target && known.permission === permission && known.cls === cls && known.source === source)
    return known;
  const evidence = { source, target, cls, permission, result };
  if (known === undefined) evidenceOf.set(result, evidence);
  return evidence;
}

const evidenceOf = new WeakMap<CheckResult, Evidence>();

interface Circumstances {
  readonly exact: boolean;
  readonly because: readonly string[];
  /** Why the query cannot be allowed for certain. */
  readonly unknown?: string;
}

export function conclude(policy: Policy, evidence: readonly Evidence[], given: Circumstances): Decision {
  return new Conclusion(policy, evidence, given);
}

/** What evidence comes to. A replay asks for the verdict alone: what only a reader wants is made when it is read. */
class Conclusion implements Decision {
  readonly verdict: Verdict;
  readonly evidence: readonly Evidence[];
  readonly exact: boolean;
  readonly #policy: Policy;
  readonly #given: readonly string[];
  readonly #unknown: string | undefined;
  /** The first that is denied, else the first that is not known, else the last; undefined where nothing was looked up. */
  readonly #deciding: Evidence | undefined;
  #flips: Decision["flips"] | null = null;
  #because: readonly string[] | null = null;

  constructor(policy: Policy, evidence: readonly Evidence[], given: Circumstances) {
    const denied = evidence.find(isDenied);
    const unanswered = evidence.find(isUnanswered);
    this.verdict =
      denied !== undefined ? "denied" : given.unknown !== undefined || unanswered !== undefined ? "unknown" : "allowed";
    // Copies are as long as they are full: a list that was added to holds more than twice as much.
    this.evidence = evidence.slice();
    this.exact = given.exact;
    this.#policy = policy;
    this.#given = given.because.slice();
    this.#unknown = given.unknown;
    this.#deciding = denied ?? (given.unknown === undefined ? (unanswered ?? evidence.at(-1)) : undefined);
  }

  get target(): string | null {
    return this.#deciding?.target ?? null;
  }

  get cls(): string | null {
    return this.#deciding?.cls ?? null;
  }

  get permission(): string | null {
    return this.#deciding?.permission ?? null;
  }

  get flips(): Decision["flips"] {
    return (this.#flips ??= this.#isCertainlyDenied ? flipsThatAllow(this.#policy, this.evidence) : []);
  }

  get because(): readonly string[] {
    return (this.#because ??= told([...this.#given, ...this.#reasons], this.exact, this.#policy));
  }

  get #isCertainlyDenied(): boolean {
    return this.verdict === "denied" && this.#unknown === undefined && !this.evidence.some(isUnanswered);
  }

  get #reasons(): readonly string[] {
    if (this.verdict === "denied")
      return this.evidence.filter(isDenied).flatMap((item) => ruleSentences(this.#policy, item));
    if (this.#unknown !== undefined) return [this.#unknown];
    return this.#deciding === undefined ? [] : ruleSentences(this.#policy, this.#deciding);
  }
}

function isDenied({ result }: Evidence): boolean {
  return result.verdict === "denied";
}

function isUnanswered({ result }: Evidence): boolean {
  return result.verdict === "unknown";
}

/** A copy of a decision in which some is told otherwise. */
export function decisionWith(decision: Decision, otherwise: Partial<Decision>): Decision {
  const { verdict, target, cls, permission, evidence, flips, exact, because } = decision;
  return { verdict, target, cls, permission, evidence, flips, exact, because, ...otherwise };
}

const inexactLabels = "labels of a bundled release are right nearly always and never certain";

const unseenLabels = "the labels of the files themselves were not looked at";

/** The sentences, each once, and how far to trust them. */
function told(sentences: readonly string[], exact: boolean, { facts }: Policy): readonly string[] {
  const doubt = facts.info.exactLabels ? unseenLabels : inexactLabels;
  return [...new Set(exact ? sentences : [...sentences, doubt])];
}

const nothing = { target: null, cls: null, permission: null, flips: [] } as const;

export function nothingChecked(sentence: string): Decision {
  return { ...nothing, verdict: "allowed", evidence: [], exact: true, because: [sentence] };
}

/** What is not known rests on nothing: no deciding type, no evidence, only the reasons. */
export function undecided(...reasons: readonly string[]): Decision {
  return { ...nothing, verdict: "unknown", evidence: [], exact: false, because: reasons };
}

/** Single booleans whose other value makes every check hold: those that were denied, and still those that were not. */
function flipsThatAllow(policy: Policy, evidence: readonly Evidence[]): Decision["flips"] {
  const denied = evidence.filter((item) => item.result.verdict === "denied").map((item) => conditionsOf(item.result));
  const conditional = evidence.filter(({ result }) => result.verdict === "allowed" && !isUnconditional(result.by));
  return [...new Set(denied[0]?.flatMap(booleansOf) ?? [])]
    .filter((name) => policy.booleans.has(name))
    .map((name) => ({ name, value: !policy.booleans.get(name) }))
    .filter((flip) => {
      const valueOf = (name: string): boolean =>
        name === flip.name ? flip.value : (policy.booleans.get(name) ?? false);
      if (!denied.every((conditions) => conditions.some((one) => evaluateCondition(one, valueOf)))) return false;
      if (conditional.length === 0) return true;
      const flipped = policy.with([{ kind: "boolean", ...flip }]);
      return conditional.every((item) => {
        return flipped.check(item.source, item.target, item.cls, item.permission).verdict === "allowed";
      });
    })
    .sort((a, b) => compareBooleans(a.name, b.name));
}

function conditionsOf(result: CheckResult): readonly Condition[] {
  return result.verdict === "denied" ? result.conditions : [];
}
