/** resource-limit: nginx raises its own limits, which its domain may not do without a boolean. */
import { limitFixes } from "../fixes/offer.ts";
import type { Access } from "../nginx/access.ts";
import { decide } from "../selinux/decide.ts";
import { limitQuery } from "./accessQueries.ts";
import { LazyVerdict } from "./lazyVerdict.ts";
import { confidence, evidence, releaseName, sentences } from "./phrases.ts";
import type { Rule, RuleContext, Verdict } from "./rule.ts";

export const resourceLimit: Rule = {
  id: "resource-limit",
  title: "Resource limit that SELinux does not let nginx change",
  severity: "warning",
  docs: {
    what: `\`worker_rlimit_nofile\` or \`worker_rlimit_core\` changes a limit of the worker processes, and nginx's domain, \`httpd_t\`, may not do that. nginx starts and serves, and each worker logs \`setrlimit(RLIMIT_NOFILE, 65535) failed (13: Permission denied)\`: the limit stays as it was, and under load requests fail with \`24: Too many open files\`.`,
    why: `Changing a hard limit is checked (\`process setrlimit\` on the own domain). The boolean \`httpd_setrlimit\` allows it and is off by default in every release. A limit that systemd sets (\`LimitNOFILE=65535\` in a drop-in for \`nginx.service\`) needs no boolean: it is set before nginx runs, and where nginx then asks for the very same limit nothing changes and nothing is checked. Where a live host is asked, the limits of the running nginx are read, and such a limit is no finding.`,
    evidence: `The allow rule for \`httpd_t self:process setrlimit\` and the state of its boolean.`,
    verify: `\`\`\`sh
getsebool httpd_setrlimit                   # on
grep 'open files' /proc/$(pgrep -f 'nginx: worker' | head -n 1)/limits
sudo ausearch -m avc -ts recent | grep setrlimit
\`\`\``,
    wrongAdvice: `- **"Raise it in \`/etc/security/limits.conf\`."** That is for logins; a service does not read it. Use \`LimitNOFILE=\` in the unit.
- **"\`ulimit -n\` as root shows 65535, so it works."** That is the shell's limit, and the shell is not confined.`,
  },

  appliesTo: (access: Access) => access.kind === "limit",
  targetKey: (access: Access) => (access.kind === "limit" ? `limit ${access.resource} ${access.amount}` : "limit"),

  judge(access: Access, context: RuleContext): Verdict | null {
    if (access.kind !== "limit") return null;
    const { policy, source } = context;
    const decision = decide(policy, limitQuery(access, context), context);
    if (decision.verdict !== "denied") return null;
    const sure = confidence(context, access, resourceLimit.severity, decision.exact);
    return new LazyVerdict({
      decision,
      severity: sure.severity,
      message: sentences(
        `SELinux ${sure.verb} refuse this limit: ${source} may not change its limits on ${releaseName(policy.facts.info)} ` +
          `(each worker logs "setrlimit() failed (13: Permission denied)" and keeps the limit that it has).`,
        "LimitNOFILE= in a drop-in for nginx.service does the same without a boolean.",
        sure.remark,
      ),
      because: () => evidence(decision, access),
      fixes: () => limitFixes(context),
    });
  },
};
