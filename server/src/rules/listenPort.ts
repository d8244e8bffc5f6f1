/** listen-port: nginx binds to a port whose type its domain may not bind to. */
import { portRange } from "../fixes/commands.ts";
import type { Fix } from "../fixes/fix.ts";
import { bindPortFixes } from "../fixes/offer.ts";
import { whyNotRelabel, type PortRun } from "../fixes/portLabel.ts";
import { runsOf } from "../fixes/portRuns.ts";
import type { Access } from "../nginx/access.ts";
import { decide } from "../selinux/decide.ts";
import type { Policy, Protocol } from "../selinux/policy.ts";
import type { Decision, Query, QueryOf } from "../selinux/query.ts";
import { LazyVerdict } from "./lazyVerdict.ts";
import { confidence, evidence, list, releaseName, sentences } from "./phrases.ts";
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
    const [first] = queries;
    if (first?.kind !== "bind-port") return null;
    const { protocol } = first;
    const refused = refusalOf(queries, context);
    if (refused === null) return null;
    const { decision } = refused;
    const runs = runsOf(refused.queries);
    const sure = confidence(context, access, listenPort.severity, decision.exact);
    return new LazyVerdict({
      decision,
      severity: sure.severity,
      message: sentences(
        `SELinux ${sure.verb} refuse this ${isOutgoing(access) ? "local address" : "listen"}: ` +
          `${what(context, protocol, runs, decision)} on ${releaseName(context.policy.facts.info)} ` +
          `(bind() fails with "13: Permission denied" and ${isOutgoing(access) ? EACH_REQUEST : NO_START}).`,
        sure.remark,
      ),
      fixes: () => bindPortFixes(context, refused.queries),
      because: (fixes) => evidence(decision, access, ...noFix(context.policy, protocol, runs, fixes)),
    });
  },
};

const NO_START = 'nginx does not start; "nginx -t" as root passes all the same';
const EACH_REQUEST = "each request fails with 500; nginx starts";

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

/** The refused ports of a range. */
interface Refusal {
  readonly queries: readonly QueryOf<"bind-port">[];
  /** Of the first of them. */
  readonly decision: Decision;
}

/** Null where no port is refused. */
function refusalOf(queries: readonly Query[], context: RuleContext): Refusal | null {
  const refused: QueryOf<"bind-port">[] = [];
  let decision: Decision | null = null;
  for (const query of queries) {
    if (query.kind !== "bind-port") continue;
    const answer = decide(context.policy, query, context);
    if (answer.verdict !== "denied") continue;
    decision ??= answer;
    refused.push(query);
  }
  return decision === null ? null : { queries: refused, decision };
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
