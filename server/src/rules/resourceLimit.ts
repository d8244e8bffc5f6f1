/** resource-limit: nginx raises its own limits, which its domain may not do without a boolean. */
import { limitFixes } from "../fixes/offer.ts";
import type { Asked } from "./asked.ts";
import { LazyVerdict } from "./lazyVerdict.ts";
import { confidence, evidence, releaseName, sentences } from "./phrases.ts";
import type { RuleContext } from "./context.ts";
import type { AccessRule, Verdict } from "./rule.ts";

export const resourceLimit: AccessRule = {
  judges: "access",
  id: "resource-limit",
  title: "Resource limit that SELinux does not let nginx change",
  severity: "warning",
  needsHost: false,

  judge({ access, queries: [query], answer: decision }: Asked, context: RuleContext): Verdict | null {
    if (query?.kind !== "set-limit" || decision.verdict !== "denied") return null;
    const { policy, source } = context;
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
      fixes: () => limitFixes(context, query),
    });
  },
};
