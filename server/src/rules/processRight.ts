/** process-right: nginx makes use of a capability, or of memory, that its domain does not have. */
import { permissionFixes } from "../fixes/offer.ts";
import type { Access } from "../nginx/access.ts";
import type { QueryOf } from "../selinux/query.ts";
import type { Asked } from "./asked.ts";
import type { RuleContext } from "./context.ts";
import { lazyVerdict } from "./lazyVerdict.ts";
import { refusalMessage, type Refusal } from "./message.ts";
import { confidence, evidence } from "./phrases.ts";
import type { AccessRule, Verdict } from "./rule.ts";

export const processRight: AccessRule = {
  judges: "access",
  id: "process-right",
  title: "Right of its own process that SELinux does not give nginx",
  severity: "error",
  needsHost: false,

  judge({ access, queries: [query], answer: decision }: Asked, context: RuleContext): Verdict | null {
    if (query?.kind !== "use-right" || decision.verdict !== "denied") return null;
    const { policy } = context;
    const { right } = query;
    // Regular expressions work without their JIT, too.
    const harmless = right === "execmem" ? "information" : processRight.severity;
    const sure = confidence(context, access, harmless, decision.exact);
    const refusal = { target: access.directive, ...seen(right, access) };
    return lazyVerdict({
      decision,
      severity: sure.severity,
      message: () => refusalMessage(refusal, sure, policy.facts.info),
      because: () => evidence(decision, access, ...(refusal.advice ?? []), ...(right === "net_raw" ? [EITHER] : [])),
      // httpd_execmem gives every process of the domain what an attacker likes best: not worth a faster match.
      fixes: () => (right === "execmem" ? [] : permissionFixes(context, NET_RAW(query.source))),
    });
  },
};

/** What is refused, and what a user sees of it. */
function seen(
  right: QueryOf<"use-right">["right"],
  access: Access,
): Pick<Refusal, "label" | "act" | "consequence" | "advice"> {
  if (right === "execmem")
    return {
      label: "process execmem",
      act: "executable memory",
      consequence: "regular expressions run without JIT",
      advice: ["nothing else fails"],
    };
  return {
    label: "capability net_raw",
    act: "foreign source address",
    consequence: access.fails ?? "requests fail (HTTP: 500)",
    advice: ["no boolean allows it, but nginx's own address does (without transparent), or a policy module"],
  };
}

/** The permission that a fix has to give. */
const NET_RAW = (source: string): Parameters<typeof permissionFixes>[1] => ({
  target: source,
  cls: "capability",
  permissions: ["net_raw"],
});

const EITHER = "the kernel asks for net_raw first, and for net_admin where that is refused: either is enough";
