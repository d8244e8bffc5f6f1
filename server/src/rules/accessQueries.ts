/** Accesses as questions to the policy. */
import type { Access, LimitAccess } from "../nginx/access.ts";
import { decide } from "../selinux/decide.ts";
import type { Policy } from "../selinux/policy.ts";
import type { Decision, Query } from "../selinux/query.ts";
import { fileQuery } from "./fileAccess.ts";
import { realPath } from "./realPath.ts";
import type { RuleContext } from "./rule.ts";

/** The questions that an access puts to the policy; none where its target is not known. */
export function* queriesOf(access: Access, context: RuleContext): Generator<Query, void> {
  const { source } = context;
  switch (access.protocol) {
    case "tcp":
    case "udp": {
      const { port, protocol } = access;
      if (port === null) return;
      if (access.kind === "connect") yield { kind: "connect-port", source, protocol, port };
      else
        for (let each = port; each <= Math.min(access.lastPort ?? port, 65535); each++)
          yield { kind: "bind-port", source, protocol, port: each };
      return;
    }
    case "unix":
      if (access.path === null) return;
      yield {
        kind: access.kind === "bind" ? "bind-socket" : "connect-socket",
        source,
        path: realPath(access.path, context),
      };
      return;
    case "file": {
      const query = fileQuery(access, context);
      if (query !== null) yield query;
      return;
    }
    case "process":
      yield limitQuery(access, context);
  }
}

/** A limit that is set already changes nothing: workers inherit the hard limits of their master. */
export function limitQuery({ resource, amount }: LimitAccess, { source, host }: RuleContext): Query {
  const isSet =
    amount !== null && host !== null && host.nginx.domain !== null && host.nginx.hardLimits?.[resource] === amount;
  return { kind: "set-limit", source, isSet };
}

/** The first decision of some queries under a policy that is not `allowed`; null where all are. */
export function firstRefusal(policy: Policy, queries: readonly Query[], context: RuleContext): Decision | null {
  for (const query of queries) {
    const decision = decide(policy, query, context);
    if (decision.verdict !== "allowed") return decision;
  }
  return null;
}

/** Of two accesses with equal keys each query is equal. */
export function accessKey(access: Access): string {
  const what = `${access.kind} ${access.protocol} ${access.certainty}`;
  switch (access.protocol) {
    case "tcp":
    case "udp":
      return `${what} ${access.port} ${access.kind === "bind" ? access.lastPort : ""}`;
    case "unix":
      return `${what} ${access.path}`;
    case "file":
      return `${what} ${access.use} ${access.object} ${access.path} ${access.below}`;
    default:
      return `${what} ${access.resource} ${access.amount}`;
  }
}
