/** connect-peer: the process at the other end of a unix socket runs in a domain that nginx may not speak to. */
import { SHARED_DIRECTORY_TYPES } from "../fixes/purpose.ts";
import { connectPeerFixes } from "../fixes/offer.ts";
import type { Access, ConnectSocket } from "../nginx/access.ts";
import { decide } from "../selinux/decide.ts";
import { LazyVerdict } from "./lazyVerdict.ts";
import type { SocketPeer } from "../selinux/hostState.ts";
import { certaintyKey, confidence, evidence, isTemporary, releaseName, sentences } from "./phrases.ts";
import type { PlacedVerdict, Rule, RuleContext, Verdict } from "./rule.ts";
import { isFastcgi, isSocketConnect, SERVICE_DOMAIN } from "./sockets.ts";

export const connectPeer: Rule = {
  id: "connect-peer",
  title: "Unix socket whose service SELinux does not let nginx speak to",
  severity: "error",
  docs: {
    what: `Connecting to a unix socket is checked twice: the label of the socket (that is \`connect-socket\`), and then the domain of the process that listens on it, \`unix_stream_socket connectto\`. This rule is about the second. The client sees 502 Bad Gateway and the error log says \`connect() to unix:/run/myapp/app.sock failed (13: Permission denied)\`, although the socket's label is right.`,
    why: `A service that systemd starts from an ordinary binary (gunicorn, puma, node) runs as \`unconfined_service_t\`. \`httpd_t\` may connect to that on RHEL 7 and 8. **On RHEL 9, 10 and Fedora it may not, however the socket is labelled, and no boolean opens it.** php-fpm runs as \`httpd_t\` and is always fine; so are MySQL, PostgreSQL, memcached and Redis where they have their own domains.

Three things help:

1. **A policy module** that allows exactly this connection. Everything that runs as \`httpd_t\` may then speak to every service of that domain whose socket it can reach:

   \`\`\`
   (allow httpd_t unconfined_service_t (unix_stream_socket (connectto)))
   \`\`\`

2. **A TCP port** in place of the socket: then the port's label counts (\`connect-port\`), and the domain of the service does not. This is offered as an edit of every place that names the socket, to a web port that nothing in the configuration uses; the service must listen there.
3. **The service in nginx's own domain**: label its start script \`httpd_exec_t\` (\`semanage fcontext -a -t httpd_exec_t '/opt/myapp/bin/start'\`, \`restorecon\`, restart). It then has the rights of the web server, no less (it can read the server's keys) and no more (it may not be able to do its own work). The commands are offered on a live host where the unit says which program it starts, and that is the application's own file: what lies in \`/usr\` starts other services too.

On a live host the process that listens is looked up, and the finding is certain. With a bundled policy it is not known: then this is a warning about the usual case, once for each upstream, and not for \`fastcgi_pass\`, whose other end is php-fpm as a rule.`,
    evidence: `The domain of the listening process (on a live host), otherwise \`unconfined_service_t\` as an assumption, and the allow rules for \`httpd_t <domain>:unix_stream_socket connectto\`.`,
    verify: `\`\`\`sh
ss -xlp | grep myapp                        # the process that listens
ps -eZ | grep gunicorn                      # its domain
sudo ausearch -m avc -ts recent | grep connectto
\`\`\``,
    wrongAdvice: `- **"Relabel the socket once more."** The label is the first check; this is the second.
- **"Turn on \`httpd_can_network_connect\`."** It does nothing for a unix socket.
- **"Use systemd's socket activation."** The process that accepts is still the service; the denial stays.
- **"\`SELinuxContext=system_u:system_r:httpd_t:s0\` in the unit."** An ordinary binary may not be an entry point of \`httpd_t\` (\`entrypoint\` is refused), and the service does not start.
- **"\`chcon -t httpd_exec_t /usr/bin/python3\`."** Every python script that systemd starts would then be a web server.`,
  },

  appliesTo: isSocketConnect,

  targetKey(access: Access): string {
    return isSocketConnect(access) ? `${access.socket} ${isFastcgi(access)} ${access.path}${certaintyKey(access)}` : "";
  },

  judge(access: Access, context: RuleContext): Verdict | null {
    if (!isSocketConnect(access) || access.path === null || access.certainty === "unknown") return null;
    const found = context.host?.peer(access.path);
    if (found?.domain != null) return judgeDomain(access, access.path, context, found);
    return isUsualService(access, access.path, context) ? judgeDomain(access, access.path, context, null) : null;
  },

  judgeConfiguration(accesses: readonly Access[], context: RuleContext): readonly PlacedVerdict[] {
    const own = new Set<string>();
    for (const access of accesses) {
      if (access.kind === "bind" && access.protocol === "unix" && access.path !== null) {
        own.add(context.policy.facts.canonicalPath(access.path));
      }
    }
    const placed: PlacedVerdict[] = [];
    const known = new Map<string, Verdict | null>();
    const upstreams = new Set<unknown>();
    for (const access of accesses) {
      if (!isSocketConnect(access) || access.path === null) continue;
      // What nginx listens on itself is served by its own domain.
      if (own.has(context.policy.facts.canonicalPath(access.path))) continue;
      const key = this.targetKey(access);
      let verdict = known.get(key);
      if (verdict === undefined) {
        verdict = this.judge(access, context);
        known.set(key, verdict);
      }
      if (verdict === null) continue;
      const assumed = context.host?.peer(access.path).domain == null;
      if (assumed && access.via.length > 0) {
        if (upstreams.has(access.via)) continue;
        upstreams.add(access.via);
      }
      placed.push({ access, key, verdict });
    }
    return placed;
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
