/** Connections to ports under one policy after another: decided once for each type of port, for there may be one for every port. */
import { decide } from "../selinux/decide.ts";
import type { Policy, Protocol } from "../selinux/policy.ts";
import type { FixContext } from "./candidate.ts";

/** True where nginx may connect to a port under a policy. */
export type PortAnswers = (policy: Policy, protocol: Protocol, port: number) => boolean;

/** Keeps the answers for the policy that was asked last. */
export function createPortAnswers(context: FixContext): PortAnswers {
  let asked: Policy | null = null;
  const byType = { tcp: new Map<string, boolean>(), udp: new Map<string, boolean>() };
  return (policy, protocol, port) => {
    if (asked !== policy) {
      asked = policy;
      byType.tcp.clear();
      byType.udp.clear();
    }
    const type = policy.portType(protocol, port);
    let answer = byType[protocol].get(type);
    if (answer === undefined) {
      const query = { kind: "connect-port", source: context.source, protocol, port } as const;
      answer = decide(policy, query, context).verdict === "allowed";
      byType[protocol].set(type, answer);
    }
    return answer;
  };
}
