/** listen-socket: nginx listens on a unix socket in a place where its domain may not make one. */
import { bindSocketFixes } from "../fixes/offer.ts";
import type { Access, BindSocket } from "../nginx/access.ts";
import { decide } from "../selinux/decide.ts";
import { LazyVerdict } from "./lazyVerdict.ts";
import { certaintyKey, confidence, evidence, releaseName, sentences, unwritable } from "./phrases.ts";
import { realPath } from "./realPath.ts";
import type { Rule, RuleContext, Verdict } from "./rule.ts";

export const listenSocket: Rule = {
  id: "listen-socket",
  title: "Listening unix socket that SELinux does not let nginx make",
  severity: "error",
  docs: {
    what: `\`listen unix:/path\` makes a socket in a directory whose label nginx's domain, \`httpd_t\`, may not add to. nginx does not start: \`bind() to unix:/srv/app/nginx.sock failed (13: Permission denied)\`. \`nginx -t\` as root passes all the same.`,
    why: `A socket is made anew at each start, so what counts is the directory: \`dir write\` and \`add_name\` on it, \`search\` on every directory above, and \`sock_file create\`, \`setattr\` and \`unlink\` on the type that the new socket gets. That is the directory's type, unless the policy has a transition: what \`httpd_t\` makes in \`/run\` (\`var_run_t\`) becomes \`httpd_var_run_t\`, in \`/tmp\` \`httpd_tmp_t\`. So \`/run/nginx.sock\` works, and so do \`/run/nginx/\` and \`/run/php-fpm/\`.`,
    evidence: `The label of the directory (on a live host the one on disk), the file transitions of the policy, and the allow rules for each permission. Each fix was applied to a copy of the policy and the question asked again.`,
    verify: `\`\`\`sh
ls -dZ /run/nginx                           # httpd_var_run_t
sudo systemctl restart nginx && ss -xl | grep nginx
sudo ausearch -m avc -ts recent | grep sock_file
\`\`\``,
    wrongAdvice: `- **"\`chcon\` on the socket."** nginx makes it anew at each start; label the directory.
- **"Put it in \`/tmp\`."** \`nginx.service\` has \`PrivateTmp=true\`: nobody else sees a socket that nginx makes there.`,
  },

  appliesTo: isSocketBind,
  targetKey: (access: Access) => (isSocketBind(access) ? `${access.path}${certaintyKey(access)}` : ""),

  judge(access: Access, context: RuleContext): Verdict | null {
    if (!isSocketBind(access) || access.path === null || access.certainty === "unknown") return null;
    const { policy, source } = context;
    const path = realPath(access.path, context);
    const decision = decide(policy, { kind: "bind-socket", source, path }, context);
    if (decision.verdict !== "denied") return null;
    const sure = confidence(context, access, listenSocket.severity, decision.exact);
    const release = releaseName(policy.facts.info);
    const type = `${decision.target ?? "unknown"}${decision.exact ? "" : " by default"}`;
    const why =
      decision.cls === "dir"
        ? `the directory of ${path}, or one above it, is labelled ${type} and ${source} may not ${decision.permission === "search" ? "search it" : "make a socket in it"}`
        : `a socket that ${source} makes at ${path} is labelled ${type} and it may not make one of that type`;
    return new LazyVerdict({
      decision,
      severity: sure.severity,
      message: sentences(
        `SELinux ${sure.verb} refuse this listen: ${why} on ${release} (bind() fails with "13: Permission denied" and nginx does not start; "nginx -t" as root passes all the same).`,
        "A socket in /run/nginx/ or directly in /run is right by default.",
        sure.remark,
      ),
      because: () => evidence(decision, access, ...unwritable(path)),
      fixes: () => bindSocketFixes(context, path),
    });
  },
};

function isSocketBind(access: Access): access is BindSocket {
  return access.kind === "bind" && access.protocol === "unix";
}
