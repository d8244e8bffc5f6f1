/** connect-port: nginx connects to a TCP port whose type its domain may not connect to. */
import { connectPortFixes } from "../fixes/offer.ts";
import type { Fix } from "../fixes/fix.ts";
import { whyNotRelabel } from "../fixes/portLabel.ts";
import type { Policy } from "../selinux/policy.ts";
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
    const { policy } = context;
    const { port, protocol } = query;
    const sure = confidence(context, access, connectPort.severity, decision.exact);
    return new LazyVerdict({
      decision,
      severity: sure.severity,
      message: () => refusalMessage(
        {
          target: `${protocol} port ${port}`,
          label: decision.target ?? "unknown",
          act: "connection",
          consequence: connectionConsequence(access),
        },
        sure,
        policy.facts.info,
      ),
      fixes: () => connectPortFixes(context, query),
      because: (fixes) => evidence(decision, access, ...noFix(policy, port, fixes)),
    });
  },
};

/** Only the boolean for everything is left, or not even that: the reader should know that it is not an oversight. */
function noFix(policy: Policy, port: number, fixes: readonly Fix[]): readonly string[] {
  if (fixes.some((fix) => fix.id !== "broad-boolean")) return [];
  const reason = whyNotRelabel(policy, "tcp", { low: port, high: port }) ?? "its label would not help";
  return [`no boolean is meant for this port, and ${reason}; another port for the backend is better`];
}
