/** A unix socket that is refused by its label and by the process that listens: one finding with two reasons. */
import { decisionWith } from "../selinux/conclude.ts";
import { socketFixes } from "../fixes/offer.ts";
import type { Asked } from "./asked.ts";
import { connectPeer } from "./connectPeer.ts";
import { connectSocket, labelAdvice, labelRefusal } from "./connectSocket.ts";
import type { RuleContext } from "./context.ts";
import { lazyVerdict } from "./lazyVerdict.ts";
import { shortName } from "./message.ts";
import { confidence } from "./phrases.ts";
import type { Verdict } from "./rule.ts";
import { isSocketConnect } from "./sockets.ts";
import type { AskedPeer } from "./socketPeer.ts";

/** The rules whose verdicts are joined, the one that carries the finding where they are equally grave first. */
export const JOINED = [connectSocket.id, connectPeer.id] as const;

/**
 * Both reasons in one verdict, with fixes that clear both. `label` and `peer`: what the two rules say. `carrier`: the
 * one of them that gives the finding its access and severity.
 */
export function joinedVerdict(
  { access, queries: [query], peer: askedPeer }: Asked,
  label: Verdict,
  peer: Verdict,
  carrier: Verdict,
  context: RuleContext,
): Verdict {
  const { decision } = carrier;
  if (!isSocketConnect(access) || query?.kind !== "connect-socket" || askedPeer === null || decision === null)
    return carrier;
  const { decision: ofLabel } = label;
  if (ofLabel === null) return carrier;
  const sure = confidence(context, access, connectSocket.severity, ofLabel.exact);
  const fixes = socketFixes(
    context,
    query,
    askedPeer.query,
    askedPeer.found?.service ?? null,
    askedPeer.found === null,
  );
  const both = [ofLabel, askedPeer.decision];
  return lazyVerdict({
    decision: decisionWith(decision, {
      evidence: both.flatMap(({ evidence }) => evidence),
      // No boolean opens both.
      flips: [],
      because: both.flatMap(({ because }) => because),
    }),
    severity: carrier.severity,
    message: () =>
      labelRefusal(ofLabel, query.path, sure, context, access, [
        peerReason(askedPeer),
        ...labelAdvice(query.path, fixes),
      ]),
    fixes: () => fixes,
    because: () => [...new Set([...label.because, ...peer.because])],
  });
}

function peerReason({ found, query }: AskedPeer): string {
  return found === null
    ? `a service in ${query.peer} (gunicorn, puma, node) is refused whatever the label`
    : `the service (${shortName(found.process)}: ${query.peer}) is refused whatever the label`;
}
