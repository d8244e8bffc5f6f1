/** The proof that a candidate helps: its changes on a copy of the policy, and the same question again. */
import { decide } from "../selinux/decide.ts";
import type { Change, Policy, Protocol } from "../selinux/policy.ts";
import type { Decision, Query, QueryOf } from "../selinux/query.ts";
import { moduleOf } from "./module.ts";
import { isNeverOffered } from "./purpose.ts";
import type { Candidate, FixContext } from "./candidate.ts";

/** The answers to some questions as things are. */
export function answersTo(context: FixContext, queries: readonly Query[]): readonly Decision[] {
  return queries.map((query) => decide(context.policy, query, context));
}

/** True where every question is answered `allowed` after the candidate's changes. */
export function solves(context: FixContext, queries: readonly Query[], candidate: Pick<Candidate, "changes">): boolean {
  const { policy } = context;
  const [only] = queries;
  if (only?.kind === "connect-port" && queries.length === 1 && candidate.changes.every(isOfPorts)) {
    return connectSolved(context, only, candidate.changes);
  }
  const after = policy.with(candidate.changes);
  return queries.every((query) => decide(after, query, context).verdict === "allowed");
}

/**
 * Replays a connection once per domain, type of the port, and changes to booleans and rules. A connection is decided by nothing
 * else, and a configuration may hold every port there is: replaying each of them anew costs seconds.
 */
function connectSolved(context: FixContext, query: QueryOf<"connect-port">, changes: readonly Change[]): boolean {
  const { policy } = context;
  const { source, protocol, port } = query;
  const known = replayed.get(policy) ?? new Map<string, boolean>();
  replayed.set(policy, known);
  const key = replayKey(source, protocol, typeAfter(policy, protocol, port, changes), changes);
  let solved = known.get(key);
  if (solved === undefined) {
    solved = decide(policy.with(changes), query, context).verdict === "allowed";
    known.set(key, solved);
  }
  return solved;
}

function isOfPorts(change: Change): boolean {
  return change.kind === "port" || change.kind === "boolean" || change.kind === "allow";
}

const replayed = new WeakMap<Policy, Map<string, boolean>>();

function replayKey(source: string, protocol: Protocol, type: string, changes: readonly Change[]): string {
  let key = `${source} ${protocol} ${type}`;
  for (const change of changes) {
    if (change.kind === "boolean") key += ` ${change.name}=${change.value}`;
    else if (change.kind === "allow") key += ` ${change.source}>${change.target}:${change.cls}:${change.permission}`;
  }
  return key;
}

function typeAfter(policy: Policy, protocol: Protocol, port: number, changes: readonly Change[]): string {
  const label = changes.findLast(
    (change) => change.kind === "port" && change.protocol === protocol && change.low <= port && port <= change.high,
  );
  return label?.kind === "port" ? label.type : policy.portType(protocol, port);
}

/** True where a candidate touches nothing that must never be suggested and nothing that the policy does not have. */
export function isOfferable(context: FixContext, candidate: Pick<Candidate, "changes">): boolean {
  const { policy } = context;
  return candidate.changes.every((change) => {
    switch (change.kind) {
      case "boolean":
        return policy.booleans.has(change.name) && !isNeverOffered(change.name);
      case "restore":
        return true;
      case "allow":
        return moduleOf([change]) !== null;
      case "port":
      case "fileContext":
      case "label":
        // Null: the table cannot tell; the types used here are real in every release.
        return policy.facts.resolveType(change.type) !== undefined;
    }
  });
}
