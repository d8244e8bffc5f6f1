/** The one evaluator: what the rules and the policy say of accesses, whoever asks. Equal accesses are judged once. */
import { memo } from "../base/memo.ts";
import type { Access } from "../nginx/access.ts";
import { accessKey } from "../rules/accessQueries.ts";
import { ask, type Asked } from "../rules/asked.ts";
import type { RuleContext } from "../rules/context.ts";
import type { AccessRule, Verdict } from "../rules/rule.ts";
import type { Decision } from "../selinux/query.ts";
import type { Policy } from "../selinux/policy.ts";

/** What one rule says of an access. */
export interface Said {
  readonly rule: AccessRule;
  /** Shared between accesses with equal keys. */
  readonly verdict: Verdict;
}

/** Everything that the rules say of an access. */
export interface Judgement {
  readonly asked: Asked;
  /** Equal for accesses with equal targets, see `accessKey`. */
  readonly key: string;
  /** In the order of the rules; empty where there is nothing to say. */
  readonly said: readonly Said[];
}

export interface Evaluator {
  readonly context: RuleContext;
  /** Distinct targets that were asked about. */
  readonly size: number;
  /** The access with its questions to the policy and the answers; `decision` is what `--all` and a hover show. */
  readonly ask: (access: Access) => Asked;
  judge(access: Access): Judgement;
  /** The first refusal that one of these rules (ids) rests on; null where none of them refuses the access. */
  refusal(access: Access, rules: readonly string[]): Decision | null;
  /** The same rules under another policy, for replays: the same evaluator for the same policy. */
  under(policy: Policy): Evaluator;
}

/** `rules`: those to ask; a caller leaves out what is switched off. */
export function createEvaluator(context: RuleContext, rules: readonly AccessRule[]): Evaluator {
  const known = new Map<string, Target>();
  const others = new WeakMap<Policy, Evaluator>();
  const targetOf = (access: Access): Target => {
    const key = accessKey(access);
    let target = known.get(key);
    if (target === undefined) {
      target = new Target(key, access, context, rules);
      known.set(key, target);
    }
    return target;
  };
  return {
    context,
    get size() {
      return known.size;
    },
    ask: (access) => targetOf(access).asked,
    judge: targetOf,
    refusal(access, ids) {
      const { asked } = targetOf(access);
      for (const rule of rules) {
        if (!ids.includes(rule.id)) continue;
        const decision = rule.judge(asked, context)?.decision ?? null;
        if (decision?.verdict === "denied") return decision;
      }
      return null;
    },
    under: (policy) => memo(others, policy, () => createEvaluator({ ...context, policy }, rules)),
  };
}

/**
 * True where an evaluator that answered for an earlier text can go on with these accesses: nginx serves the same sockets,
 * and no more than half of the targets that it knows are gone.
 */
export function canGoOn(before: Evaluator, { ownSockets }: RuleContext, accesses: readonly Access[]): boolean {
  const { ownSockets: served } = before.context;
  if (before.size > 2 * accesses.length) return false;
  return served.size === ownSockets.size && [...ownSockets].every((path) => served.has(path));
}

/** What is known of accesses with one key. Rules are asked when it is first wanted. */
class Target implements Judgement {
  readonly key: string;
  readonly asked: Asked;
  readonly #context: RuleContext;
  readonly #rules: readonly AccessRule[];
  #said: readonly Said[] | null = null;

  constructor(key: string, access: Access, context: RuleContext, rules: readonly AccessRule[]) {
    this.key = key;
    this.asked = ask(access, context);
    this.#context = context;
    this.#rules = rules;
  }

  get said(): readonly Said[] {
    return (this.#said ??= saidOf(this.asked, this.#context, this.#rules));
  }
}

/** Most accesses are allowed, and share this. */
const silence: readonly Said[] = [];

function saidOf(asked: Asked, context: RuleContext, rules: readonly AccessRule[]): readonly Said[] {
  let said = silence;
  for (const rule of rules) {
    const verdict = rule.judge(asked, context);
    // One reason as a rule, for each of many targets: an array that grew would have room for seventeen.
    if (verdict !== null) said = said.length === 0 ? [{ rule, verdict }] : [...said, { rule, verdict }];
  }
  return said;
}
