/** Candidates for a connection to a unix socket that is refused twice: by a label, and by the process that listens. */
import type { ServiceProgram } from "../selinux/host/hostState.ts";
import type { PeerQuery, QueryOf } from "../selinux/query.ts";
import { TIERS, type Candidate, type FixContext, type Tier } from "./candidate.ts";
import type { EditCandidate } from "./edit.ts";
import { connectPeerCandidates } from "./connectPeerCandidates.ts";
import { connectSocketCandidates } from "./connectSocketCandidates.ts";
import { solves } from "./replay.ts";

/**
 * What helps against the label together with what helps against the process: neither alone makes the connection work.
 * `service`: the service behind the socket, where it is known.
 */
export function socketConnectionCandidates(
  context: FixContext,
  label: QueryOf<"connect-socket">,
  peer: PeerQuery,
  service: ServiceProgram | null,
  isAssumed: boolean,
): readonly Candidate[] {
  const ofLabel = connectSocketCandidates(context, label).filter((each) => solves(context, [label], each));
  return ofLabel.flatMap((first) =>
    // Of what is temporary one is enough.
    connectPeerCandidates(context, peer, service, isAssumed && first.durable)
      .filter((second) => isOneFix(first, second))
      .map((second) => together(first, second, label, peer)),
  );
}

/** One fix resets the labels below one path, and a restarted service makes a socket with another label than one set by hand. */
function isOneFix(label: Candidate, peer: Candidate): boolean {
  return peer.restore === null || (label.restore === null && label.durable);
}

function together(first: Candidate, second: Candidate, label: QueryOf<"connect-socket">, peer: PeerQuery): Candidate {
  return {
    ...joined(first, second),
    ...(second.restartUnit === undefined ? {} : { restartUnit: second.restartUnit }),
    id: second.restore === null && second.id === "module" ? first.id : second.id,
    restore: first.restore ?? second.restore,
    queries: [label, ...(second.queries ?? [peer])],
  };
}

/** Another place for a socket together with what helps against the process that listens: it is the same one there. */
export function withPeer(context: FixContext, move: EditCandidate, peer: PeerQuery): readonly EditCandidate[] {
  return connectPeerCandidates(context, peer, null)
    .filter((each) => solves(context, [peer], each))
    .map((each) => joined(move, each));
}

function joined<T extends Candidate>(first: T, second: Candidate): T {
  return {
    ...first,
    tier: later(first.tier, second.tier),
    title: `${first.title}, and ${second.title.charAt(0).toLowerCase()}${second.title.slice(1)}`,
    changes: [...first.changes, ...second.changes],
    durable: first.durable && second.durable,
    notes: () => [...new Set([...first.notes(), ...second.notes()])],
  };
}

function later(a: Tier, b: Tier): Tier {
  return TIERS.indexOf(a) < TIERS.indexOf(b) ? b : a;
}
