/** From a refused access to the fixes that are offered: candidates, replay, rank, words. */
import { memo } from "../base/memo.ts";
import type { ServiceProgram } from "../selinux/host/hostState.ts";
import type { Policy, PortRecord } from "../selinux/policy.ts";
import type { FileQuery, PeerQuery, Query, QueryOf } from "../selinux/query.ts";
import { bindPortCandidates } from "./bindPortCandidates.ts";
import { booleanCandidate } from "./boolean.ts";
import type { Candidate, FixContext } from "./candidate.ts";
import { fixOf, type CandidateFix } from "./candidateFix.ts";
import { connectPortCandidates } from "./connectPortCandidates.ts";
import { connectPeerCandidates } from "./connectPeerCandidates.ts";
import { bindSocketCandidates, connectSocketCandidates } from "./connectSocketCandidates.ts";
import { CONNECT } from "./describe.ts";
import type { Aspect } from "./describe.ts";
import type { EditCandidate } from "./edit.ts";
import { fileCandidates } from "./fileCandidates.ts";
import { fixWith, type Fix } from "./fix.ts";
import { keepBooleanCandidates, withRuntimeUndo } from "./keepBooleans.ts";
import { localPortRecords } from "./localPorts.ts";
import { SET_LIMIT } from "./purpose.ts";
import { permissionCandidates, type RefusedPermissions } from "./permissions.ts";
import { rank } from "./rank.ts";
import { answersTo, isOfferable, solves } from "./replay.ts";
import { socketConnectionCandidates } from "./socketConnection.ts";

/**
 * Fixes for a connection to a TCP port that is refused, best first. All ports of a record of the policy have the same
 * ones, each with its own port: a configuration may have a finding for every port, and a policy has some 400 records.
 */
export function connectPortFixes(context: FixContext, query: QueryOf<"connect-port">): readonly Fix[] {
  const { policy, source } = context;
  const make = (): readonly CandidateFix[] => offer(context, [query], connectPortCandidates(context, query));
  const record = sharedRecord(policy, query);
  if (record === null) return make();
  const bySource = memo(ofRecords, policy, () => new Map<string, Map<PortRecord, readonly CandidateFix[]>>());
  const known = memo(bySource, source, () => new Map<PortRecord, readonly CandidateFix[]>());
  return memo(known, record, make).map((fix) => fix.onPort(query.port));
}

const ofRecords = new WeakMap<Policy, Map<string, Map<PortRecord, readonly CandidateFix[]>>>();

/** The record that decides a port, where it is the policy's own, decides others too, and only it has a say. */
function sharedRecord(policy: Policy, { protocol, port }: QueryOf<"connect-port">): PortRecord | null {
  const record = policy.portRecord(protocol, port);
  const isAlone =
    record === null ||
    record.low === record.high ||
    policy.changes.some(({ kind }) => kind === "port") ||
    policy.definesPort(protocol, port, port) ||
    localPortRecords(policy, protocol, { low: port, high: port }).length > 0;
  return isAlone ? null : record;
}

/** Fixes for the refused ports of a `listen`, best first: a query for each run of them, in port order. */
export function bindPortFixes(context: FixContext, queries: readonly QueryOf<"bind-port">[]): readonly Fix[] {
  const [first] = queries;
  if (first === undefined) return [];
  const { protocol } = first;
  const runs = queries.map(({ port, last = port }) => ({ low: port, high: last }));
  return offer(context, queries, bindPortCandidates(context, protocol, runs), {
    cls: `${protocol}_socket`,
    permission: "name_bind",
    verb: "listen on",
    noun: "port type",
  });
}

/** Fixes for a connection to a unix socket that is refused because of a label, best first. */
export function connectSocketFixes(context: FixContext, query: QueryOf<"connect-socket">): readonly Fix[] {
  return offer(context, [query], connectSocketCandidates(context, query), WRITE_SOCKET);
}

/** Fixes for a socket that nginx may not make, best first. */
export function bindSocketFixes(context: FixContext, query: QueryOf<"bind-socket">): readonly Fix[] {
  return offer(context, [query], bindSocketCandidates(context, query), WRITE_SOCKET);
}

/** Fixes for a process that nginx may not speak to, whatever the label of its socket. `isAssumed`: it was not seen. */
export function connectPeerFixes(
  context: FixContext,
  query: PeerQuery,
  service: ServiceProgram | null,
  isAssumed = false,
): readonly Fix[] {
  return offer(context, [query], connectPeerCandidates(context, query, service, isAssumed), speakTo(query));
}

/** Fixes for a connection to a unix socket that its label refuses, and the process that listens as well, best first. */
export function socketFixes(
  context: FixContext,
  label: QueryOf<"connect-socket">,
  peer: PeerQuery,
  service: ServiceProgram | null,
  isAssumed: boolean,
): readonly Fix[] {
  const candidates = socketConnectionCandidates(context, label, peer, service, isAssumed);
  return offer(context, [label, peer], candidates, speakTo(peer));
}

