/** listen-socket: nginx listens on a unix socket in a place where its domain may not make one. */
import { bindSocketFixes } from "../fixes/offer.ts";
import { LazyVerdict } from "./lazyVerdict.ts";
import { confidence, evidence, releaseName, sentences, unwritable } from "./phrases.ts";
import type { Asked } from "./asked.ts";
import type { RuleContext } from "./context.ts";
import type { AccessRule, Verdict } from "./rule.ts";

export const listenSocket: AccessRule = {
  judges: "access",
  id: "listen-socket",
  title: "Listening unix socket that SELinux does not let nginx make",
  severity: "error",
  needsHost: false,

  judge({ access, queries: [query], answer: decision }: Asked, context: RuleContext): Verdict | null {
    if (query?.kind !== "bind-socket" || decision.verdict !== "denied") return null;
    const { policy, source } = context;
    const { path } = query;
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
      fixes: () => bindSocketFixes(context, query),
    });
  },
};
