/** What the rules say of accesses, as findings at their places. */
import { isAtLeast, type Severity } from "../base/severity.ts";
import type { Span } from "../base/text.ts";
import { memo } from "../base/memo.ts";
import type { Access } from "../nginx/access.ts";
import { JOINED, joinedVerdict } from "../rules/socketReasons.ts";
import type { AccessRule, Verdict } from "../rules/rule.ts";
import type { Collected } from "./collected.ts";
import type { Evaluator, Judgement, Said } from "./evaluator.ts";
import type { PlacedFinding } from "./finding.ts";
import { severityOf, type WantedSeverities } from "./severities.ts";
import { silencingReason } from "./silenced.ts";

/** Accesses judged between two chances to let others run. */
const STEP = 256;

/** One finding for each reason, but for a socket that is refused twice: that is one with both. */
export function* accessFindings(
  { configuration, accesses }: Collected,
  evaluator: Evaluator,
  severities: WantedSeverities,
): Generator<void, readonly PlacedFinding[], void> {
  const findings: PlacedFinding[] = [];
  const joiner = new Joiner(evaluator, severities);
  const told = new ToldUpstreams();
  let untilStep = STEP;
  for (const access of accesses) {
    const judgement = evaluator.judge(access);
    const { key, said } = judgement;
    const joined =
      said.length < JOINED.length
        ? null
        : joiner.joined(judgement, ({ rule }) => silencingReason(configuration, access, rule.id) !== null);
    if (joined !== null) {
      const ids = joined.of.map(({ rule }) => rule.id);
      findings.push(new AccessFinding(access, key, joined, ids, severityOf(joined.rule, joined.verdict, severities)));
    }
    for (const each of said) {
      // A reason that is part of another finding is told, too.
      if (told.isTold(each, access) || joined?.of.includes(each) === true) continue;
      const severity = severityOf(each.rule, each.verdict, severities);
      findings.push(new AccessFinding(access, key, each, idsOf(each.rule), severity));
    }
    if (--untilStep === 0) {
      untilStep = STEP;
      yield;
    }
  }
  return findings;
}

/** What is said, and the reasons that are said in it, the one that carries it first. */
interface Joined extends Said {
  readonly of: readonly Said[];
}

/** Joins the two reasons for which a socket can be refused; equal accesses get the same verdict. */
class Joiner {
  readonly #evaluator: Evaluator;
  readonly #severities: WantedSeverities;
  readonly #known = new Map<Judgement, Joined>();

  constructor(evaluator: Evaluator, severities: WantedSeverities) {
    this.#evaluator = evaluator;
    this.#severities = severities;
  }

  /** Null where there are no two reasons to join, one that a comment silences left out. */
  joined(judgement: Judgement, isSilenced: (reason: Said) => boolean): Joined | null {
    const { said } = judgement;
    const [label, peer] = JOINED.map((id) => said.find(({ rule }) => rule.id === id));
    if (label === undefined || peer === undefined || isSilenced(label) || isSilenced(peer)) return null;
    return memo(this.#known, judgement, () => this.#join(judgement, label, peer));
  }

  #join({ asked }: Judgement, label: Said, peer: Said): Joined {
    const [ofLabel, ofPeer] = [label, peer].map(({ rule, verdict }) => severityOf(rule, verdict, this.#severities));
    const isLabel = ofLabel === undefined || ofPeer === undefined || isAtLeast(ofLabel, ofPeer);
    const [carrier, other] = isLabel ? [label, peer] : [peer, label];
    const { context } = this.#evaluator;
    const verdict = joinedVerdict(asked, label.verdict, peer.verdict, carrier.verdict, context);
    return { rule: carrier.rule, verdict, of: [carrier, other] };
  }
}

/** The upstreams about which a rule has said what it says only once. */
class ToldUpstreams {
  readonly #upstreams = new Map<string, Set<Access["via"]>>();

  isTold({ rule, verdict }: Said, { via }: Access): boolean {
    if (!verdict.oncePerUpstream || via.length === 0) return false;
    const upstreams = memo(this.#upstreams, rule.id, () => new Set<Access["via"]>());
    const isKnown = upstreams.has(via);
    upstreams.add(via);
    return isKnown;
  }
}

/** Its words are the verdict's, and are found when they are read. */
class AccessFinding implements PlacedFinding {
  readonly rule: string;
  readonly rules: readonly string[];
  readonly severity: Severity;
  readonly key: string;
  readonly verdict: Verdict;
  readonly file: number;
  readonly span: Span;
  readonly access: Access;

  /** `ids`: of the rules that say it. */
  constructor(access: Access, key: string, { rule, verdict }: Said, ids: readonly string[], severity: Severity) {
    this.rule = rule.id;
    this.rules = ids;
    this.severity = severity;
    this.key = key;
    this.verdict = verdict;
    this.file = access.file;
    this.span = access.span;
    this.access = access;
  }

  get message(): string {
    return this.verdict.message;
  }
}

/** The id of a rule as a list: the same list for all of its findings. */
function idsOf(rule: AccessRule): readonly string[] {
  return memo(ids, rule, () => [rule.id]);
}

const ids = new WeakMap<AccessRule, readonly string[]>();
