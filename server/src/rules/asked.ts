/** An access as a rule gets it: with its questions to the policy and the answers. */
import type { Access } from "../nginx/access.ts";
import { undecided } from "../selinux/conclude.ts";
import { decide } from "../selinux/decide.ts";
import type { Decision, Query } from "../selinux/query.ts";
import { queriesOf } from "./accessQueries.ts";
import type { RuleContext } from "./context.ts";
import { peerOf, type AskedPeer } from "./socketPeer.ts";

export interface Asked {
  readonly access: Access;
  /** What must be answered `allowed`; none where the target is not known. */
  readonly queries: readonly Query[];
  /** The answer to each of them, in their order. */
  readonly answers: readonly Decision[];
  /** The answer to all of them: refused where one is, and known where all are. */
  readonly answer: Decision;
  /** The process at the other end of a unix socket; null where the policy is not asked about it. */
  readonly peer: AskedPeer | null;
  /** The answer for the access as a whole: a process that is known to listen counts, one that is assumed does not. */
  readonly decision: Decision;
}

/** Questions and answers are made when they are first wanted, and kept. */
export function ask(access: Access, context: RuleContext): Asked {
  return new LazyAsked(access, context);
}

/** A class, because getters in an object literal cost a kilobyte each time, and there may be an access for every port. */
class LazyAsked implements Asked {
  readonly access: Access;
  readonly #context: RuleContext;
  #queries: readonly Query[] | null = null;
  #answers: readonly Decision[] | null = null;
  #answer: Decision | null = null;
  #peer: AskedPeer | null | undefined = undefined;

  constructor(access: Access, context: RuleContext) {
    this.access = access;
    this.#context = context;
  }

  get queries(): readonly Query[] {
    return (this.#queries ??= queriesOf(this.access, this.#context));
  }

  get answers(): readonly Decision[] {
    return (this.#answers ??= this.queries.map((query) => decide(this.#context.policy, query, this.#context)));
  }

  get answer(): Decision {
    return (this.#answer ??= answerTo(this, this.#context));
  }

  get peer(): AskedPeer | null {
    if (this.#peer === undefined) this.#peer = peerOf(this.access, this.#context);
    return this.#peer;
  }

  get decision(): Decision {
    const { answer, peer } = this;
    if (answer.verdict === "denied" || peer === null || peer.found === null) return answer;
    return peer.decision.verdict === "denied" ? peer.decision : answer;
  }
}

function answerTo(asked: Asked, context: RuleContext): Decision {
  const { access } = asked;
  if (context.container !== null) return undecided(`not checked, since this is for a container: ${context.container}`);
  if (access.certainty === "unknown") return undecided(access.reason ?? "the target is not known");
  let result: Decision | null = null;
  for (const next of asked.answers) {
    if (next.verdict === "denied") return next;
    if (result === null || next.verdict === "unknown") result = next;
  }
  return result ?? undecided(access.reason ?? "the target is not known");
}
