/** Decisions: what the kernel checks for a query, in its order, and what the policy answers. */
import { parentOf } from "../base/paths.ts";
import { conclude, labelSentence, lookUp, noLabel, undecided, wayTo } from "./conclude.ts";
import { bindSocket, useFile } from "./decideFile.ts";
import { bindPorts, connectPort, type LocalPorts } from "./decidePort.ts";
import type { LabelAnswer, Policy } from "./policy.ts";
import type { Decision, Query, SocketType } from "./query.ts";

export interface DecideOptions {
  readonly localPorts: LocalPorts;
}

/** PATH_MAX of limits.h, without the NUL. */
const LONGEST_PATH = 4095;

/** Directories that are looked up on the way to a file: each costs a search for its label, by its whole path. */
const MOST_DIRECTORIES = 64;

/** Why the directories of a path are not looked up one by one; null for any path that a host has. */
function whyTooLong(path: string): string | null {
  if (path.length > LONGEST_PATH) return `a path has at most ${LONGEST_PATH} bytes, and this one has more`;
  let directories = 0;
  for (let at = path.indexOf("/"); at !== -1; at = path.indexOf("/", at + 1)) directories++;
  return directories > MOST_DIRECTORIES
    ? `a path is followed through ${MOST_DIRECTORIES} directories, and this one has more`
    : null;
}

/**
 * Decides one query. A permissive domain is decided like any other: `facts.isPermissive` tells that nothing is blocked.
 */
export function decide(policy: Policy, query: Query, options: DecideOptions): Decision {
  const tooLong = "path" in query ? whyTooLong(query.path) : null;
  if (tooLong !== null) return undecided(tooLong);
  switch (query.kind) {
    case "connect-port":
      return connectPort(policy, query.source, query.protocol, query.port);
    case "bind-port":
      return bindPorts(policy, query, options.localPorts);
    case "connect-socket":
      return connectSocket(policy, query.source, query.path);
    case "connect-peer":
      return connectPeer(policy, query.source, query.peer, query.socket);
    case "bind-socket":
      return bindSocket(policy, query.source, query.path);
    case "file":
      return useFile(policy, query);
    case "use-right":
      return useRight(policy, query);
    default:
      return setLimit(policy, query);
  }
}

/** `unix_find_bsd`: search on every directory of the path, then `sock_file write`. The peer's domain is another question. */
function connectSocket(policy: Policy, source: string, path: string): Decision {
  if (!path.startsWith("/")) return undecided(`${path} is not an absolute path`);
  const way = wayTo(policy, source, path);
  const because = [...way.because];
  const evidence = [...way.evidence];
  let { exact, unknown } = way;

  const label = policy.label(path, "sock");
  if (label.type === null) {
    unknown = noLabel(path, label);
    exact &&= label.exact;
  } else {
    evidence.push(lookUp(policy, source, label.type, "sock_file", "write"));
    because.push(labelSentence(`a socket at ${path}`, label), ...inheritance(policy, path, label));
    exact &&= label.exact;
  }
  return conclude(policy, evidence, { exact, because, ...(unknown === null ? {} : { unknown }) });
}

/** A new socket does not get the default label, it gets the directory's: say so where the two differ. */
function inheritance(policy: Policy, path: string, label: LabelAnswer): string[] {
  const directory = parentOf(path);
  const parent = policy.label(directory, "dir");
  if (parent.type === null || parent.type === label.type) return [];
  return [
    `a service that creates it anew gives it the type of ${directory}, ${parent.type}, unless the policy has a transition for that service`,
  ];
}

/** `selinux_socket_unix_stream_connect` and `selinux_socket_unix_may_send`: the domain of the other end. */
function connectPeer(policy: Policy, source: string, peer: string, socket: SocketType): Decision {
  const found =
    socket === "stream"
      ? lookUp(policy, source, peer, "unix_stream_socket", "connectto")
      : lookUp(policy, source, peer, "unix_dgram_socket", "sendto");
  return conclude(policy, [found], { exact: true, because: [] });
}

/**
 * `mmap_file` and `file_mprotect` ask `execmem`. IP_TRANSPARENT takes CAP_NET_RAW, and CAP_NET_ADMIN where that is refused
 * (`do_ip_setsockopt`).
 */
function useRight(policy: Policy, { source, right }: Extract<Query, { readonly kind: "use-right" }>): Decision {
  const asked = (cls: string, permission: string): Decision =>
    conclude(policy, [lookUp(policy, source, source, cls, permission)], { exact: true, because: [] });
  if (right === "execmem") return asked("process", "execmem");
  const raw = asked("capability", "net_raw");
  if (raw.verdict === "allowed") return raw;
  const admin = asked("capability", "net_admin");
  return admin.verdict === "denied" ? raw : admin;
}

/** `selinux_task_setrlimit`: asked where a hard limit changes, up or down. */
function setLimit(policy: Policy, { source, isSet }: Extract<Query, { readonly kind: "set-limit" }>): Decision {
  if (isSet === true) return conclude(policy, [], { exact: true, because: ["nginx has this hard limit already"] });
  return conclude(policy, [lookUp(policy, source, source, "process", "setrlimit")], { exact: true, because: [] });
}
