/** boolean-not-persistent: an access that a boolean allows now, and no longer after a reboot. */
import { connectPortFixes, keepBooleanFixes } from "../fixes/offer.ts";
import type { Fix } from "../fixes/fix.ts";
import type { Access } from "../nginx/access.ts";
import type { Policy } from "../selinux/policy.ts";
import type { Query } from "../selinux/query.ts";
import { accessKey, firstRefusal, queriesOf } from "./accessQueries.ts";
import { LazyVerdict } from "./lazyVerdict.ts";
import { confidence, evidence, list, sentences } from "./phrases.ts";
import type { Rule, RuleContext, Verdict } from "./rule.ts";

export const booleanNotPersistent: Rule = {
  id: "boolean-not-persistent",
  title: "Boolean that will be another after a reboot",
  severity: "warning",
  needsHost: true,
  docs: {
    what: `This works now because of the value that an SELinux boolean has at run time. The policy on disk has another value for it, and that is the one which the next boot takes: then SELinux will refuse this access, though nobody has changed anything.`,
    why: `\`setsebool NAME on\` changes the kernel's value only. \`setsebool -P NAME on\` also writes it into the policy that is loaded at boot. A boolean that was tried out without \`-P\`, found to help and forgotten is the usual cause of a site that fails after a reboot. The other way round, \`setsebool -P -N\` changes what is on disk and leaves the running value as it was.

Only accesses of this configuration are looked at, and only on a live host: a bundled policy or a snapshot has one value for each boolean.`,
    evidence: `The running value from \`/sys/fs/selinux/booleans/NAME\`, the persistent one from the policy file in \`/etc/selinux\`; both can be read without being root. The access was decided with either. Each fix was applied to a copy of the policy with the persistent values and the question asked again.`,
    verify: `\`\`\`sh
getsebool httpd_can_network_connect                     # the running value
sudo semanage boolean -l | grep httpd_can_network_connect   # (running, persistent)
\`\`\``,
    wrongAdvice: `- **"It works, so it is set."** It is set until the next boot.
- **"Put \`setsebool\` into \`rc.local\`."** \`setsebool -P\`, once, is meant for this.
- **"\`setsebool -P\` reboots or relabels."** It writes the policy anew, which takes some seconds, and interrupts nothing.`,
  },

  appliesTo: (access: Access) => access.certainty !== "unknown",
  targetKey: accessKey,

  judge(access: Access, context: RuleContext): Verdict | null {
    const reboot = afterReboot(context);
    if (reboot === null) return null;
    const queries = [...queriesOf(access, context)];
    const refused = firstRefusal(reboot.policy, queries, context);
    if (refused === null || refused.verdict !== "denied") return null;
    if (firstRefusal(context.policy, queries, context) !== null) return null;
    const sure = confidence(context, access, booleanNotPersistent.severity, true);
    if (sure.verb === "would") return null;
    const names = deciding(reboot, queries, context);
    const later = { ...context, policy: reboot.policy };
    return new LazyVerdict({
      decision: refused,
      severity: sure.severity,
      message: sentences(
        `This works only until the next reboot: ${list(names.map((name) => values(name, reboot)))}.`,
        `Then SELinux ${sure.verb} refuse it.`,
      ),
      fixes: () => fixesFor(access, later, queries, reboot),
      because: () => evidence(refused, access),
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

/** The booleans of which one alone would do, kept as it runs; all that differ where it takes several. */
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

/** Some booleans must never be offered, although they allow the access: then what is meant for it is. */
function fixesFor(access: Access, later: RuleContext, queries: readonly Query[], reboot: Reboot): readonly Fix[] {
  const kept = keepBooleanFixes(later, queries, reboot.runtime);
  if (kept.length > 0 || access.kind !== "connect" || access.protocol !== "tcp" || access.port === null) return kept;
  return connectPortFixes(later, access.protocol, access.port);
}
