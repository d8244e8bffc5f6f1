/** connect-peer: the process at the other end of a unix socket runs in a domain that nginx may not speak to. */
import { otherStarters } from "../fixes/connectPeerCandidates.ts";
import { connectPeerFixes } from "../fixes/offer.ts";
import type { ConnectSocket } from "../nginx/access.ts";
import type { Asked } from "./asked.ts";
import type { RuleContext } from "./context.ts";
import type { AskedPeer } from "./socketPeer.ts";
import { lazyVerdict } from "./lazyVerdict.ts";
import { connectionConsequence, refusalMessage, shortPath } from "./message.ts";
import { confidence, evidence, list, type Confidence } from "./phrases.ts";
import type { AccessRule, Verdict } from "./rule.ts";
import { isSocketConnect } from "./sockets.ts";

export const connectPeer: AccessRule = {
  judges: "access",
  id: "connect-peer",
  title: "Unix socket whose service SELinux does not let nginx speak to",
  severity: "error",
  needsHost: false,

  judge({ access, peer }: Asked, context: RuleContext): Verdict | null {
    if (peer === null || peer.decision.verdict !== "denied" || !isSocketConnect(access)) return null;
    const { source } = context;
    const { query, decision, found, hidden } = peer;
    const sure = confidence(context, access, connectPeer.severity, decision.exact);
    return lazyVerdict({
      decision,
      severity: sure.severity,
      oncePerUpstream: found === null,
      message: () => messageOf(access, peer, sure, context),
      because: () =>
        evidence(
          decision,
          access,
          ...(found === null ? [] : [`${found.process} listens on ${access.path} and runs as ${query.peer}`]),
          ...(hidden === null ? [] : [hidden]),
          ...(found === null ? startersAdvice(context, query) : []),
          ...waysOut(source),
        ),
      fixes: () => connectPeerFixes(context, query, found?.service ?? null, found === null),
    });
  },
};

/** A process that was not seen is an "if": that of the usual kind. */
function messageOf(
  access: ConnectSocket,
  { query, found }: AskedPeer,
  sure: Confidence,
  { policy }: RuleContext,
): string {
  const refusal = {
    target: shortPath(`${access.path}`),
    act: "connection",
    consequence: connectionConsequence(access),
  };
  const { info } = policy.facts;
  if (found !== null) {
    const label = `${found.process}: ${query.peer}`;
    return refusalMessage({ ...refusal, label, advice: [NO_LABEL] }, sure, info);
  }
  const verb = sure.verb === "would" ? "would" : "will";
  const advice = ["gunicorn, puma and node run so as a rule", NO_LABEL];
  return refusalMessage({ ...refusal, label: `if its service runs as ${query.peer}`, advice }, { ...sure, verb }, info);
}

const NO_LABEL = "no label helps, but a policy module or a TCP port does";

/** The domain that a service has depends on how it is started: a rule for the wrong one does not help. */
function startersAdvice(context: RuleContext, { peer, socket }: AskedPeer["query"]): readonly string[] {
  const others = otherStarters(context, peer, socket).map(({ domain, when }) => `${domain} ${when}`);
  if (others.length === 0) return [];
  return [`the domain is ${list(others)}, and as much refused: "ps -eZ" tells it, and a module has to name that one`];
}

/** What is changed outside of the policy, and what it grants. */
function waysOut(source: string): readonly string[] {
  return [
    "over TCP the service's domain is not checked: only the label of its port is (connect-port)",
    `a start script labelled httpd_exec_t (semanage fcontext, restorecon, restart) makes systemd start the service as ${source}: it then has the web server's rights, its keys included`,
  ];
}
