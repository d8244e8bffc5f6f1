/** The ports that nginx may use as the policy is: what a completion offers in place of one that would be refused. */
import { WEB_PORT_TYPES } from "../../fixes/purpose.ts";
import type { RuleContext } from "../../rules/context.ts";
import { decide } from "../../selinux/decide.ts";

export interface AllowedPort {
  readonly kind: "connect" | "bind";
  readonly port: number;
  readonly type: string;
}

/** Of a record that is a wide range the first ports stand for it. */
const MOST_OF_A_RANGE = 3;

/**
 * TCP ports of web servers, and those that a user has labelled, that the domain may connect to or bind, in ascending
 * order. Ports that are open by accident (`dns_port_t`, `kerberos_port_t`) belong to other services and are left out.
 */
export function allowedPorts(context: RuleContext, kind: AllowedPort["kind"]): readonly AllowedPort[] {
  const { policy, source } = context;
  const allowed = new Map<number, AllowedPort>();
  for (const { protocol, low, high, type } of policy.facts.ports) {
    if (protocol !== "tcp" || !WEB_PORT_TYPES.includes(type)) continue;
    for (let port = low; port <= Math.min(high, low + MOST_OF_A_RANGE - 1); port++) {
      // A record in front may give the port to another type.
      if (policy.portType("tcp", port) !== type) continue;
      const query = { kind: kind === "connect" ? "connect-port" : "bind-port", source, protocol, port } as const;
      if (decide(policy, query, context).verdict === "allowed") allowed.set(port, { kind, port, type });
    }
  }
  return [...allowed.values()].toSorted((a, b) => a.port - b.port);
}
