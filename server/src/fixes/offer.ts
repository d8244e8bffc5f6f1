/** From a refused access to the fixes that are offered: candidates, replay, rank, words. */
import type { Protocol } from "../selinux/policy.ts";
import type { Query } from "../selinux/query.ts";
import { bindPortCandidates } from "./bindPort.ts";
import type { Candidate, FixContext } from "./candidate.ts";
import { commandsFor } from "./commands.ts";
import { connectPortCandidates } from "./connectPort.ts";
import { connectSocketCandidates } from "./connectSocket.ts";
import { opening } from "./describe.ts";
import type { Fix } from "./fix.ts";
import type { PortRun } from "./portLabel.ts";
import { preferredIndex, rank } from "./rank.ts";
import { isOfferable, solves } from "./replay.ts";

/** Fixes for a connection to a TCP port that is refused, best first. */
export function connectPortFixes(context: FixContext, protocol: Protocol, port: number): readonly Fix[] {
  const query: Query = { kind: "connect-port", source: context.source, protocol, port };
  return offer(context, [query], connectPortCandidates(context, protocol, port));
}

/** Fixes for the refused ports of a `listen`, best first. `denied` are runs in port order, each port of them refused. */
export function bindPortFixes(context: FixContext, protocol: Protocol, denied: readonly PortRun[]): readonly Fix[] {
  const queries: Query[] = [];
  for (const run of denied) {
    for (let port = run.low; port <= run.high; port++) {
      queries.push({ kind: "bind-port", source: context.source, protocol, port });
    }
  }
  return offer(context, queries, bindPortCandidates(context.policy, protocol, denied));
}

/** Fixes for a connection to a unix socket that is refused because of a label, best first. */
export function connectSocketFixes(context: FixContext, path: string): readonly Fix[] {
  const query: Query = { kind: "connect-socket", source: context.source, path };
  return offer(context, [query], connectSocketCandidates(context, path));
}

/** Keeps what may be suggested, works on replay and can be written as commands; ranks it; marks the one to offer first. */
function offer(context: FixContext, queries: readonly Query[], candidates: readonly Candidate[]): readonly Fix[] {
  const { policy, source } = context;
  const working = candidates.flatMap((candidate) => {
    if (!isOfferable(context, candidate) || !solves(context, queries, candidate)) return [];
    const commands = commandsFor(policy, candidate.changes, candidate.restore);
    if (!commands.ok) return [];
    const { types, text } = opening(policy, source, candidate.changes);
    return [{ candidate, opened: types.length, text, commands: commands.run, undo: commands.undo }];
  });
  const ranked = rank(working);
  const preferred = preferredIndex(ranked);
  return ranked.map(({ candidate, text, commands, undo }, index) => ({
    id: candidate.id,
    title: candidate.title,
    commands,
    undo,
    durable: candidate.durable,
    preferred: index === preferred,
    opens: [text, ...candidate.notes].filter((sentence) => sentence !== "").join(" "),
    changes: candidate.changes,
  }));
}
