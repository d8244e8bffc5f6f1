/** Candidates for a refused connection to a TCP port. */
import type { Change, Policy, Protocol } from "../selinux/policy.ts";
import type { PortRun } from "../selinux/portRuns.ts";
import type { QueryOf } from "../selinux/query.ts";
import { booleanCandidate } from "./boolean.ts";
import type { Candidate, FixContext, Tier } from "./candidate.ts";
import { moduleCandidate } from "./moduleCandidate.ts";
import { isClaimed, mayRelabel, relabelNotes, relabelTitle, takesFromDaemon, webPortChange } from "./portLabel.ts";
import { booleansFor, CONNECT_ANY, GRACEFUL, RELAY, UNCLAIMED_PORT_TYPES, WEB_PORT_TYPE } from "./purpose.ts";
import { isOfferable, solves } from "./replay.ts";

/** The question about a port to which nginx connects, and the port's present type. */
interface Target extends QueryOf<"connect-port"> {
  readonly type: string;
}

/**
 * Candidates for a connection that is refused, in no particular order. What they are made of:
 * - the booleans meant for the port's present type: nothing is relabelled;
 * - the label of web ports, with the least boolean that it needs: last for a port that a daemon needs as it is;
 * - the relay boolean, alone where it reaches the present type, else with the label;
 * - a rule on the present type, where it is a type of its own: the port stays with its service;
 * - the boolean that opens every port.
 */
export function connectPortCandidates(context: FixContext, query: QueryOf<"connect-port">): readonly Candidate[] {
  const { policy } = context;
  const target: Target = { ...query, type: policy.portType(query.protocol, query.port) };
  const meant = booleansFor(target.type);
  const certain = meant.some((name) => policy.booleans.has(name) && !policy.facts.booleanSince.has(name));
  return [
    ...meant.map((name, index) =>
      booleanCandidate(context, name, index === 0 ? "boolean" : booleanId(name), "purpose"),
    ),
    ...labelCandidates(context, target, certain),
    ...moduleCandidates(context, target),
    booleanCandidate(context, CONNECT_ANY, "broad-boolean", "broad"),
  ];
}

function booleanId(name: string): string {
  return name === RELAY ? "boolean-relay" : "boolean-wider";
}

/** A rule on a type of unclaimed ports would open thousands of ports. */
function moduleCandidates(context: FixContext, target: Target): readonly Candidate[] {
  const { type } = target;
  if (UNCLAIMED_PORT_TYPES.includes(type) || type === context.policy.facts.defaultPortType) return [];
  // For web ports a boolean opens exactly the same.
  if (type === WEB_PORT_TYPE) return [];
  const tier = isTaking(context, target) ? "module" : "module-wider";
  const title = `Allow connections to ${type} by a policy module`;
  const note = "The port keeps its label, so no service loses it.";
  return [
    moduleCandidate(context, [{ target: type, cls: "tcp_socket", permission: "name_connect" }], tier, title, note),
  ];
}

/** True where the port's daemon would lose it with another label. */
function isTaking({ policy }: FixContext, { protocol, port }: Target): boolean {
  return takesFromDaemon(policy, protocol, { low: port, high: port });
}

/**
 * The web label with what it needs, and the relay boolean: alone where it reaches the port, else with the label.
 * `meant`: a boolean is meant for the port as it is, and it exists.
 */
function labelCandidates(context: FixContext, target: Target, meant: boolean): readonly Candidate[] {
  const queries = [target];
  const taking = isTaking(context, target);
  if (meant && !taking) return [];
  const tier = taking ? "taking" : "label";
  const label = webLabel(context, target, tier);
  const labelIsEnough = label !== null && solves(context, queries, label);
  const narrow = labelIsEnough || label === null ? label : label.with(GRACEFUL, "label-port", tier);
  if (meant) return [narrow].filter((candidate) => candidate !== null);
  const relay = booleanCandidate(context, RELAY, "boolean-relay", relayTier(context, target));
  const relayIsEnough = isOfferable(context, relay) && solves(context, queries, relay);
  const withRelay =
    labelIsEnough || taking || label === null ? null : label.with(RELAY, "label-port-relay", "label-wider");
  return [narrow, relayIsEnough ? relay : withRelay].filter((candidate) => candidate !== null);
}

/** With relay alone a named service keeps its port; for an unclaimed port the web label opens less. */
function relayTier(context: FixContext, target: Target): Tier {
  return isClaimed(context.policy, target.protocol, target.port) ? "purpose" : "label-wider";
}

/** The label of web ports alone; null where the port has it, or must keep its own. */
function webLabel({ policy }: FixContext, { protocol, port, type }: Target, tier: Tier): WebLabel | null {
  const mayNot = type === WEB_PORT_TYPE || !mayRelabel(policy, protocol, { low: port, high: port });
  return mayNot ? null : new WebLabel(policy, protocol, port, tier, "label-port", null);
}

type TurnOn = Extract<Change, { readonly kind: "boolean" }>;

/** The label of web ports on one port, alone or with a boolean. A class, since there may be one for every port. */
class WebLabel implements Candidate {
  readonly id: string;
  readonly tier: Tier;
  readonly changes: readonly Change[];
  readonly #policy: Policy;
  readonly #protocol: Protocol;
  readonly #port: number;
  readonly #boolean: TurnOn | null;

  constructor(policy: Policy, protocol: Protocol, port: number, tier: Tier, id: string, boolean: TurnOn | null) {
    this.id = id;
    this.tier = tier;
    const label = webPortChange(protocol, { low: port, high: port });
    this.changes = boolean === null ? [label] : [label, boolean];
    this.#policy = policy;
    this.#protocol = protocol;
    this.#port = port;
    this.#boolean = boolean;
  }

  get title(): string {
    const label = relabelTitle(this.#policy, this.#protocol, this.#run);
    return this.#boolean === null ? label : `${label} and turn on ${this.#boolean.name}`;
  }

  get restore(): null {
    return null;
  }

  get durable(): true {
    return true;
  }

  notes(): readonly string[] {
    return relabelNotes(this.#policy, this.#protocol, this.#run);
  }

  onPort(port: number): WebLabel {
    return new WebLabel(this.#policy, this.#protocol, port, this.tier, this.id, this.#boolean);
  }

  /** The same with a boolean beside. */
  with(name: string, id: string, tier: Tier): WebLabel {
    const boolean: TurnOn = { kind: "boolean", name, value: true };
    return new WebLabel(this.#policy, this.#protocol, this.#port, tier, id, boolean);
  }

  get #run(): PortRun {
    return { low: this.#port, high: this.#port };
  }
}
