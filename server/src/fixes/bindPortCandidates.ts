/** Candidates for a refused `listen` on a port or on ports of a range. */
import type { Policy, Protocol } from "../selinux/policy.ts";
import { recordRuns } from "../selinux/portRuns.ts";
import type { Candidate, FixContext, Tier } from "./candidate.ts";
import { moduleCandidate } from "./moduleCandidate.ts";
import { isClaimed, mayRelabel, relabelNotes, relabelTitle, takesFromDaemon, webPortChange } from "./portLabel.ts";
import type { PortRun } from "./portLabel.ts";
import { WEB_PORT_TYPE } from "./purpose.ts";

/**
 * The usual way to let the web server listen: the label. No boolean that is meant for it opens a `name_bind`, and the
 * network-connect booleans do nothing for one. A rule on the present type leaves the port with its service: it comes first
 * where a daemon needs the port as it is. `denied` are the refused runs of the range, in port order.
 */
export function bindPortCandidates(
  context: FixContext,
  protocol: Protocol,
  denied: readonly PortRun[],
): readonly Candidate[] {
  const { policy } = context;
  const runs = joined(policy, protocol, denied);
  const first = runs[0];
  if (first === undefined || !runs.every((run) => mayRelabel(policy, protocol, run))) return [];
  const isOne = runs.length === 1 && first.low === first.high;
  const takes = runs.some((run) => takesFromDaemon(policy, protocol, run));
  return [
    ...(isOne && (takes || isClaimed(policy, protocol, first.low))
      ? [moduleFor(context, protocol, first.low, takes ? "module" : "module-wider")]
      : []),
    {
      id: "label-port",
      tier: takes ? "taking" : "label",
      title:
        runs.length === 1
          ? relabelTitle(policy, protocol, first)
          : `Label the refused ${protocol} ports of this range ${WEB_PORT_TYPE}`,
      changes: runs.map((run) => webPortChange(protocol, run)),
      restore: null,
      durable: true,
      notes: () => [...new Set(runs.flatMap((run) => relabelNotes(policy, protocol, run)))],
    },
  ];
}

function moduleFor(context: FixContext, protocol: Protocol, port: number, tier: Tier): Candidate {
  const type = context.policy.portType(protocol, port);
  return moduleCandidate(
    context,
    [{ target: type, cls: `${protocol}_socket`, permission: "name_bind" }],
    tier,
    `Allow listening on ports of ${type} by a policy module`,
    "The port keeps its label, so no service loses it.",
  );
}

/**
 * One record instead of several where everything between the refused runs has the web label already: each `semanage`
 * call takes ten seconds, and a record over ports of the same label changes nothing for them.
 */
function joined(policy: Policy, protocol: Protocol, denied: readonly PortRun[]): readonly PortRun[] {
  const merged: PortRun[] = [];
  for (const run of denied) {
    const last = merged.at(-1);
    if (last !== undefined && allWeb(policy, protocol, last.high + 1, run.low - 1)) {
      merged[merged.length - 1] = { low: last.low, high: run.high };
    } else {
      merged.push(run);
    }
  }
  return merged;
}

function allWeb(policy: Policy, protocol: Protocol, low: number, high: number): boolean {
  return low > high || recordRuns(policy, protocol, low, high).every(({ type }) => type === WEB_PORT_TYPE);
}
