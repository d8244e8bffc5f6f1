/** resource-limit: nginx raises its own limits, which its domain may not do without a boolean. */
import { limitFixes } from "../fixes/offer.ts";
import type { Access } from "../nginx/access.ts";
import { decide } from "../selinux/decide.ts";
import { limitQuery } from "./accessQueries.ts";
import { LazyVerdict } from "./lazyVerdict.ts";
import { confidence, evidence, releaseName, sentences } from "./phrases.ts";
import type { AccessRule, RuleContext, Verdict } from "./rule.ts";

export const resourceLimit: AccessRule = {
  judges: "access",
  id: "resource-limit",
  title: "Resource limit that SELinux does not let nginx change",
  severity: "warning",
  needsHost: false,

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
