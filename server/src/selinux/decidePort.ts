/** Decisions about ports: `name_connect`, `name_bind`, and `node_bind` on the address. */
import { memo } from "../base/memo.ts";
import { conclude, lookUp, nothingChecked } from "./conclude.ts";
import type { Policy, Protocol } from "./policy.ts";
import { portsBetween, recordRuns, type PortRun, type RecordRun } from "./portRuns.ts";
import type { Decision, Evidence, QueryOf, Verdict } from "./query.ts";
import { portSentence } from "./sentences.ts";

/** `net.ipv4.ip_local_port_range`, inclusive; 32768-60999 unless the host says otherwise. */
export type LocalPorts = readonly [low: number, high: number];

/** `selinux_socket_connect_helper`: `name_connect` for TCP (and SCTP, DCCP) only; the address plays no part. */
export function connectPort(policy: Policy, source: string, protocol: Protocol, port: number): Decision {
  if (protocol === "udp") {
    return nothingChecked("SELinux checks no port when something is sent over UDP");
  }
  return onPort(policy, source, protocol, port, "tcp_socket", "name_connect");
}

function onPort(
  policy: Policy,
  source: string,
  protocol: Protocol,
  port: number,
  cls: string,
  permission: string,
): Decision {
  const ofType = onType(policy, source, policy.portType(protocol, port), cls, permission);
  return new PortDecision(ofType, policy, protocol, port);
}

/** The decision of a type for one of its ports, whose sentence is made when it is read: there may be one for every port. */
class PortDecision implements Decision {
  readonly #ofType: Decision;
  readonly #policy: Policy;
  readonly #protocol: Protocol;
  readonly #port: number;

  constructor(ofType: Decision, policy: Policy, protocol: Protocol, port: number) {
    this.#ofType = ofType;
    this.#policy = policy;
    this.#protocol = protocol;
    this.#port = port;
  }

  get verdict(): Verdict {
    return this.#ofType.verdict;
  }

  get target(): string | null {
    return this.#ofType.target;
  }

  get cls(): string | null {
    return this.#ofType.cls;
  }

  get permission(): string | null {
    return this.#ofType.permission;
  }

  get evidence(): readonly Evidence[] {
    return this.#ofType.evidence;
  }

  get flips(): Decision["flips"] {
    return this.#ofType.flips;
  }

  get exact(): boolean {
    return this.#ofType.exact;
  }

  get because(): readonly string[] {
    return [portSentence(this.#policy, this.#protocol, this.#port), ...this.#ofType.because];
  }
}

/** What is decided of a type is decided once for all of its ports: a policy has 65,535 of them and some 200 types. */
const decisionsOfTypes = new WeakMap<Policy, Map<string, Decision>>();

function onType(policy: Policy, source: string, type: string, cls: string, permission: string): Decision {
  const decisions = memo(decisionsOfTypes, policy, () => new Map<string, Decision>());
  return memo(decisions, `${source} ${type} ${cls} ${permission}`, () =>
    conclude(policy, [lookUp(policy, source, type, cls, permission)], { exact: true, because: [] }),
  );
}

/** PortRun below this are checked whatever the local range (kernel `PROT_SOCK`, `net.ipv4.ip_unprivileged_port_start`). */
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
function bindPort(policy: Policy, source: string, protocol: Protocol, port: number, localPorts: LocalPorts): Decision {
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
  [low, high]: LocalPorts,
): Decision {
  if (port === 0) return nothingChecked("port 0 lets the kernel pick a free port, and SELinux checks nothing");
  if (port >= Math.max(privilegedPorts, low) && port <= high) {
    return nothingChecked(
      `${protocol} port ${port} is inside the local port range ${low}-${high}, where SELinux does not check a bind`,
    );
  }
  return onPort(policy, source, protocol, port, `${protocol}_socket`, "name_bind");
}

/** PortRun of a range are bound one by one: the first that is not allowed decides, else the first of all. */
export function bindPorts(policy: Policy, query: QueryOf<"bind-port">, localPorts: LocalPorts): Decision {
  const { source, protocol, port, last = port } = query;
  const first = bindPort(policy, source, protocol, port, localPorts);
  if (last <= port || first.verdict !== "allowed") return first;
  const [stopping] = notAllowed(policy, query, localPorts);
  return stopping === undefined ? first : bindPort(policy, source, protocol, stopping.low, localPorts);
}

/** The ports of a query whose bind SELinux refuses, as runs of neighbours, in port order. */
export function refusedPorts(policy: Policy, query: QueryOf<"bind-port">, localPorts: LocalPorts): readonly PortRun[] {
  return notAllowed(policy, query, localPorts).filter(({ verdict }) => verdict === "denied");
}

/** Neighbouring ports whose bind comes to the same. */
interface JudgedPorts extends PortRun {
  readonly verdict: Verdict;
}

/** Up to so many ports are judged by themselves. */
const FEW_PORTS = 64;

/** Those of other ports that are not allowed; of all ports of a policy they are found once at most. */
function notAllowed(
  policy: Policy,
  { source, protocol, port, last = port }: QueryOf<"bind-port">,
  localPorts: LocalPorts,
): readonly JudgedPorts[] {
  if (last - port < FEW_PORTS) return notAllowedBetween(policy, source, protocol, port, last, localPorts);
  const known = memo(notAllowedOfAll, policy, () => new Map<string, readonly JudgedPorts[]>());
  const all = memo(known, `${source} ${protocol} ${localPorts.join("-")}`, () =>
    notAllowedBetween(policy, source, protocol, 0, LAST_PORT, localPorts),
  );
  return portsBetween(all, port, last);
}

const LAST_PORT = 65535;
const notAllowedOfAll = new WeakMap<Policy, Map<string, readonly JudgedPorts[]>>();

function notAllowedBetween(
  policy: Policy,
  source: string,
  protocol: Protocol,
  low: number,
  high: number,
  localPorts: LocalPorts,
): readonly JudgedPorts[] {
  const found: JudgedPorts[] = [];
  const isAddressRefused = refusedAddress(policy, source, protocol) !== null;
  for (const run of checkedPorts(policy, source, protocol, low, high, localPorts)) {
    const verdict = isAddressRefused
      ? "denied"
      : policy.check(source, run.type, `${protocol}_socket`, "name_bind").verdict;
    if (verdict === "allowed") continue;
    const before = found.at(-1);
    if (before?.verdict === verdict && before.high === run.low - 1) {
      found[found.length - 1] = { low: before.low, high: run.high, verdict };
    } else found.push({ low: run.low, high: run.high, verdict });
  }
  return found;
}

/**
 * The ports from `low` to `high` whose bind SELinux may refuse to a domain, as runs that are decided alike: without port 0,
 * and without the local port range where the address decides nothing.
 */
function checkedPorts(
  policy: Policy,
  source: string,
  protocol: Protocol,
  low: number,
  high: number,
  [localLow, localHigh]: LocalPorts,
): readonly RecordRun[] {
  const free = Math.max(privilegedPorts, localLow);
  const runs = recordRuns(policy, protocol, Math.max(low, 1), high);
  if (refusedAddress(policy, source, protocol) !== null) return runs;
  return runs.flatMap((run) => [
    ...(run.low < free ? [{ ...run, high: Math.min(run.high, free - 1) }] : []),
    ...(run.high > localHigh && run.high >= free ? [{ ...run, low: Math.max(run.low, localHigh + 1, free) }] : []),
  ]);
}
