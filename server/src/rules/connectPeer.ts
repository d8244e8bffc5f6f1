/** connect-peer: the process at the other end of a unix socket runs in a domain that nginx may not speak to. */
import { connectPeerFixes } from "../fixes/offer.ts";
import type { Asked } from "./asked.ts";
import type { RuleContext } from "./context.ts";
import type { AskedPeer } from "./socketPeer.ts";
import { LazyVerdict } from "./lazyVerdict.ts";
import { confidence, evidence, releaseName, sentences } from "./phrases.ts";
import type { AccessRule, Verdict } from "./rule.ts";

export const connectPeer: AccessRule = {
  judges: "access",
  id: "connect-peer",
  title: "Unix socket whose service SELinux does not let nginx speak to",
  severity: "error",
  needsHost: false,

  judge({ access, peer }: Asked, context: RuleContext): Verdict | null {
    if (peer === null || peer.decision.verdict !== "denied" || access.protocol !== "unix") return null;
    const { policy, source } = context;
    const { query, decision, found, hidden } = peer;
    const sure = confidence(context, access, connectPeer.severity, decision.exact);
    const release = releaseName(policy.facts.info);
    return new LazyVerdict({
      decision,
      severity: sure.severity,
      oncePerUpstream: found === null,
      message: sentences(
        found === null
          ? peerCondition(`${access.path}`, "SELinux refuses this connection", peer, context)
          : `SELinux ${sure.verb} refuse this connection: ${found.process}, which listens on ${access.path}, runs as ${query.peer} and ${source} may not connect to that on ${release}, ` +
              `however the socket is labelled (nginx logs "13: Permission denied", an HTTP client sees 502).`,
        "A policy module, a TCP port, or the service in nginx's own domain helps.",
        sure.remark,
      ),
      because: () => evidence(decision, access, ...(hidden === null ? [] : [hidden]), ...waysOut(source)),
      fixes: () => connectPeerFixes(context, query, found?.service ?? null),
    });
  },
};

/** A sentence: what holds if the process is a service of the usual kind. `what`: "SELinux refuses this connection". */
export function peerCondition(
  path: string,
  what: string,
  { query }: AskedPeer,
  { policy, source }: RuleContext,
): string {
  const release = releaseName(policy.facts.info);
  return (
    `If the service that listens on ${path} runs unconfined, as gunicorn, puma and node do, ${what} on ${release} ` +
    `however the socket is labelled: ${source} may not connect to ${query.peer}, and no boolean opens it.`
  );
}

/** What is changed outside of the policy, and what it grants. */
function waysOut(source: string): readonly string[] {
  return [
    "over TCP the service's domain is not checked: only the label of its port is (connect-port)",
    `a start script labelled httpd_exec_t (semanage fcontext, restorecon, restart) makes systemd start the service as ${source}: it then has the web server's rights, its keys included`,
  ];
}
