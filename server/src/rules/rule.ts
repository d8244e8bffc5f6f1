/** A rule: what it looks at, what it says, and where it is documented. One file per rule, listed in `index.ts`. */
import type { Access } from "../nginx/access.ts";
import type { HostState } from "../selinux/hostState.ts";
import type { Decision } from "../selinux/query.ts";
import type { Policy } from "../selinux/policy.ts";
import type { Fix } from "../fixes/fix.ts";

export type Severity = "error" | "warning" | "information" | "hint";

/** What a rule says of one access. `because` and `fixes` may be computed when they are first asked for. */
export interface Verdict {
  readonly decision: Decision;
  readonly message: string;
  /** Lowered severity where the rule rests on something inexact; the rule's own otherwise. */
  readonly severity: Severity;
  readonly because: readonly string[];
  /** Ranked, the preferred one first. Empty where none exists. */
  readonly fixes: readonly Fix[];
}

/** Facts about a rule for settings, pages and diagnostics. The text of its page is `docs/<id>.md`; see `pages.ts`. */
export interface RuleInfo {
  /** Stable id, for example `connect-port`. */
  readonly id: string;
  readonly title: string;
  /** Default severity. */
  readonly severity: Severity;
}

export interface Rule extends RuleInfo {
  /** True for a rule that compares with a live host, and has nothing to say where none is asked. */
  readonly needsHost?: true;
  /** True for the accesses that this rule judges. */
  appliesTo(access: Access): boolean;
  /** Equal keys get equal verdicts, so each is computed once per policy: the distinct target, certainty included. */
  targetKey(access: Access): string;
  /** Null where there is nothing to say. */
  judge(access: Access, context: RuleContext): Verdict | null;
  /**
   * What can be said only with every access of the configuration at hand, in place of `judge` on each. One pass over
   * the accesses: there may be a million.
   */
  judgeConfiguration?(accesses: readonly Access[], context: RuleContext): readonly PlacedVerdict[];
}

/** A rule about the host that a configuration runs on, whatever its accesses are; at most one finding. */
export interface HostRule extends RuleInfo {
  /** The message; null where there is nothing to say. */
  judgeHost(context: RuleContext): string | null;
}

/** A verdict at the place of one access. */
export interface PlacedVerdict {
  readonly access: Access;
  /** The key of the finding; see `Rule.targetKey`. */
  readonly key: string;
  readonly verdict: Verdict;
}

export interface RuleContext {
  readonly policy: Policy;
  /** nginx's domain. */
  readonly source: string;
  /** `net.ipv4.ip_local_port_range`, inclusive. */
  readonly localPorts: readonly [low: number, high: number];
  /** What a live host says beside its policy; null where no host is asked. */
  readonly host: HostState | null;
  /** Why this configuration counts as one for nginx in a container, for the user; null where it is for the host. */
  readonly container: string | null;
}
