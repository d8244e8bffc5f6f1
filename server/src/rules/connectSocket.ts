/** connect-socket: nginx connects to a unix socket whose label, or a directory above it, its domain may not use. */
import { connectSocketFixes } from "../fixes/offer.ts";
import type { Fix } from "../fixes/fix.ts";
import { normalPath, parentOf } from "../fixes/directories.ts";
import { quoteWord } from "../fixes/quote.ts";
import type { Access, ConnectSocket } from "../nginx/access.ts";
import { decide } from "../selinux/decide.ts";
import type { Decision } from "../selinux/query.ts";
import { certaintyKey, confidence, evidence, isTemporary, releaseName, sentences, unwritable } from "./phrases.ts";
import type { Confidence } from "./phrases.ts";
import { realPath } from "./realPath.ts";
import type { Rule, RuleContext, Verdict } from "./rule.ts";
import { isFastcgi, isSocketConnect, SERVICE_DOMAIN } from "./sockets.ts";

export const connectSocket: Rule = {
  id: "connect-socket",
  title: "Unix socket whose label SELinux refuses",
  severity: "error",
  docs: {
    what: `nginx connects to a unix socket (\`fastcgi_pass unix:...\`, \`proxy_pass http://unix:...\`, \`server unix:...\`) whose SELinux label nginx's domain, \`httpd_t\`, may not write to, or that lies below a directory it may not search. The client sees 502 Bad Gateway, and the error log says \`connect() to unix:/run/myapp/app.sock failed (13: Permission denied) while connecting to upstream\`, although the file's mode and owner are right.`,
    why: `Two things are checked when nginx connects to a unix socket:

1. **The label of the socket file**: \`sock_file write\`, and \`dir search\` on every directory above. This rule is about it. Of use are \`httpd_var_run_t\` (what \`/run/php-fpm\` and \`/run/nginx\` have), \`httpd_tmp_t\`, \`httpd_sys_rw_content_t\`, and the run types of MySQL, PostgreSQL, memcached and Redis. On RHEL 7 any \`*_var_run_t\` will do, plain \`var_run_t\` included; on RHEL 8 and later \`var_run_t\` is refused.
2. **The domain of the process that listens**: \`unix_stream_socket connectto\`. php-fpm runs as \`httpd_t\` and is fine. A service that systemd starts from an ordinary binary (gunicorn, puma, node) runs as \`unconfined_service_t\`: allowed on RHEL 7 and 8, **refused on RHEL 9, 10 and Fedora, and no boolean opens it**. There the label alone does not help; such a service needs a policy module, a TCP port, or nginx's own domain.

A new socket inherits the label of its directory, so the durable fix labels the directory (\`semanage fcontext\` and \`restorecon -Rv\`). \`chcon\` on the socket lasts until the service makes it anew, and everything in \`/run\` is made anew at boot.

php-fpm runs as \`httpd_t\`, and a socket that it makes directly in \`/run\` or in a plain directory below it gets \`httpd_var_run_t\` of its own accord. So for \`fastcgi_pass\` to such a place this is information only; \`/run/php-fpm/\` is right in any case.

The path in \`semanage fcontext\` must be in the form that the policy keeps: \`/var/run/myapp\` on RHEL 7 to 9 (\`/run/myapp\` is refused because of an equivalency rule), \`/run/myapp\` on RHEL 10 and Fedora.

A socket directly in \`/run\` has no directory of its own to label. Let systemd make one: \`RuntimeDirectory=myapp\` in the unit gives \`/run/myapp/\`. That move is offered as an edit of every place that names the socket, with the label of the new directory; php-fpm's socket moves to \`/run/php-fpm/\`, which needs no command. A directory that also holds programs or documents (\`/opt/app\`, \`/home/me/app\`) must not get the label of a socket either. Where the label is another service's own, a policy module with exactly the missing rule leaves it alone.`,
    evidence: `The default labels of the socket and of each directory above it (file_contexts of the policy), and the allow rules for \`sock_file write\` and \`dir search\`. The labels of a bundled release are right nearly always, never certain: then this is a warning. Each fix was applied to a copy of the policy and the question asked again.`,
    verify: `\`\`\`sh
ls -Z /run/myapp/app.sock                   # httpd_var_run_t
ps -eZ | grep gunicorn                      # the domain of the listener
sudo systemctl restart myapp && ls -Z /run/myapp/app.sock   # still httpd_var_run_t
sudo ausearch -m avc -ts recent             # sock_file write: the label; connectto: the listener's domain
\`\`\``,
    wrongAdvice: `- **"\`chcon -t httpd_sock_t\`."** There is no type \`httpd_sock_t\` in any release; the command fails. The type is \`httpd_var_run_t\`.
- **"\`chcon\` is enough."** Until the socket is made anew, \`restorecon\` runs, or the machine boots.
- **"\`semanage fcontext -a -t httpd_var_run_t '/run/myapp(/.*)?'\`."** Refused on RHEL 7 to 9; write \`/var/run/myapp\` there.
- **"Turn on \`httpd_can_network_connect\`."** The network booleans do nothing for a unix socket.
- **"php-fpm over a socket needs a boolean."** No. \`/run/php-fpm/\` works as it is.
- **"Put the socket in \`/tmp\`."** \`nginx.service\` has \`PrivateTmp=true\`: nginx sees another \`/tmp\`, whatever the labels are.
- **"After the relabel it must work."** On RHEL 9 and later the listener's domain is checked too, see above.`,
  },

  appliesTo: isSocketConnect,

  targetKey(access: Access): string {
    if (!isSocketConnect(access)) return "";
    return `${isFastcgi(access) ? "fastcgi " : ""}${access.socket} ${access.path}${certaintyKey(access)}`;
  },

  judge(access: Access, context: RuleContext): Verdict | null {
    if (!isSocketConnect(access) || access.path === null || access.certainty === "unknown") return null;
    const { policy, source } = context;
    const path = realPath(access.path, context);
    const decision = decide(policy, { kind: "connect-socket", source, path }, context);
    if (decision.verdict !== "denied") return null;
    const sure = confidence(context, access, connectSocket.severity, decision.exact);
    const fixes = connectSocketFixes(context, path);
    const ownSocket = isFastcgi(access) && mayBeMadeByPhp(decision);
    return {
      decision,
      severity: ownSocket ? "information" : sure.severity,
      message: sentences(
        refusal(decision, sure, context, access),
        ownSocket ? OWN_SOCKET : "",
        advice(path, fixes),
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

function refusal(decision: Decision, sure: Confidence, context: RuleContext, access: ConnectSocket): string {
  const { socket } = access;
  const path = access.path === null ? null : realPath(access.path, context);
  const seen = socket === "dgram" ? "and the entries are lost" : "an HTTP client sees 502";
  const type = decision.target ?? "unknown";
  const release = releaseName(context.policy.facts.info);
  const why =
    decision.cls === "dir"
      ? `a directory above it is labelled ${type} and ${context.source} may not search it on ${release}`
      : `${path} is labelled ${type}${decision.exact ? "" : " by default"} and ${context.source} may not write to it on ${release}`;
  return `SELinux ${sure.verb} refuse this connection: ${why} (nginx logs "13: Permission denied", ${seen}).`;
}

/** Where no directory can be labelled: why not, and where the socket belongs. */
function advice(path: string, fixes: readonly Fix[]): string {
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
