/** Accesses as questions to the policy: the one place where they are made. */
import type { Access, BindPort, LimitAccess } from "../nginx/access.ts";
import { decide } from "../selinux/decide.ts";
import type { Policy } from "../selinux/policy.ts";
import type { Decision, Query } from "../selinux/query.ts";
import type { PolicyContext } from "./context.ts";
import { fileQueries } from "./fileQueries.ts";
import { realPath } from "./realPath.ts";
import { isFastcgi, isSocketConnect } from "./sockets.ts";

/**
 * The questions that an access puts to the policy, which must all be answered `allowed`; none where its target is not
 * known. The process at the other end of a socket is another question: see `peerOf`.
 */
export function queriesOf(access: Access, context: PolicyContext): readonly Query[] {
  const { source } = context;
  if (access.protocol === "file") return fileQueries(access, context);
  if (access.certainty === "unknown") return [];
  switch (access.protocol) {
    case "tcp":
    case "udp": {
      const { port, protocol } = access;
      if (port === null) return [];
      return access.kind === "bind"
        ? [bindQuery(access, port, source)]
        : [{ kind: "connect-port", source, protocol, port }];
    }
    case "unix": {
      if (access.path === null) return [];
      const path = realPath(access.path, context);
      return [{ kind: access.kind === "bind" ? "bind-socket" : "connect-socket", source, path }];
    }
    case "process":
      return [
        access.kind === "limit" ? limitQuery(access, context) : { kind: "use-right", source, right: access.right },
      ];
  }
}

const LAST_PORT = 65535;

function bindQuery({ protocol, lastPort }: BindPort, port: number, source: string): Query {
  const last = Math.min(lastPort ?? port, LAST_PORT);
  return { kind: "bind-port", source, protocol, port, ...(last > port ? { last } : {}) };
}

/** A limit that is set already changes nothing: workers inherit the hard limits of their master. */
function limitQuery({ resource, amount }: LimitAccess, { source, host }: PolicyContext): Query {
  const isSet =
    amount !== null && host !== null && host.nginx.domain !== null && host.nginx.hardLimits?.[resource] === amount;
  return { kind: "set-limit", source, isSet };
}

/** The first decision of some queries under a policy that is not `allowed`; null where all are. */
export function firstRefusal(policy: Policy, queries: readonly Query[], context: PolicyContext): Decision | null {
  for (const query of queries) {
    const decision = decide(policy, query, context);
    if (decision.verdict !== "allowed") return decision;
  }
  return null;
}

/** Everything that queries and verdicts depend on in an access, its place apart: equal keys, equal verdicts. */
export function accessKey(access: Access): string {
  const key = targetKey(access) + certaintyKey(access);
  return hasName(access) ? key : `${key} ${access.directive}`;
}

/** False where messages name the directive, for want of a target; each limit has a directive of its own. */
function hasName(access: Access): boolean {
  switch (access.protocol) {
    case "tcp":
    case "udp":
      return access.port !== null;
    case "unix":
    case "file":
      return access.path !== null;
    case "process":
      return access.kind === "limit";
  }
}

/** Short for the usual case, because there are many. */
function targetKey(access: Access): string {
  switch (access.protocol) {
    case "tcp":
    case "udp":
      if (access.kind === "connect") return `${access.protocol} ${access.port}`;
      return `${access.outgoing === true ? "outgoing" : "bind"} ${access.protocol} ${access.port} ${access.lastPort === access.port ? "" : access.lastPort}`;
    case "unix":
      if (!isSocketConnect(access)) return `bind ${access.path}`;
      return `${isFastcgi(access) ? "fastcgi " : ""}${access.socket} ${access.path}`;
    case "file": {
      const { kind, use, object, path, below, by, besideProgram, from } = access;
      return `${kind} ${use} ${from === undefined ? "" : `from ${from} `}${besideProgram === true ? "beside " : ""}${object} ${by} ${path === null ? `${below}/*` : path}`;
    }
    case "process":
      return access.kind === "limit" ? `limit ${access.resource} ${access.amount}` : `right ${access.right}`;
  }
}

function certaintyKey({ certainty, unchecked, reason, fails }: Access): string {
  const failing = fails === undefined ? "" : ` ${fails}`;
  if (certainty === "certain") return failing;
  return `${failing} ${certainty}${unchecked === true ? " unchecked" : ""} ${reason ?? ""}`;
}
