/** Candidates for a refused `listen` on a port or on ports of a range. */
import { decide } from "../selinux/decide.ts";
import { ADDRESS_TYPE, refusedAddress } from "../selinux/decidePort.ts";
import type { Policy, Protocol } from "../selinux/policy.ts";
import { recordRuns, type PortRun } from "../selinux/portRuns.ts";
import type { Candidate, FixContext, Tier } from "./candidate.ts";
import { moduleCandidate } from "./moduleCandidate.ts";
import { isClaimed, mayRelabel, relabelNotes, relabelTitle, takesFromDaemon, webPortChange } from "./portLabel.ts";
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
  const { policy, source } = context;
  const runs = joined(policy, protocol, denied);
  const first = runs[0];
  if (refusedAddress(policy, source, protocol) !== null) return addressCandidates(context, protocol, runs);
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
      title: labelTitle(policy, protocol, runs) ?? "",
      changes: runs.map((run) => webPortChange(protocol, run)),
      restore: null,
      durable: true,
      notes: () => [...new Set(runs.flatMap((run) => relabelNotes(policy, protocol, run)))],
    },
  ];
}

/**
 * Where the domain may bind to no address, a module has to allow that. Ports that are checked get the web server's label,
 * which the module opens where the policy does not.
 */
function addressCandidates(context: FixContext, protocol: Protocol, runs: readonly PortRun[]): readonly Candidate[] {
  const { policy, source } = context;
  const cls = `${protocol}_socket`;
  const refused = runs.filter(({ low }) => isRefusedByName(context, protocol, low));
  const relabelled = refused.filter(({ low, high }) => !allWeb(policy, protocol, low, high));
  if (!relabelled.every((run) => mayRelabel(policy, protocol, run))) return [];
  const needsRule = refused.length > 0 && policy.check(source, WEB_PORT_TYPE, cls, "name_bind").verdict !== "allowed";
  const rules = [
    ...(needsRule ? [{ target: WEB_PORT_TYPE, cls, permission: "name_bind" }] : []),
    { target: ADDRESS_TYPE, cls, permission: "node_bind" },
  ];
  const title = `listening over ${protocol.toUpperCase()} by a policy module`;
  const label = labelTitle(policy, protocol, relabelled);
  const module = moduleCandidate(
    context,
    rules,
    "module-wider",
    label === null ? `Allow ${title}` : `${label} and allow ${title}`,
    ...new Set(relabelled.flatMap((run) => relabelNotes(policy, protocol, run))),
  );
  return [{ ...module, changes: [...relabelled.map((run) => webPortChange(protocol, run)), ...module.changes] }];
}

/** Null for no runs. */
function labelTitle(policy: Policy, protocol: Protocol, [first, ...others]: readonly PortRun[]): string | null {
  if (first === undefined) return null;
  return others.length === 0
    ? relabelTitle(policy, protocol, first)
    : `Label the refused ${protocol} ports of this range ${WEB_PORT_TYPE}`;
}

/** True where the port itself is refused, not only the address. */
function isRefusedByName({ policy, source, localPorts }: FixContext, protocol: Protocol, port: number): boolean {
  const { evidence } = decide(policy, { kind: "bind-port", source, protocol, port }, { localPorts });
  return evidence.some(({ permission, result }) => permission === "name_bind" && result.verdict === "denied");
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
