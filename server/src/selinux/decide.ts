/** Decisions: what the kernel checks for a query, in its order, and what the policy answers. */
import { memo } from "../base/memo.ts";
import { parentOf } from "../base/paths.ts";
import {
  conclude,
  labelSentence,
  lookUp,
  noLabel,
  nothingChecked,
  portSentence,
  undecided,
  wayTo,
} from "./conclude.ts";
import { bindSocket, useFile } from "./decideFile.ts";
import type { LabelAnswer, Policy, Protocol } from "./policy.ts";
import { recordRuns, type RecordRun } from "./portRuns.ts";
import type { Decision, Evidence, Query, QueryOf, SocketType } from "./query.ts";

export interface DecideOptions {
  /** `net.ipv4.ip_local_port_range`, inclusive; 32768-60999 unless the host says otherwise. */
  readonly localPorts: readonly [low: number, high: number];
}

/** PATH_MAX of limits.h, without the NUL. */
const LONGEST_PATH = 4095;

/**
 * Decides one query. A permissive domain is decided like any other: `facts.isPermissive` tells that nothing is blocked.
 */
export function decide(policy: Policy, query: Query, options: DecideOptions): Decision {
  if ("path" in query && query.path.length > LONGEST_PATH)
    return undecided(`a path has at most ${LONGEST_PATH} bytes, and this one has more`);
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

/** `selinux_socket_connect_helper`: `name_connect` for TCP (and SCTP, DCCP) only; the address plays no part. */
function connectPort(policy: Policy, source: string, protocol: Protocol, port: number): Decision {
  if (protocol === "udp") {
    return nothingChecked("SELinux checks no port when something is sent over UDP");
  }
  return onPort(policy, source, protocol, port, "tcp_socket", "name_connect");
}

/** What is decided of a type is decided once for all of its ports: a policy has 65,535 of them and some 200 types. */
const decisionsOfTypes = new WeakMap<Policy, Map<string, Decision>>();

function onPort(
  policy: Policy,
  source: string,
  protocol: Protocol,
  port: number,
  cls: string,
  permission: string,
): Decision {
  const type = policy.portType(protocol, port);
  let decisions = decisionsOfTypes.get(policy);
  if (decisions === undefined) {
    decisions = new Map();
    decisionsOfTypes.set(policy, decisions);
  }
  const key = `${source} ${type} ${cls} ${permission}`;
  let decision = decisions.get(key);
  if (decision === undefined) {
    decision = conclude(policy, [lookUp(policy, source, type, cls, permission)], { exact: true, because: [] });
    decisions.set(key, decision);
  }
  return { ...decision, because: [portSentence(policy, protocol, port), ...decision.because] };
}

/** Ports below this are checked whatever the local range (kernel `PROT_SOCK`, `net.ipv4.ip_unprivileged_port_start`). */
const privilegedPorts = 1024;

/** The label of every address without a record of its own (initial SID `node`); hardly any policy has such records. */
export const ADDRESS_TYPE = "node_t";

/**
 * `node_bind` on an address, where the policy refuses it to a domain; null where it allows it or cannot tell. Every
 * policy allows it to nginx for TCP; Debian's does not for UDP.
 */
export function refusedAddress(policy: Policy, source: string, protocol: Protocol): Evidence | null {
  const known = memo(refusedAddresses, policy, () => new Map<string, Evidence | null>());
  return memo(known, `${source} ${protocol}`, () => {
    const asked = lookUp(policy, source, ADDRESS_TYPE, `${protocol}_socket`, "node_bind");
    return asked.result.verdict === "denied" ? asked : null;
  });
}

const refusedAddresses = new WeakMap<Policy, Map<string, Evidence | null>>();

/** `selinux_socket_bind`: `name_bind` where the port is one that is checked, then `node_bind` on the address. */
function bindPort(
  policy: Policy,
  source: string,
  protocol: Protocol,
  port: number,
  localPorts: DecideOptions["localPorts"],
): Decision {
  const byPort = bindByName(policy, source, protocol, port, localPorts);
  const address = refusedAddress(policy, source, protocol);
  if (address === null) return byPort;
  return conclude(policy, [...byPort.evidence, address], { exact: byPort.exact, because: byPort.because });
}

/**
 * `name_bind` for a port other than 0 that is below `max(1024, low)` or above `high` of the local port range.
 */
function bindByName(
  policy: Policy,
  source: string,
  protocol: Protocol,
  port: number,
  [low, high]: readonly [number, number],
): Decision {
  if (port === 0) return nothingChecked("port 0 lets the kernel pick a free port, and SELinux checks nothing");
  if (port >= Math.max(privilegedPorts, low) && port <= high) {
    return nothingChecked(
      `${protocol} port ${port} is inside the local port range ${low}-${high}, where SELinux does not check a bind`,
    );
  }
  return onPort(policy, source, protocol, port, `${protocol}_socket`, "name_bind");
}

/** Ports of a range are bound one by one: the first that is not allowed decides, else the first of all. */
function bindPorts(policy: Policy, query: QueryOf<"bind-port">, localPorts: DecideOptions["localPorts"]): Decision {
  const { source, protocol, port, last = port } = query;
  const first = bindPort(policy, source, protocol, port, localPorts);
  if (last <= port || first.verdict !== "allowed") return first;
  for (const { low } of checkedRuns(policy, source, protocol, port, last, localPorts)) {
    const decision = bindPort(policy, source, protocol, low, localPorts);
    if (decision.verdict !== "allowed") return decision;
  }
  return first;
}

/**
 * The ports from `low` to `high` whose bind SELinux may refuse to a domain, as runs that are decided alike: without port 0,
 * and without the local port range where the address decides nothing.
 */
export function checkedRuns(
  policy: Policy,
  source: string,
  protocol: Protocol,
  low: number,
  high: number,
  [localLow, localHigh]: DecideOptions["localPorts"],
): readonly RecordRun[] {
  const free = Math.max(privilegedPorts, localLow);
  const runs = recordRuns(policy, protocol, Math.max(low, 1), high);
  if (refusedAddress(policy, source, protocol) !== null) return runs;
  return runs.flatMap((run) => [
    ...(run.low < free ? [{ ...run, high: Math.min(run.high, free - 1) }] : []),
    ...(run.high > localHigh && run.high >= free ? [{ ...run, low: Math.max(run.low, localHigh + 1, free) }] : []),
  ]);
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
