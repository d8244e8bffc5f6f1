/** connect-peer: the process at the other end of a unix socket runs in a domain that nginx may not speak to. */
import { SHARED_DIRECTORY_TYPES } from "../fixes/purpose.ts";
import { connectPeerFixes } from "../fixes/offer.ts";
import type { Access, ConnectSocket } from "../nginx/access.ts";
import { decide } from "../selinux/decide.ts";
import { LazyVerdict } from "./lazyVerdict.ts";
import type { SocketPeer } from "../selinux/hostState.ts";
import { certaintyKey, confidence, evidence, isTemporary, releaseName, sentences } from "./phrases.ts";
import type { AccessRule, RuleContext, Verdict } from "./rule.ts";
import { isFastcgi, isSocketConnect, SERVICE_DOMAIN } from "./sockets.ts";

export const connectPeer: AccessRule = {
  judges: "access",
  id: "connect-peer",
  title: "Unix socket whose service SELinux does not let nginx speak to",
  severity: "error",
  needsHost: false,

  appliesTo: isSocketConnect,

  targetKey(access: Access): string {
    return isSocketConnect(access) ? `${access.socket} ${isFastcgi(access)} ${access.path}${certaintyKey(access)}` : "";
  },

  judge(access: Access, context: RuleContext): Verdict | null {
    if (!isSocketConnect(access) || access.path === null || access.certainty === "unknown") return null;
    // nginx's own domain answers on a socket that nginx listens on.
    if (context.ownSockets.has(context.policy.facts.canonicalPath(access.path))) return null;
    const found = context.host?.peer(access.path);
    if (found?.domain != null) return judgeDomain(access, access.path, context, found);
    return isUsualService(access, access.path, context) ? judgeDomain(access, access.path, context, null) : null;
  },
};

/**
 * Whether the other end may be a service of the usual kind: HTTP or the like, over a socket that is labelled as nobody
 * else's. php-fpm is not, nor is what has a type of its own (`mysqld_var_run_t`): its domain is its own too.
 */
function isUsualService(access: ConnectSocket, path: string, { policy }: RuleContext): boolean {
  if (access.socket === "dgram" || isFastcgi(access) || isTemporary(path)) return false;
  // Sockets of php-fpm, and those that nginx makes for itself in another file than is seen here.
  if (/php|\/nginx\//iu.test(path)) return false;
  const { type } = policy.label(path, "sock");
  return type === null || type.startsWith("httpd_") || SHARED_DIRECTORY_TYPES.includes(type);
}

type KnownPeer = Extract<SocketPeer, { readonly domain: string }>;

/** `found` null: the usual domain, as an assumption. */
function judgeDomain(
  access: ConnectSocket,
  path: string,
  context: RuleContext,
  found: KnownPeer | null,
): Verdict | null {
  const { policy, source } = context;
  const peer = found?.domain ?? SERVICE_DOMAIN;
  const exact = found !== null && !found.assumed;
  const decision = decide(policy, { kind: "connect-peer", source, peer, socket: access.socket }, context);
  if (decision.verdict !== "denied") return null;
  const sure = confidence(context, access, connectPeer.severity, exact);
  const release = releaseName(policy.facts.info);
  return new LazyVerdict({
    decision: { ...decision, exact },
    severity: sure.severity,
    oncePerUpstream: found === null,
    message: sentences(
      found === null
        ? `If the service that listens on ${path} runs unconfined, as gunicorn, puma and node do, SELinux refuses this ` +
            `connection on ${release} however the socket is labelled: ${source} may not connect to ${peer}, and no boolean opens it.`
        : `SELinux ${sure.verb} refuse this connection: ${found.process}, which listens on ${path}, runs as ${peer} and ${source} may not connect to that on ${release}, ` +
            `however the socket is labelled (nginx logs "13: Permission denied", an HTTP client sees 502).`,
      "A policy module, a TCP port, or the service in nginx's own domain helps.",
      sure.remark,
    ),
    because: () => evidence(decision, access, ...waysOut(source)),
    fixes: () => connectPeerFixes(context, peer, access.socket, found?.service ?? null),
  });
}

/** What is changed outside of the policy, and what it grants. */
function waysOut(source: string): readonly string[] {
  return [
    "over TCP the service's domain is not checked: only the label of its port is (connect-port)",
    `a start script labelled httpd_exec_t (semanage fcontext, restorecon, restart) makes systemd start the service as ${source}: it then has the web server's rights, its keys included`,
  ];
}
