/** listen-port: nginx binds to a port whose type its domain may not bind to. */
import { portRange } from "../fixes/commands.ts";
import type { Fix } from "../fixes/fix.ts";
import { bindPortFixes } from "../fixes/offer.ts";
import { whyNotRelabel, type PortRun } from "../fixes/portLabel.ts";
import type { Access, BindPort } from "../nginx/access.ts";
import { decide } from "../selinux/decide.ts";
import type { Policy, Protocol } from "../selinux/policy.ts";
import type { Decision } from "../selinux/query.ts";
import { LazyVerdict } from "./lazyVerdict.ts";
import { certaintyKey, confidence, evidence, list, releaseName, sentences } from "./phrases.ts";
import type { AccessRule, RuleContext, Verdict } from "./rule.ts";

export const listenPort: AccessRule = {
  judges: "access",
  id: "listen-port",
  title: "Listening port that SELinux refuses",
  severity: "error",
  needsHost: false,

  appliesTo: isBindPort,

  targetKey(access: Access): string {
    if (!isBindPort(access)) return "";
    const { protocol, port, lastPort } = access;
    return `${protocol} ${port} ${lastPort === port ? "" : lastPort}${certaintyKey(access)}`;
  },

  judge(access: Access, context: RuleContext): Verdict | null {
    if (!isBindPort(access) || access.port === null || access.certainty === "unknown") return null;
    const { protocol, port } = access;
    const last = Math.min(access.lastPort ?? port, LAST_PORT);
    const { runs, decision } = deniedRuns(context, protocol, port, last);
    if (decision === null) return null;
    const sure = confidence(context, access, listenPort.severity, decision.exact);
    return new LazyVerdict({
      decision,
      severity: sure.severity,
      message: sentences(
        `SELinux ${sure.verb} refuse this listen: ${what(context, protocol, runs, decision)} on ` +
          `${releaseName(context.policy.facts.info)} (bind() fails with "13: Permission denied" and nginx does not start;` +
          ` "nginx -t" as root passes all the same).`,
        sure.remark,
      ),
      fixes: () => bindPortFixes(context, protocol, runs),
      because: (fixes) => evidence(decision, access, ...noFix(context.policy, protocol, runs, fixes)),
    });
  },
};

/** A listen has no fix but the label, and some ports must keep theirs. */
function noFix(policy: Policy, protocol: Protocol, runs: readonly PortRun[], fixes: readonly Fix[]): readonly string[] {
  if (fixes.length > 0) return [];
  const reasons = runs.flatMap((run) => whyNotRelabel(policy, protocol, run) ?? []);
  return [...new Set(reasons)].map((reason) => `${reason}: listen on another port`);
}

const LAST_PORT = 65535;

function isBindPort(access: Access): access is BindPort {
  return access.kind === "bind" && access.protocol !== "unix";
}

/** The refused ports of a range as runs, in port order, and the decision of the first of them. */
function deniedRuns(
  context: RuleContext,
  protocol: Protocol,
  first: number,
  last: number,
): { readonly runs: readonly PortRun[]; readonly decision: Decision | null } {
  const { policy, source } = context;
  const runs: PortRun[] = [];
  let decision: Decision | null = null;
  for (let port = first; port <= last; port++) {
    const answer = decide(policy, { kind: "bind-port", source, protocol, port }, context);
    if (answer.verdict !== "denied") continue;
    decision ??= answer;
    const run = runs.at(-1);
    if (run?.high === port - 1) runs[runs.length - 1] = { low: run.low, high: port };
    else runs.push({ low: port, high: port });
  }
  return { runs, decision };
}

function what(context: RuleContext, protocol: Protocol, runs: readonly PortRun[], decision: Decision): string {
  const { policy, source } = context;
  const first = runs[0];
  if (runs.length === 1 && first !== undefined && first.low === first.high) {
    return `${protocol} port ${first.low} is labelled ${decision.target ?? "unknown"} and ${source} may not bind to it`;
  }
  const shown = runs
    .slice(0, MAX_RUNS)
    .map((run) => `${portRange(run.low, run.high)} (${typesOf(policy, protocol, run)})`);
  const more = runs.length > MAX_RUNS ? [`${runs.length - MAX_RUNS} more runs`] : [];
  return `${source} may not bind to ${protocol} ports ${list([...shown, ...more])}`;
}

const MAX_RUNS = 5;

function typesOf(policy: Policy, protocol: Protocol, run: PortRun): string {
  const types = new Set<string>();
  for (let port = run.low; port <= run.high; port++) types.add(policy.portType(protocol, port));
  const names = [...types];
  return names.length > MAX_TYPES ? `${names.slice(0, MAX_TYPES).join(", ")}, ...` : names.join(", ");
}

const MAX_TYPES = 3;
