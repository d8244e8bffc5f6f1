/** From a refused access to the fixes that are offered: candidates, replay, rank, words. */
import { briefly } from "./briefly.ts";
import type { ServiceProgram } from "../selinux/host/hostState.ts";
import type { Policy } from "../selinux/policy.ts";
import type { FileQuery, PeerQuery, Query, QueryOf } from "../selinux/query.ts";
import { bindPortCandidates } from "./bindPortCandidates.ts";
import { booleanCandidate } from "./boolean.ts";
import type { Candidate, FixContext } from "./candidate.ts";
import { commandsFor } from "./commands.ts";
import { connectPortCandidates } from "./connectPortCandidates.ts";
import { connectPeerCandidates } from "./connectPeerCandidates.ts";
import { bindSocketCandidates, connectSocketCandidates } from "./connectSocketCandidates.ts";
import { CONNECT, opening } from "./describe.ts";
import type { Aspect } from "./describe.ts";
import type { EditCandidate } from "./edit.ts";
import { fileCandidates } from "./fileCandidates.ts";
import type { Fix } from "./fix.ts";
import { keepBooleanCandidates, withRuntimeUndo } from "./keepBooleans.ts";
import { moduleOf } from "./module.ts";
import { runsOf } from "./portRuns.ts";
import { SET_LIMIT } from "./purpose.ts";
import { permissionCandidates, type RefusedPermissions } from "./permissions.ts";
import { rank } from "./rank.ts";
import type { Ranked } from "./rank.ts";
import { isOfferable, solves } from "./replay.ts";
import { socketConnectionCandidates } from "./socketConnection.ts";

/** Fixes for a connection to a TCP port that is refused, best first. */
export function connectPortFixes(context: FixContext, query: QueryOf<"connect-port">): readonly Fix[] {
  return offer(context, [query], connectPortCandidates(context, query));
}

/** Fixes for the refused ports of a `listen`, best first: one query for each of them, in port order. */
export function bindPortFixes(context: FixContext, queries: readonly QueryOf<"bind-port">[]): readonly Fix[] {
  const [first] = queries;
  if (first === undefined) return [];
  const { protocol } = first;
  return offer(context, queries, bindPortCandidates(context, protocol, runsOf(queries)), {
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

/** Fixes for a process that nginx may not speak to, whatever the label of its socket. */
export function connectPeerFixes(
  context: FixContext,
  query: PeerQuery,
  service: ServiceProgram | null,
): readonly Fix[] {
  return offer(context, [query], connectPeerCandidates(context, query, service), speakTo(query));
}

/** Fixes for a connection to a unix socket that its label refuses, and the process that listens as well, best first. */
export function socketFixes(
  context: FixContext,
  label: QueryOf<"connect-socket">,
  peer: PeerQuery,
  service: ServiceProgram | null,
): readonly Fix[] {
  const candidates = socketConnectionCandidates(context, label, peer, service);
  return offer(context, [label, peer], candidates, speakTo(peer));
}

/**
 * Fixes for a file or directory that nginx may not use, best first. `queries`: all of them must be answered.
 * `besideProgram`: the directory is the `public` one of a program that lies in the directory above.
 */
export function fileFixes(context: FixContext, queries: readonly FileQuery[], besideProgram = false): readonly Fix[] {
  const [query] = queries;
  if (query === undefined) return [];
  return offer(context, queries, fileCandidates(context, query, queries, besideProgram), READ_FILES);
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
  return cls === "file" || cls === "dir" ? fixes.map((fix) => ({ ...fix, lastResort: true })) : fixes;
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
): readonly Fix[] {
  const working = candidates.filter(
    (candidate) => isOfferable(context, candidate) && solves(context, candidate.queries ?? queries, candidate),
  );
  return rankedFixes(context, working, aspect);
}

/** What can be written as commands, best first. */
function rankedFixes(context: FixContext, working: readonly Candidate[], aspect: Aspect): readonly Fix[] {
  const { policy, source } = context;
  return rank(working.flatMap((candidate) => writtenOnce(policy, source, candidate, aspect) ?? [])).map(
    ({ fix }) => fix,
  );
}

/**
 * An edit of the configuration as a fix; null where a word of its commands cannot be written safely. Replayed by its
 * caller, for its finding is about what the configuration says.
 */
export function editFix({ policy, source }: FixContext, candidate: EditCandidate): Fix | null {
  const found = written(policy, source, candidate, CONNECT);
  return found === null ? null : { ...found.fix, edit: candidate.edit };
}

interface Written extends Ranked {
  readonly fix: Fix;
}

/**
 * A candidate of booleans or rules alone is the same for every port of a type: one object per policy, for a configuration may have as many
 * findings as there are ports.
 */
function writtenOnce(policy: Policy, source: string, candidate: Candidate, aspect: Aspect): Written | null {
  if (candidate.changes.some((change) => change.kind !== "boolean" && change.kind !== "allow")) {
    return written(policy, source, candidate, aspect);
  }
  const known = shared.get(policy) ?? new Map<string, Written | null>();
  shared.set(policy, known);
  const key = `${source} ${candidate.id} ${candidate.tier} ${candidate.title} ${aspect.cls}`;
  let found = known.get(key);
  if (found === undefined) {
    found = written(policy, source, candidate, aspect);
    known.set(key, found);
  }
  return found;
}

const shared = new WeakMap<Policy, Map<string, Written | null>>();

/** The candidate in words and commands; null where a word of them cannot be written safely. */
export function written(policy: Policy, source: string, candidate: Candidate, aspect: Aspect): Written | null {
  const commands = commandsFor(policy, candidate);
  if (!commands.ok) return null;
  const { id, tier, title, durable, changes, restore, copy, restartUnit, warning, notes } = candidate;
  const { types, text } = opening(policy, source, changes, aspect);
  const module = moduleOf(changes);
  const opens = [warning ?? "", text, ...notes].filter((sentence) => sentence !== "").join(" ");
  const fix: Fix = {
    id,
    tier,
    title,
    commands: commands.run,
    undo: commands.undo,
    durable,
    opens,
    opensBriefly: briefly(policy, candidate, types, aspect),
    changes,
    restore,
    ...(module === null ? {} : { module }),
    ...(copy === undefined ? {} : { copy }),
    ...(restartUnit === undefined ? {} : { restartUnit }),
  };
  return { candidate, opened: types.length, commands: commands.run, fix };
}
