/** What is allowed now and must still be when a plan is carried out. */
import type { Analysis } from "../analysis/analysis.ts";
import type { Evaluator } from "../analysis/evaluator.ts";
import { createPortAnswers } from "../fixes/portAnswers.ts";
import { pathOfSpec } from "../fixes/regex.ts";
import type { KeptAccess, PlanRequest } from "../fixes/plan/plan.ts";
import type { Fix } from "../fixes/fix.ts";
import type { Access, ConnectPort } from "../nginx/access.ts";
import { nameOf, portsOf } from "./planTargets.ts";
import { realPath } from "../rules/realPath.ts";
import type { RuleContext } from "../rules/context.ts";
import type { Change, Protocol } from "../selinux/policy.ts";

/**
 * For some changes the accesses that are allowed now and that they touch, each once: those to a port or a path that gets
 * another label. A boolean that is turned on and a rule of a module take nothing away.
 */
export function keptBy({ accesses, context, evaluator }: Analysis): PlanRequest["kept"] {
  return (changes) => {
    const touches = touched(changes, context);
    const connects = createPortAnswers(context);
    const kept = new Map<string, KeptAccess>();
    for (const access of accesses) {
      if (isPortConnect(access) && !connects(context.policy, access.protocol, access.port)) continue;
      if (!touches(access)) continue;
      const title = nameOf(access);
      if (kept.has(title) || evaluator.ask(access).decision.verdict !== "allowed") continue;
      kept.set(title, {
        title,
        ports: portsOf(access),
        allowed: (policy) => evaluator.under(policy).ask(access).decision.verdict === "allowed",
        guard: (policy) => guardUnder(access, evaluator.under(policy)),
        isTouchedBy: (change) => touched([change], context)(access),
      });
    }
    return [...kept.values()];
  };
}

function isPortConnect(access: Access): access is ConnectPort & { readonly port: number } {
  return access.kind === "connect" && access.protocol !== "unix" && access.port !== null;
}

/** The best lasting fix of an access that is made of file contexts alone. */
function guardUnder(access: Access, evaluator: Evaluator): Fix | null {
  const fixes = evaluator.judge(access).said.flatMap(({ verdict }) => verdict.fixes);
  return fixes.find(({ durable, changes }) => durable && changes.every(isContext)) ?? null;
}

function isContext({ kind }: Change): boolean {
  return kind === "fileContext";
}

/** Whether some changes give an access's port or path another label. */
function touched(changes: readonly Change[], context: RuleContext): (access: Access) => boolean {
  const { facts } = context.policy;
  const ports: Readonly<Record<Protocol, Set<number>>> = { tcp: new Set(), udp: new Set() };
  const tops = new Set<string>();
  for (const change of changes) {
    if (change.kind === "port")
      for (let port = change.low; port <= change.high; port++) ports[change.protocol].add(port);
    else if (change.kind === "fileContext") tops.add(pathOfSpec(change.spec).path);
    else if (change.kind === "label" || change.kind === "restore") tops.add(facts.canonicalPath(change.path));
  }
  return (access) => {
    switch (access.protocol) {
      case "tcp":
      case "udp": {
        const labelled = ports[access.protocol];
        if (access.port === null || labelled.size === 0) return false;
        const last = access.kind === "bind" ? Math.min(access.lastPort ?? access.port, 65535) : access.port;
        for (let port = access.port; port <= last; port++) if (labelled.has(port)) return true;
        return false;
      }
      case "unix":
      case "file": {
        const path = access.path ?? (access.protocol === "file" ? access.below : null);
        return path !== null && tops.size > 0 && isWithin(tops, facts.canonicalPath(realPath(path, context)));
      }
      case "process":
        return false;
    }
  };
}

function isWithin(tops: ReadonlySet<string>, path: string): boolean {
  if (tops.has("/")) return true;
  for (let at = path.replace(/\/+$/u, ""); at !== ""; at = at.slice(0, at.lastIndexOf("/")))
    if (tops.has(at)) return true;
  return false;
}
