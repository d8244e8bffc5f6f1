/** listen-socket: nginx listens on a unix socket in a place where its domain may not make one. */
import { bindSocketFixes } from "../fixes/offer.ts";
import type { Decision } from "../selinux/query.ts";
import { lazyVerdict } from "./lazyVerdict.ts";
import { NO_PROOF, NO_START, refusalMessage, shortPath } from "./message.ts";
import { confidence, evidence, unwritable } from "./phrases.ts";
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
    const { path } = query;
    const sure = confidence(context, access, listenSocket.severity, decision.exact);
    return lazyVerdict({
      decision,
      severity: sure.severity,
      message: () =>
        refusalMessage(
          {
            target: shortPath(path),
            label: labelOf(decision),
            act: "listening",
            consequence: NO_START,
            advice: [RIGHT_PLACE, NO_PROOF],
          },
          sure,
          context.policy.facts.info,
        ),
      because: () => evidence(decision, access, ...unwritable(path), RIGHT_PLACE, NO_PROOF),
      fixes: () => bindSocketFixes(context, query),
    });
  },
};

const RIGHT_PLACE = "a socket directly in /run or in /run/nginx/ is right by default";

/** The label that decides: the socket's own, or a directory's. */
function labelOf({ cls, permission, target }: Decision): string {
  const type = target ?? "unknown";
  if (cls !== "dir") return type;
  return permission === "search" ? `${type} above it` : `in ${type}`;
}
