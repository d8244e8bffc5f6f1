/** Candidates for a process whose domain nginx may not speak to over a unix socket. */
import type { ServiceProgram } from "../selinux/host/hostState.ts";
import type { Change } from "../selinux/policy.ts";
import type { PeerQuery, SocketType } from "../selinux/query.ts";
import type { Candidate, FixContext } from "./candidate.ts";
import { isOwnFile, normalPath } from "./directories.ts";
import { moduleCandidate } from "./moduleCandidate.ts";
import { WEB_PROGRAM_TYPE } from "./purpose.ts";
import { escapePath } from "./regex.ts";

/**
 * A rule for exactly this domain, or the service in nginx's own domain, where it is known which program starts it. No
 * label of the socket and no boolean changes this check. A TCP port helps too: that is an edit of the configuration.
 */
export function connectPeerCandidates(
  context: FixContext,
  { peer, socket }: PeerQuery,
  service: ServiceProgram | null,
): readonly Candidate[] {
  const [cls, permission] = socket === "stream" ? ["unix_stream_socket", "connectto"] : ["unix_dgram_socket", "sendto"];
  const rule = { target: peer, cls: cls ?? "", permission: permission ?? "" };
  const module = moduleCandidate(
    context,
    [rule],
    "module",
    `Allow connections to processes of ${peer} by a policy module`,
    `Everything that runs as ${context.source} may then speak to every ${peer} process whose socket it can reach.`,
  );
  const program = service === null ? null : programCandidate(context, socket, service);
  return program === null ? [module] : [module, program];
}

/**
 * The label that makes systemd start the service in nginx's domain. Only for a program of the application's own: what
 * lies in /usr starts other services too.
 */
function programCandidate(
  context: FixContext,
  socket: SocketType,
  { program, unit }: ServiceProgram,
): Candidate | null {
  const { policy, source } = context;
  const path = normalPath(program);
  if (path === null || !isOwnFile(policy, path, "code")) return null;
  if (policy.facts.processTransition(INIT, WEB_PROGRAM_TYPE) !== source) return null;
  const spec = escapePath(policy.facts.canonicalPath(path));
  const changes: readonly Change[] = [{ kind: "fileContext", spec, fileKind: "any", type: WEB_PROGRAM_TYPE }];
  if (policy.with(changes).label(path, "file").type !== WEB_PROGRAM_TYPE) return null;
  return {
    id: "label-program",
    tier: "label-wider",
    title: `Run ${unit} as ${source}: label its program ${path} ${WEB_PROGRAM_TYPE}`,
    changes,
    restore: path,
    restartUnit: unit,
    queries: [{ kind: "connect-peer", source, peer: source, socket }],
    durable: true,
    notes: () => [
      `The service then has the rights of the web server, no less (it can read the server's keys) and no more: it may not be able to do its own work.`,
      `${unit} is restarted.`,
    ],
  };
}

/** systemd's own domain. */
const INIT = "init_t";
