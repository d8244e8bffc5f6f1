/** connect-socket: nginx connects to a unix socket whose label, or a directory above it, its domain may not use. */
import { parentOf } from "../base/paths.ts";
import { connectSocketFixes } from "../fixes/offer.ts";
import type { Fix } from "../fixes/fix.ts";
import { normalPath } from "../fixes/directories.ts";
import { quoteWord } from "../fixes/quote.ts";
import type { ConnectSocket } from "../nginx/access.ts";
import type { Decision } from "../selinux/query.ts";
import { confidence, evidence, isTemporary, releaseName, sentences, unwritable } from "./phrases.ts";
import type { Confidence } from "./phrases.ts";
import type { Asked } from "./asked.ts";
import type { RuleContext } from "./context.ts";
import type { AccessRule, Verdict } from "./rule.ts";
import { isFastcgi, isSocketConnect, SERVICE_DOMAIN } from "./sockets.ts";

export const connectSocket: AccessRule = {
  judges: "access",
  id: "connect-socket",
  title: "Unix socket whose label SELinux refuses",
  severity: "error",
  needsHost: false,

  judge({ access, queries: [query], answer: decision }: Asked, context: RuleContext): Verdict | null {
    if (query?.kind !== "connect-socket" || !isSocketConnect(access) || decision.verdict !== "denied") return null;
    const { path } = query;
    const sure = confidence(context, access, connectSocket.severity, decision.exact);
    const fixes = connectSocketFixes(context, query);
    const ownSocket = isFastcgi(access) && mayBeMadeByPhp(decision);
    return {
      decision,
      severity: ownSocket ? "information" : sure.severity,
      oncePerUpstream: false,
      message: sentences(
        labelRefusal(decision, path, sure, context, access),
        ownSocket ? OWN_SOCKET : "",
        labelAdvice(path, fixes),
        peer(context, access),
        sure.remark,
      ),
      because: evidence(decision, access, ...unwritable(path)),
      fixes,
    };
  },
};

/**
 * A socket that php-fpm makes in a directory of type var_run_t gets another label than a relabel would give it:
 * `type_transition httpd_t var_run_t:sock_file httpd_var_run_t` (apache.te, all releases), and that works. Whether it
 * is php-fpm that makes it cannot be known from a default label.
 */
function mayBeMadeByPhp(decision: Decision): boolean {
  return !decision.exact && decision.cls === "sock_file" && decision.target === "var_run_t";
}

const OWN_SOCKET =
  "A socket that php-fpm (httpd_t) makes there itself gets httpd_var_run_t and works, until a restorecon; " +
  "one that systemd or another service makes is refused.";

/** A sentence: that SELinux refuses the connection, and because of which label. */
export function labelRefusal(
  decision: Decision,
  path: string,
  sure: Confidence,
  { policy, source }: RuleContext,
  { socket }: ConnectSocket,
): string {
  const seen = socket === "dgram" ? "and the entries are lost" : "an HTTP client sees 502";
  const type = decision.target ?? "unknown";
  const release = releaseName(policy.facts.info);
  const why =
    decision.cls === "dir"
      ? `a directory above it is labelled ${type} and ${source} may not search it on ${release}`
      : `${path} is labelled ${type}${decision.exact ? "" : " by default"} and ${source} may not write to it on ${release}`;
  return `SELinux ${sure.verb} refuse this connection: ${why} (nginx logs "13: Permission denied", ${seen}).`;
}

/** Where no directory can be labelled: why not, and where the socket belongs. "" where one can be. */
export function labelAdvice(path: string, fixes: readonly Fix[]): string {
  if (fixes.some((fix) => fix.id === "label-directory")) return "";
  const normal = normalPath(path);
  const directory = normal === null || !quoteWord(path).ok ? "its directory" : parentOf(normal);
  const move = "move the socket to a directory of its own, /run/<app>/ (RuntimeDirectory=<app> in the systemd unit)";
  if (isTemporary(path)) {
    return `nginx.service has PrivateTmp=true and sees another ${directory}, so no label helps: ${move}.`;
  }
  if (directory === "/run" || directory === "/var/run") {
    return `A socket directly in ${directory} has no directory that could be labelled: ${move}.`;
  }
  return `No command is offered that labels ${directory} as a whole: ${move}.`;
}

/** The second check, on the process that listens, which no label changes: what it means for the usual services. */
function peer(context: RuleContext, { path, socket }: ConnectSocket): string {
  const { policy, source, host } = context;
  // Where the process is known, connect-peer says the rest.
  if (socket === "dgram" || (path !== null && typeof host?.peer(path).domain === "string")) return "";
  const release = releaseName(policy.facts.info);
  const service = policy.check(source, SERVICE_DOMAIN, "unix_stream_socket", "connectto").verdict;
  const others = `a service that runs unconfined (${SERVICE_DOMAIN}: gunicorn, puma, node)`;
  switch (service) {
    case "allowed":
      return `The domain of the service that listens is checked too: on ${release} php-fpm (httpd_t) and ${others} are allowed.`;
    case "denied":
      return `The domain of the service that listens is checked too: on ${release} php-fpm (httpd_t) is allowed, ${others} is refused whatever the label (connect-peer).`;
    case "unknown":
      return "The domain of the service that listens is checked too, and is not known here.";
  }
}
