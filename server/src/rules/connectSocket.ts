/** connect-socket: nginx connects to a unix socket whose label, or a directory above it, its domain may not use. */
import { parentOf } from "../base/paths.ts";
import { connectSocketFixes } from "../fixes/offer.ts";
import type { Fix } from "../fixes/fix.ts";
import { normalPath } from "../fixes/directories.ts";
import { quoteWord } from "../fixes/quote.ts";
import type { ConnectSocket } from "../nginx/access.ts";
import type { Decision } from "../selinux/query.ts";
import { lazyVerdict } from "./lazyVerdict.ts";
import { connectionConsequence, OWN_DIRECTORY, refusalMessage, shortPath } from "./message.ts";
import { confidence, evidence, isTemporary, unwritable } from "./phrases.ts";
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
    const ownSocket = isFastcgi(access) && mayBeMadeByPhp(decision) ? [OWN_SOCKET] : [];
    return lazyVerdict({
      decision,
      severity: ownSocket.length > 0 ? "information" : sure.severity,
      message: (fixes) =>
        labelRefusal(decision, path, sure, context, access, [...ownSocket, ...labelAdvice(path, fixes())]),
      because: (fixes) =>
        evidence(
          decision,
          access,
          ...unwritable(path),
          ...ownSocket,
          ...labelAdvice(path, fixes),
          ...peer(context, access),
        ),
      fixes: () => connectSocketFixes(context, query),
    });
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

const OWN_SOCKET = "a socket that php-fpm makes there itself gets httpd_var_run_t and works, until a restorecon";

/** The message: SELinux refuses the connection, because of the socket's label or of a directory's above it. */
export function labelRefusal(
  { cls, target }: Decision,
  path: string,
  sure: Confidence,
  { policy }: RuleContext,
  access: ConnectSocket,
  advice: readonly string[],
): string {
  const type = target ?? "unknown";
  const label = cls === "dir" ? `${type} above it` : type;
  const consequence = connectionConsequence(access);
  return refusalMessage(
    { target: shortPath(path), label, act: "connection", consequence, advice },
    sure,
    policy.facts.info,
  );
}

/** Where no directory can be labelled: where the socket belongs, and why. Nothing where one can be. */
export function labelAdvice(path: string, fixes: readonly Fix[]): readonly string[] {
  if (fixes.some((fix) => fix.id === "label-directory")) return [];
  const normal = normalPath(path);
  const directory = normal === null || !quoteWord(path).ok ? "its directory" : parentOf(normal);
  if (isTemporary(path)) return [`nginx sees another ${directory} (PrivateTmp=true in its unit): ${OWN_DIRECTORY}`];
  if (directory === "/run" || directory === "/var/run")
    return [OWN_DIRECTORY, `${directory} itself must keep its label`];
  return [OWN_DIRECTORY, `no command labels ${directory} as a whole`];
}

/** The second check, on the process that listens, which no label changes: what it means for the usual services. */
function peer(context: RuleContext, { path, socket }: ConnectSocket): readonly string[] {
  const { policy, source, host } = context;
  // Where the process is known, connect-peer says the rest.
  if (socket === "dgram" || (path !== null && typeof host?.peer(path).domain === "string")) return [];
  const service = policy.check(source, SERVICE_DOMAIN, "unix_stream_socket", "connectto").verdict;
  const checked = "the domain of the service that listens is checked too";
  const others = `a service that runs unconfined (${SERVICE_DOMAIN}: gunicorn, puma, node)`;
  switch (service) {
    case "allowed":
      return [`${checked}: php-fpm (httpd_t) and ${others} are allowed`];
    case "denied":
      return [`${checked}: php-fpm (httpd_t) is allowed, ${others} is refused whatever the label (connect-peer)`];
    case "unknown":
      return [`${checked}, and is not known here`];
  }
}
