/** Candidates for a refused connection to a unix socket because of a label. */
import { parentOf } from "../base/paths.ts";
import type { Query, QueryOf } from "../selinux/query.ts";
import type { Candidate, FixContext } from "./candidate.ts";
import { isRelabellable, normalPath } from "./directories.ts";
import { serviceModule } from "./missingRules.ts";
import { WEB_SOCKET_TYPE } from "./purpose.ts";
import { directorySpec } from "./regex.ts";
import { answersTo, solves } from "./replay.ts";
import { restoreCandidate } from "./restore.ts";

/**
 * Labels, never a boolean: the network booleans do nothing for a unix socket. The durable one labels the directory, so
 * that a socket which is made anew inherits the label; the temporary one labels the socket that is there now.
 */
export function connectSocketCandidates(context: FixContext, query: QueryOf<"connect-socket">): readonly Candidate[] {
  const { path } = query;
  const socket = normalPath(path);
  if (socket === null) return [];
  const directory = directoryCandidate(context, query, socket);
  // A socket that its service makes anew has its directory's label, so it is the directory that must be right.
  const restored = restoreCandidate(context, parentOf(socket), [query]);
  const module = serviceModule(
    context,
    [query],
    answersTo(context, [query]),
    (types) => `Allow writing to sockets of ${types} by a policy module`,
  );
  return [restored, directory, module, chcon(path)].filter((candidate) => candidate !== null);
}

/** The label of the directory: nginx makes the socket anew each time, and it inherits that. */
export function bindSocketCandidates(context: FixContext, query: QueryOf<"bind-socket">): readonly Candidate[] {
  const socket = normalPath(query.path);
  if (socket === null) return [];
  const directory = directoryCandidate(context, query, socket);
  const restored = restoreCandidate(context, parentOf(socket), [query]);
  return [restored, directory].filter((candidate) => candidate !== null);
}

/** The nearest directory whose label makes the socket reachable: its parent, unless a directory above is refused too. */
function directoryCandidate(context: FixContext, query: Query, socket: string): Candidate | null {
  for (let directory = parentOf(socket); isRelabellable(context.policy, directory); directory = parentOf(directory)) {
    const candidate = labelDirectory(context, directory);
    if (solves(context, [query], candidate)) return candidate;
  }
  return null;
}

function labelDirectory(context: FixContext, directory: string): Candidate {
  const spec = directorySpec(context.policy.facts.canonicalPath(directory));
  return {
    id: "label-directory",
    tier: "label",
    title: `Label ${directory} ${WEB_SOCKET_TYPE}, and with it every socket made there`,
    changes: [{ kind: "fileContext", spec, fileKind: "any", type: WEB_SOCKET_TYPE }],
    restore: directory,
    durable: true,
    notes: () => [
      `Gives ${directory} and everything in it the label of the web server's run files: ${context.source} may read and write there.`,
      "semanage takes about ten seconds, more on a small machine.",
    ],
  };
}

function chcon(path: string): Candidate {
  return {
    id: "chcon",
    tier: "temporary",
    title: `Label this socket ${WEB_SOCKET_TYPE} until it is made anew (temporary)`,
    // On the path as the configuration spells it, so that the same question finds it.
    changes: [{ kind: "label", path, type: WEB_SOCKET_TYPE }],
    restore: null,
    durable: false,
    notes: () => [
      "Temporary: a restart of the service that makes the socket, a reboot, restorecon or a relabel undoes it.",
      "Opens nothing else.",
    ],
  };
}
