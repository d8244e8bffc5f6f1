/** connect-port: nginx connects to a TCP port whose type its domain may not connect to. */
import { connectPortFixes } from "../fixes/offer.ts";
import type { Fix } from "../fixes/fix.ts";
import { whyNotRelabel } from "../fixes/portLabel.ts";
import type { Access, ConnectPort } from "../nginx/access.ts";
import { decide } from "../selinux/decide.ts";
import type { Policy } from "../selinux/policy.ts";
import { certaintyKey, confidence, evidence, releaseName, sentences } from "./phrases.ts";
import { LazyVerdict } from "./lazyVerdict.ts";
import type { AccessRule, RuleContext, Verdict } from "./rule.ts";

export const connectPort: AccessRule = {
  judges: "access",
  id: "connect-port",
  title: "Connection to a port that SELinux refuses",
  severity: "error",
  needsHost: false,

  appliesTo: isTcpConnect,

  targetKey(access: Access): string {
    return isTcpConnect(access) ? access.port + certaintyKey(access) : "";
  },

  judge(access: Access, context: RuleContext): Verdict | null {
    if (!isTcpConnect(access) || access.port === null || access.certainty === "unknown") return null;
    const { policy, source } = context;
    const { port, protocol } = access;
    const decision = decide(policy, { kind: "connect-port", source, protocol, port }, context);
    if (decision.verdict !== "denied") return null;
    const sure = confidence(context, access, connectPort.severity, decision.exact);
    return new LazyVerdict({
      decision,
      severity: sure.severity,
      message: sentences(
        `SELinux ${sure.verb} refuse this connection: ${protocol} port ${port} is labelled ${decision.target ?? "unknown"}` +
          ` and ${source} may not connect to it on ${releaseName(policy.facts.info)}` +
          ` (nginx logs "13: Permission denied", an HTTP client sees 502).`,
        sure.remark,
      ),
      fixes: () => connectPortFixes(context, protocol, port),
      because: (fixes) => evidence(decision, access, ...noFix(policy, port, fixes)),
    });
  },
};

function isTcpConnect(access: Access): access is ConnectPort {
  return access.kind === "connect" && access.protocol === "tcp";
}

/** Only the boolean for everything is left, or not even that: the reader should know that it is not an oversight. */
function noFix(policy: Policy, port: number, fixes: readonly Fix[]): readonly string[] {
  if (fixes.some((fix) => fix.id !== "broad-boolean")) return [];
  const reason = whyNotRelabel(policy, "tcp", { low: port, high: port }) ?? "its label would not help";
  return [`no boolean is meant for this port, and ${reason}; another port for the backend is better`];
}
