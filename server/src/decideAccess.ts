/** The decision for any access, allowed ones included: what `--all` lists and a hover shows. */
import type { Access } from "./nginx/access.ts";
import type { RuleContext } from "./rules/rule.ts";
import { decide } from "./selinux/decide.ts";
import type { Decision, Query } from "./selinux/query.ts";

/** Decides accesses; equal ones are decided once. */
export function createDecider(context: RuleContext): (access: Access) => Decision {
  const known = new Map<string, Decision>();
  const ask = (query: Query): Decision => decide(context.policy, query, context);
  return (access) => {
    const key = keyOf(access);
    let decision = known.get(key);
    if (decision === undefined) {
      decision = decideAccess(access, context.source, ask);
      known.set(key, decision);
    }
    return decision;
  };
}

function keyOf(access: Access): string {
  const target = access.protocol === "unix" ? access.path : access.port;
  const last = access.kind === "bind" && access.protocol !== "unix" ? access.lastPort : null;
  return `${access.kind} ${access.protocol} ${target} ${last} ${access.certainty} ${access.reason ?? ""}`;
}

function decideAccess(access: Access, source: string, ask: (query: Query) => Decision): Decision {
  if (access.certainty === "unknown") return undecided(access.reason ?? "the target is not known");
  if (access.protocol === "unix") return socket(access.kind, access.path, source, ask);
  const { port, protocol } = access;
  if (port === null) return undecided(access.reason ?? "the port is not known");
  if (access.kind === "connect") return ask({ kind: "connect-port", source, protocol, port });
  const last = Math.min(access.lastPort ?? port, 65535);
  return decideRange(source, protocol, port, last, ask);
}

function socket(kind: Access["kind"], path: string | null, source: string, ask: (query: Query) => Decision): Decision {
  if (path === null) return undecided("the path of the socket is not known");
  if (kind === "bind") return undecided("listening on a unix socket is not judged in this version");
  return ask({ kind: "connect-socket", source, path });
}

/** A range is refused where one of its ports is, and known where all are. */
function decideRange(
  source: string,
  protocol: "tcp" | "udp",
  first: number,
  last: number,
  ask: (query: Query) => Decision,
): Decision {
  let result = ask({ kind: "bind-port", source, protocol, port: first });
  for (let port = first + 1; port <= last && result.verdict !== "denied"; port++) {
    const next = ask({ kind: "bind-port", source, protocol, port });
    if (next.verdict !== "allowed") result = next;
  }
  return result;
}

function undecided(reason: string): Decision {
  return {
    verdict: "unknown",
    target: null,
    cls: null,
    permission: null,
    evidence: [],
    flips: [],
    exact: false,
    because: [reason],
  };
}
