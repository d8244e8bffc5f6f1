/** connect-port: nginx connects to a TCP port whose type its domain may not connect to. */
import { connectPortFixes } from "../fixes/offer.ts";
import type { Fix } from "../fixes/fix.ts";
import { whyNotRelabel } from "../fixes/portLabel.ts";
import type { Access } from "../nginx/access.ts";
import type { Policy } from "../selinux/policy.ts";
import type { Decision, QueryOf } from "../selinux/query.ts";
import { connectionConsequence, refusalMessage } from "./message.ts";
import { confidence, evidence } from "./phrases.ts";
import { LazyVerdict } from "./lazyVerdict.ts";
import type { Asked } from "./asked.ts";
import type { RuleContext } from "./context.ts";
import type { AccessRule, Verdict } from "./rule.ts";

export const connectPort: AccessRule = {
  judges: "access",
  id: "connect-port",
  title: "Connection to a port that SELinux refuses",
  severity: "error",
  needsHost: false,

  judge({ access, queries: [query], answer: decision }: Asked, context: RuleContext): Verdict | null {
    if (query?.kind !== "connect-port" || decision.verdict !== "denied") return null;
    return new RefusedConnection(decision, access, query, context);
  },
};

class RefusedConnection extends LazyVerdict {
  readonly #access: Access;
  readonly #query: QueryOf<"connect-port">;
  readonly #context: RuleContext;

  constructor(decision: Decision, access: Access, query: QueryOf<"connect-port">, context: RuleContext) {
    super({ decision, severity: confidence(context, access, connectPort.severity, decision.exact).severity });
    this.#access = access;
    this.#query = query;
    this.#context = context;
  }

  protected findMessage(): string {
    const { port, protocol } = this.#query;
    return refusalMessage(
      {
        target: `${protocol} port ${port}`,
        label: this.decision.target ?? "unknown",
        act: "connection",
        consequence: connectionConsequence(this.#access),
      },
      confidence(this.#context, this.#access, connectPort.severity, this.decision.exact),
      this.#context.policy.facts.info,
    );
  }

  protected findFixes(): readonly Fix[] {
    return connectPortFixes(this.#context, this.#query);
  }

  protected findEvidence(): readonly string[] {
    return evidence(this.decision, this.#access, ...noFix(this.#context.policy, this.#query.port, this.fixes));
  }
}

/** Only the boolean for everything is left, or not even that: the reader should know that it is not an oversight. */
function noFix(policy: Policy, port: number, fixes: readonly Fix[]): readonly string[] {
  if (fixes.some((fix) => fix.id !== "broad-boolean")) return [];
  const reason = whyNotRelabel(policy, "tcp", { low: port, high: port }) ?? "its label would not help";
  return [`no boolean is meant for this port, and ${reason}; another port for the backend is better`];
}