/**
 * Fixes for a file or directory that nginx may not use, best first. `queries`: all of them must be answered.
 * `besideProgram`: the directory is the `public` one of a program that lies in the directory above. `answers`: those to
 * the queries, where they are known.
 */
export function fileFixes(
  context: FixContext,
  queries: readonly FileQuery[],
  besideProgram = false,
  answers = answersTo(context, queries),
): readonly Fix[] {
  const [query] = queries;
  if (query === undefined) return [];
  return offer(context, queries, fileCandidates(context, query, queries, answers, besideProgram), READ_FILES);
}

/**
 * Fixes for what is refused once booleans have their persistent values: keeping one as it runs. `context.policy` is
 * under the persistent values, `runtime` are those that differ.
 */
export function keepBooleanFixes(
  context: FixContext,
  queries: readonly Query[],
  runtime: ReadonlyMap<string, boolean>,
): readonly Fix[] {
  return withRuntimeUndo(offer(context, queries, keepBooleanCandidates(runtime)), runtime);
}

/** Fixes for limits that nginx may not raise. */
export function limitFixes(context: FixContext, query: QueryOf<"set-limit">): readonly Fix[] {
  return offer(context, [query], [booleanCandidate(context, SET_LIMIT, "boolean", "purpose")], SET_LIMITS);
}

/**
 * Fixes for permissions that no access of a configuration needs (`execmem`, a netlink socket): the booleans meant for
 * them, and a module where a rule may be given to nginx's domain. Replayed as the permissions themselves.
 */
export function permissionFixes(context: FixContext, refused: RefusedPermissions): readonly Fix[] {
  const { policy, source } = context;
  const { target, cls, permissions } = refused;
  const solved = (candidate: Candidate): boolean => {
    const after = policy.with(candidate.changes);
    return (
      isOfferable(context, candidate) &&
      permissions.every((permission) => after.check(source, target, cls, permission).verdict === "allowed")
    );
  };
  const aspect: Aspect = {
    cls,
    permission: permissions[0] ?? "",
    verb: `use ${cls} ${permissions.join(" ")} on`,
    noun: "type",
  };
  const fixes = rankedFixes(context, permissionCandidates(context, refused).filter(solved), aspect);
  // What is wrong with a file is its label, as a rule, and where no path is known none can be named.
  return cls === "file" || cls === "dir" ? fixes.map((fix) => fixWith(fix, { lastResort: true })) : fixes;
}

function speakTo({ socket }: PeerQuery): Aspect {
  return {
    ...(socket === "stream"
      ? { cls: "unix_stream_socket", permission: "connectto" }
      : { cls: "unix_dgram_socket", permission: "sendto" }),
    verb: "speak over unix sockets to processes of",
    noun: "domain",
  };
}

const WRITE_SOCKET: Aspect = { cls: "sock_file", permission: "write", verb: "write to sockets of", noun: "type" };
const READ_FILES: Aspect = { cls: "file", permission: "open", verb: "open files of", noun: "type" };
const SET_LIMITS: Aspect = { cls: "process", permission: "setrlimit", verb: "change the limits of", noun: "domain" };

/** Keeps what may be suggested, works on replay and can be written as commands, best first. */
function offer(
  context: FixContext,
  queries: readonly Query[],
  candidates: readonly Candidate[],
  aspect: Aspect = CONNECT,
): readonly CandidateFix[] {
  const working = candidates.filter(
    (candidate) => isOfferable(context, candidate) && solves(context, candidate.queries ?? queries, candidate),
  );
  return rankedFixes(context, working, aspect);
}

/** What can be written as commands, best first. */
function rankedFixes(
  { policy, source }: FixContext,
  working: readonly Candidate[],
  aspect: Aspect,
): readonly CandidateFix[] {
  return rank(working.flatMap((candidate) => fixOnce(policy, source, candidate, aspect) ?? []));
}

/**
 * An edit of the configuration as a fix; null where a word of its commands cannot be written safely. Replayed by its
 * caller, for its finding is about what the configuration says.
 */
export function editFix({ policy, source }: FixContext, candidate: EditCandidate): Fix | null {
  const fix = fixOf(policy, source, candidate, CONNECT);
  return fix === null ? null : fixWith(fix, { edit: candidate.edit });
}

/**
 * A candidate of booleans or rules alone is the same for every port of a type: one object per policy, for a
 * configuration may have as many findings as there are ports.
 */
function fixOnce(policy: Policy, source: string, candidate: Candidate, aspect: Aspect): CandidateFix | null {
  if (candidate.changes.some((change) => change.kind !== "boolean" && change.kind !== "allow"))
    return fixOf(policy, source, candidate, aspect);
  const known = memo(shared, policy, () => new Map<string, CandidateFix | null>());
  const key = `${source} ${candidate.id} ${candidate.tier} ${candidate.title} ${aspect.cls}`;
  return memo(known, key, () => fixOf(policy, source, candidate, aspect));
}

const shared = new WeakMap<Policy, Map<string, CandidateFix | null>>();
