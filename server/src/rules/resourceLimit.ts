/** resource-limit: nginx raises its own limits, which its domain may not do without a boolean. */
import { limitFixes } from "../fixes/offer.ts";
import type { Asked } from "./asked.ts";
import { lazyVerdict } from "./lazyVerdict.ts";
import { refusalMessage } from "./message.ts";
import { confidence, evidence } from "./phrases.ts";
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
    const advice = access.kind === "limit" && access.resource === "core" ? CORE : FILES;
    return lazyVerdict({
      decision,
      severity: sure.severity,
      message: () =>
        refusalMessage(
          {
            target: access.directive,
            label: source,
            act: "change of its limits",
            consequence: "each worker keeps the limit that it has",
            advice: [advice],
          },
          sure,
          policy.facts.info,
        ),
      because: () => evidence(decision, access, LOGGED, advice),
      fixes: () => limitFixes(context, query),
    });
  },
};

// The kernel asks for the capability sys_resource before it asks for setrlimit (`do_prlimit`).
const LOGGED =
  'each worker logs "setrlimit() failed (1: Operation not permitted)" where it raises its limit, and "(13: Permission denied)" where it lowers it';
const FILES = "LimitNOFILE= in a drop-in for nginx.service needs no boolean";
const CORE = "LimitCORE= in a drop-in for nginx.service needs no boolean";
