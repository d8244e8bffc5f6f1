/** Labelling ports for the web server: whether it may be suggested, and whose they were. Shared by connect and listen. */
import type { Change, Policy, PortRecord, Protocol } from "../selinux/policy.ts";
import { recordRuns, type PortRun } from "../selinux/portRuns.ts";
import { portName, portRange } from "./commands.ts";
import { isExactly, localPortRecords } from "./localPorts.ts";
import {
  booleansFor,
  isDaemonPortType,
  NEVER_RELABELLED_PORT_TYPES,
  UNCLAIMED_PORT_TYPES,
  WEB_PORT_TYPE,
} from "./purpose.ts";

/** The change that gives a run of ports to the web server. */
export function webPortChange(protocol: Protocol, run: PortRun): Change {
  return { kind: "port", protocol, low: run.low, high: run.high, type: WEB_PORT_TYPE };
}

/** True for a port that a named service owns alone: a record of exactly this port, not of a wider range around it. */
export function isClaimed(policy: Policy, protocol: Protocol, port: number): boolean {
  return !UNCLAIMED_PORT_TYPES.includes(policy.portType(protocol, port)) && policy.definesPort(protocol, port, port);
}

/** True where a run holds a port that a daemon needs as it is: with another label the daemon may not bind to it. */
export function takesFromDaemon(policy: Policy, protocol: Protocol, run: PortRun): boolean {
  return owners(policy, protocol, run).some(({ type }) => isDaemonPortType(type, protocol));
}

/** `Label tcp port 8081 http_port_t (takes it from transproxy_port_t)`, for a fix's title. */
export function relabelTitle(policy: Policy, protocol: Protocol, run: PortRun): string {
  const takes =
    run.low === run.high && (isClaimed(policy, protocol, run.low) || takesFromDaemon(policy, protocol, run));
  const taken = takes ? ` (takes it from ${policy.portType(protocol, run.low)})` : "";
  return `Label ${portName(protocol, run.low, run.high)} ${WEB_PORT_TYPE}${taken}`;
}

/** True where the ports of a run may be given to the web server, and `semanage port` would do it. */
export function mayRelabel(policy: Policy, protocol: Protocol, run: PortRun): boolean {
  return whyNotRelabel(policy, protocol, run) === null;
}

/**
 * Why a run must keep its label, in words for the user, or null: one of the ports must not be taken from its service, or
 * a local record covers other ports too and `semanage port` refuses another one inside (libsemanage's overlap check).
 */
export function whyNotRelabel(policy: Policy, protocol: Protocol, run: PortRun): string | null {
  const overlap = localPortRecords(policy, protocol, run).find((record) => !isExactly(record, run));
  if (overlap !== undefined) {
    const { low, high, type } = overlap;
    return `a label of this host makes ${portName(protocol, low, high)} ${type}, and semanage refuses another one inside of it until "semanage port -d -p ${protocol} ${portRange(low, high)}" has removed it`;
  }
  const owner = owners(policy, protocol, run).find(({ type }) => NEVER_RELABELLED_PORT_TYPES.includes(type));
  return owner === undefined ? null : `its label ${owner.type} must not be changed, for sshd needs it`;
}

/** What a relabel of a run takes from whom, and what it costs; for `Fix.opens`. */
export function relabelNotes(policy: Policy, protocol: Protocol, run: PortRun): readonly string[] {
  const taken = owners(policy, protocol, run);
  if (taken.length === 0) return COSTS;
  const takes = takesOf(taken, protocol, run);
  const daemons = taken.filter(({ type }) => isDaemonPortType(type, protocol));
  const booleans = [...new Set(daemons.flatMap(({ type }) => booleansFor(type)))].filter((name) =>
    policy.booleans.has(name),
  );
  return [
    takes,
    ...(daemons.length === 0 ? [] : ["If the backend is such a service itself, it may not listen there then."]),
    ...(booleans.length === 0
      ? []
      : [`The boolean for the port as it is, ${booleans.join(", ")}, does not open it then.`]),
    ...COSTS,
  ];
}

/** What a relabel costs that takes nothing from anyone. */
const COSTS: readonly string[] = [
  `Whatever may use ${WEB_PORT_TYPE} on this host may then use the port too.`,
  "semanage takes about ten seconds, more on a small machine.",
];

/** Which services lose ports of a run, as a sentence; "" where none does. */
export function relabelTakes(policy: Policy, protocol: Protocol, run: PortRun): string {
  const taken = owners(policy, protocol, run);
  return taken.length === 0 ? "" : takesOf(taken, protocol, run);
}

/** `records`: at least one. */
function takesOf(records: readonly PortRecord[], protocol: Protocol, run: PortRun): string {
  const taken = records.map((owner) => {
    const low = Math.max(owner.low, run.low);
    const high = Math.min(owner.high, run.high);
    const wider = owner.low < low || owner.high > high ? ` (${portRange(owner.low, owner.high)})` : "";
    return `${portName(protocol, low, high)} from the services of ${owner.type}${wider}`;
  });
  const shown = taken.slice(0, MAX_OWNERS).join(", ");
  const more = taken.length > MAX_OWNERS ? `, and ${taken.length - MAX_OWNERS} more` : "";
  const ports = run.low === run.high ? "it" : "them";
  return `Takes ${shown}${more}: a confined service of that name on this host can no longer use ${ports}.`;
}

const MAX_OWNERS = 4;

/** The records of named services that decide the type of at least one port of a run, in port order. */
export function owners(policy: Policy, protocol: Protocol, run: PortRun): readonly PortRecord[] {
  if (run.low === run.high) {
    const record = policy.portRecord(protocol, run.low);
    return record === null || isUnowned(record) ? NONE : [record];
  }
  const found = new Set<PortRecord>();
  for (const { record } of recordRuns(policy, protocol, run.low, run.high)) {
    if (record !== null && !isUnowned(record)) found.add(record);
  }
  return [...found];
}

const NONE: readonly PortRecord[] = [];

function isUnowned({ type }: PortRecord): boolean {
  return type === WEB_PORT_TYPE || UNCLAIMED_PORT_TYPES.includes(type);
}
