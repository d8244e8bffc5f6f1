/** Candidates for a process whose domain nginx may not speak to over a unix socket. */
import type { ServiceProgram } from "../selinux/host/hostState.ts";
import type { Change } from "../selinux/policy.ts";
import type { PeerQuery, SocketType } from "../selinux/query.ts";
import type { Candidate, FixContext, Tier } from "./candidate.ts";
import { isOwnFile, normalPath } from "./directories.ts";
import { moduleCandidate } from "./moduleCandidate.ts";
import { WEB_PROGRAM_TYPE } from "./purpose.ts";
import { escapePath } from "./regex.ts";

/**
 * A rule for exactly this domain, or the service in nginx's own domain, where it is known which program starts it. No
 * label of the socket and no boolean changes this check. A TCP port helps too: that is an edit of the configuration.
 * Where the process was not seen (`isAssumed`), the same rule for each other domain that it may have, to choose from.
 */
export function connectPeerCandidates(
  context: FixContext,
  { peer, socket }: PeerQuery,
  service: ServiceProgram | null,
  isAssumed = false,
): readonly Candidate[] {
  const [cls, permission] = socket === "stream" ? STREAM : DATAGRAM;
  const ruleFor = (domain: string, tier: Tier, when: string): Candidate =>
    moduleCandidate(
      context,
      [{ target: domain, cls, permission }],
      tier,
      `Allow connections to processes of ${domain} by a policy module${when}`,
      `Everything that runs as ${context.source} may then speak to every ${domain} process whose socket it can reach.`,
    );
  const module = ruleFor(peer, "module", "");
  const program = service === null ? null : programCandidate(context, socket, service);
  const others = isAssumed ? otherStarters(context, peer, socket) : [];
  return [
    module,
    ...(program === null ? [] : [program]),
    ...others.map(({ domain, when }) => ({
      ...ruleFor(domain, "module-wider", `, ${when}`),
      id: `module-${domain}`,
      queries: [{ kind: "connect-peer" as const, source: context.source, peer: domain, socket }],
    })),
  ];
}

const STREAM = ["unix_stream_socket", "connectto"] as const;
const DATAGRAM = ["unix_dgram_socket", "sendto"] as const;

/** How a service may be started other than by systemd from its program, and the domain that it then has. */
const STARTERS = [
  { domain: "initrc_t", when: "where a SysV script starts the service" },
  { domain: "unconfined_t", when: "where a person starts it in a shell" },
] as const;

/** Those of them to which nginx may not speak either; none where the policy does not know the domain. */
export function otherStarters(
  { policy, source }: Pick<FixContext, "policy" | "source">,
  peer: string,
  socket: SocketType,
): readonly { readonly domain: string; readonly when: string }[] {
  const [cls, permission] = socket === "stream" ? STREAM : DATAGRAM;
  return STARTERS.filter(({ domain }) => {
    if (domain === peer || policy.facts.resolveType(domain) === undefined) return false;
    return policy.check(source, domain, cls, permission).verdict === "denied";
  });
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
