/** Candidates for a process whose domain nginx may not speak to over a unix socket. */
import type { SocketType } from "../selinux/query.ts";
import type { Candidate, FixContext } from "./candidate.ts";
import { moduleCandidate } from "./moduleCandidate.ts";

/**
 * A rule for exactly this domain. No label and no boolean changes this check; what else helps (a TCP port, the service
 * in nginx's own domain) is made in the configuration or in the service's unit, and is said in words.
 */
export function connectPeerCandidates(context: FixContext, peer: string, socket: SocketType): readonly Candidate[] {
  const [cls, permission] = socket === "stream" ? ["unix_stream_socket", "connectto"] : ["unix_dgram_socket", "sendto"];
  const rule = { target: peer, cls: cls ?? "", permission: permission ?? "" };
  return [
    moduleCandidate(
      context,
      [rule],
      "module",
      `Allow connections to processes of ${peer} by a policy module`,
      `Everything that runs as ${context.source} may then speak to every ${peer} process whose socket it can reach.`,
    ),
  ];
}
