/** listen-port: nginx binds to a port whose type its domain may not bind to. */
import { portRange } from "../fixes/commands.ts";
import type { Fix } from "../fixes/fix.ts";
import { bindPortFixes } from "../fixes/offer.ts";
import { whyNotRelabel } from "../fixes/portLabel.ts";
import type { Access } from "../nginx/access.ts";
import { decide } from "../selinux/decide.ts";
import { refusedPorts } from "../selinux/decidePort.ts";
import { recordRuns, type PortRun } from "../selinux/portRuns.ts";
import type { Policy, Protocol } from "../selinux/policy.ts";
import type { Decision } from "../selinux/query.ts";
import { lazyVerdict } from "./lazyVerdict.ts";
import { NO_PROOF, NO_START, refusalMessage, type Refusal as Message } from "./message.ts";
import { confidence, evidence, list } from "./phrases.ts";
import type { Asked } from "./asked.ts";
import type { RuleContext } from "./context.ts";
import type { AccessRule, Verdict } from "./rule.ts";

export const listenPort: AccessRule = {
  judges: "access",
  id: "listen-port",
  title: "Listening port that SELinux refuses",
  severity: "error",
  needsHost: false,

  judge({ access, queries }: Asked, context: RuleContext): Verdict | null {
    const [query] = queries;
    if (query?.kind !== "bind-port") return null;
    const { protocol } = query;
    const runs = refusedPorts(context.policy, query, context.localPorts);
    const [first] = runs;
    if (first === undefined) return null;
    const decision = decide(context.policy, { ...query, port: first.low, last: first.high }, context);
    const sure = confidence(context, access, listenPort.severity, decision.exact);
    return lazyVerdict({
      decision,
      severity: sure.severity,
      message: () =>
        refusalMessage(
          { ...portsInWords(access, protocol, runs, decision, context.policy), ...seen(access) },
          sure,
          context.policy.facts.info,
        ),
      fixes: () =>
        bindPortFixes(
          context,
          runs.map(({ low, high }) => ({ ...query, port: low, last: high })),
        ),
      because: (fixes) => evidence(decision, access, ...noFix(context.policy, protocol, runs, fixes)),
    });
  },
};

/** What is refused, and what a user sees of it. */
function seen(access: Access): Pick<Message, "act" | "consequence" | "advice"> {
  return isOutgoing(access)
    ? { act: "binding", consequence: access.fails ?? "requests get 500" }
    : { act: "listening", consequence: NO_START, advice: [NO_PROOF] };
}

/** True for `proxy_bind`, which a worker binds for each request. */
function isOutgoing(access: Access): boolean {
  return access.kind === "bind" && access.protocol !== "unix" && access.outgoing === true;
}

/** A listen has no fix but the label, and some ports must keep theirs. */
function noFix(policy: Policy, protocol: Protocol, runs: readonly PortRun[], fixes: readonly Fix[]): readonly string[] {
  if (fixes.length > 0) return [];
  const reasons = runs.flatMap((run) => whyNotRelabel(policy, protocol, run) ?? []);
  return [...new Set(reasons)].map((reason) => `${reason}: listen on another port`);
}

/** The port or range that is listened on; of a range, the ports that are refused and their types. */
function portsInWords(
  access: Access,
  protocol: Protocol,
  runs: readonly PortRun[],
  decision: Decision,
  policy: Policy,
): Pick<Message, "target" | "label"> {
  const [first] = runs;
  const label = decision.target ?? "unknown";
  if (access.kind !== "bind" || access.protocol === "unix" || first === undefined) return { target: protocol, label };
  const { port, lastPort } = access;
  if (port === lastPort) return { target: `${protocol} port ${port}`, label };
  const shown = runs.slice(0, MOST_RUNS).map((run) => portRange(run.low, run.high));
  const more = runs.length > MOST_RUNS ? [`${runs.length - MOST_RUNS} more`] : [];
  const types = new Set(runs.slice(0, MOST_RUNS).flatMap((run) => typesOf(policy, protocol, run)));
  const names = [...types].slice(0, MOST_TYPES);
  return {
    target: `${protocol} ports ${port}-${lastPort}`,
    label: `${list([...shown, ...more])}: ${names.join(", ")}${types.size > MOST_TYPES ? ", ..." : ""}`,
  };
}

const MOST_RUNS = 3;
const MOST_TYPES = 2;

/** The types of the ports of a run, each once. */
function typesOf(policy: Policy, protocol: Protocol, { low, high }: PortRun): readonly string[] {
  return [...new Set(recordRuns(policy, protocol, low, high).map(({ type }) => type))];
}
