/** boolean-not-persistent: an access that a boolean allows now, and no longer after a reboot. */
import { connectPortFixes, keepBooleanFixes } from "../fixes/offer.ts";
import type { Fix } from "../fixes/fix.ts";
import type { Policy } from "../selinux/policy.ts";
import type { Query } from "../selinux/query.ts";
import { firstRefusal } from "./accessQueries.ts";
import { lazyVerdict } from "./lazyVerdict.ts";
import { accessName, withAdvice } from "./message.ts";
import { confidence, evidence } from "./phrases.ts";
import type { Asked } from "./asked.ts";
import type { RuleContext } from "./context.ts";
import type { AccessRule, Verdict } from "./rule.ts";

export const booleanNotPersistent: AccessRule = {
  judges: "access",
  id: "boolean-not-persistent",
  title: "Boolean that will be another after a reboot",
  severity: "warning",
  needsHost: true,

  judge({ access, queries, answer }: Asked, context: RuleContext): Verdict | null {
    if (answer.verdict !== "allowed") return null;
    const reboot = afterReboot(context);
    if (reboot === null) return null;
    const refused = firstRefusal(reboot.policy, queries, context);
    if (refused === null || refused.verdict !== "denied") return null;
    const sure = confidence(context, access, booleanNotPersistent.severity, true);
    if (sure.verb === "would") return null;
    const names = deciding(reboot, queries, context);
    const later = { ...context, policy: reboot.policy };
    return lazyVerdict({
      decision: refused,
      severity: sure.severity,
      message: () =>
        withAdvice(
          `${accessName(access, refused) ?? access.directive}: SELinux ${sure.verb === "may" ? "may refuse" : "refuses"} it after the next reboot.`,
          names.map((name) => values(name, reboot)),
        ),
      fixes: () => fixesFor(later, queries, reboot),
      because: () => evidence(refused, access, ...names.map((name) => values(name, reboot))),
    });
  },
};

interface Reboot {
  /** The policy with the persistent values. */
  readonly policy: Policy;
  /** The running values that differ from them. */
  readonly runtime: ReadonlyMap<string, boolean>;
}

const reboots = new WeakMap<Policy, Reboot | null>();

/** The policy as the next boot loads it; null where the running one has the same booleans. What-if values stay. */
function afterReboot({ policy, host }: RuleContext): Reboot | null {
  if (host === null) return null;
  let reboot = reboots.get(policy);
  if (reboot === undefined) {
    const runtime = new Map(
      [...host.booleans].filter(([name, value]) => {
        const persistent = policy.facts.booleans.get(name);
        return persistent !== undefined && persistent !== value && policy.booleans.get(name) === value;
      }),
    );
    const changes = [...runtime].map(([name, value]) => ({ kind: "boolean" as const, name, value: !value }));
    reboot = runtime.size === 0 ? null : { policy: policy.with(changes), runtime };
    reboots.set(policy, reboot);
  }
  return reboot;
}

/** The booleans that would each do alone, kept as they run; all that differ where it takes several. */
function deciding(reboot: Reboot, queries: readonly Query[], context: RuleContext): readonly string[] {
  const alone = [...reboot.runtime].filter(
    ([name, value]) => firstRefusal(reboot.policy.with([{ kind: "boolean", name, value }]), queries, context) === null,
  );
  return (alone.length > 0 ? alone : [...reboot.runtime]).map(([name]) => name).sort();
}

function values(name: string, { runtime }: Reboot): string {
  const now = runtime.get(name) === true;
  return `${name} is ${now ? "on" : "off"} now, but its persistent value is ${now ? "off" : "on"}`;
}

/** Some booleans must never be offered, although they allow the access: then the fixes that are meant for it are. */
function fixesFor(later: RuleContext, queries: readonly Query[], reboot: Reboot): readonly Fix[] {
  const kept = keepBooleanFixes(later, queries, reboot.runtime);
  const [query] = queries;
  return kept.length > 0 || query?.kind !== "connect-port" ? kept : connectPortFixes(later, query);
}
