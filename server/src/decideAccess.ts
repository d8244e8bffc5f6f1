/** The decision for any access, allowed ones included: what `--all` lists and a hover shows. */
import { accessWords } from "./accessWords.ts";
import type { Access } from "./nginx/access.ts";
import { fileQuery } from "./rules/fileAccess.ts";
import type { RuleContext } from "./rules/rule.ts";
import { decide } from "./selinux/decide.ts";
import type { Decision, Query } from "./selinux/query.ts";

/** Decides accesses; equal ones are decided once. */
export function createDecider(context: RuleContext): (access: Access) => Decision {
  const known = new Map<string, Decision>();
  return (access) => {
    const key = keyOf(access);
    let decision = known.get(key);
    if (decision === undefined) {
      decision = decideAccess(access, context);
      known.set(key, decision);
    }
    return decision;
  };
}

function keyOf(access: Access): string {
  const { verb, what, name } = accessWords(access);
  const use = access.protocol === "file" ? access.use : "";
  return `${verb} ${what} ${name} ${use} ${access.certainty} ${access.reason ?? ""}`;
}

/** A range of ports is refused where one of them is, and known where all are. */
function decideAccess(access: Access, context: RuleContext): Decision {
  if (access.certainty === "unknown") return undecided(access.reason ?? "the target is not known");
  let result: Decision | null = null;
  for (const query of queriesOf(access, context)) {
    const next = decide(context.policy, query, context);
    if (next.verdict === "denied") return next;
    if (result === null || next.verdict === "unknown") result = next;
  }
  return result ?? undecided(access.reason ?? "the target is not known");
}

/** The questions that an access puts to the policy; none where its target is not known. */
function* queriesOf(access: Access, context: RuleContext): Generator<Query, void> {
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
      yield { kind: access.kind === "bind" ? "bind-socket" : "connect-socket", source, path: access.path };
      return;
    case "file": {
      const query = fileQuery(access, context);
      if (query !== null) yield query;
      return;
    }
    case "process":
      yield { kind: "set-limit", source };
  }
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
