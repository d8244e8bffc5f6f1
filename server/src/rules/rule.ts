/** A rule: what it looks at, what it says, and where it is documented. One file per rule, listed in `index.ts`. */
import type { Severity } from "../base/severity.ts";
import type { Access } from "../nginx/access.ts";
import type { Decision } from "../selinux/query.ts";
import type { Fix } from "../fixes/fix.ts";
import type { Asked } from "./asked.ts";
import type { RuleContext } from "./context.ts";
import type { LineIndex, Range } from "../base/text.ts";

/** What a rule says. `because` and `fixes` may be computed when they are first asked for. */
export interface Verdict {
  /** What the policy answers; null where the rule does not rest on an answer of the policy. */
  readonly decision: Decision | null;
  readonly message: string;
  /** Lowered severity where the rule rests on something inexact; the rule's own otherwise. */
  readonly severity: Severity;
  /** Said once for all servers of an upstream, at the first of them; at each place where false. */
  readonly oncePerUpstream: boolean;
  /** Whether nginx does not start because of it; left out where the access alone tells. */
  readonly stops?: boolean | undefined;
  readonly because: readonly string[];
  /** Ranked, best first. Empty where none exists. */
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

/** Judges accesses one by one. */
export interface AccessRule extends RuleInfo {
  readonly judges: "access";
  /** True for a rule that compares with a live host, and has nothing to say where none is asked. */
  readonly needsHost: boolean;
  /** Null where there is nothing to say. Asked once for accesses with equal keys (`accessKey`). */
  judge(asked: Asked, context: RuleContext): Verdict | null;
}

/** Judges what can be said only with every access of the configuration at hand. */
export interface ConfigurationRule extends RuleInfo {
  readonly judges: "configuration";
  /** True for a rule on what is not needed: it has nothing to say where this user may not read all files. */
  readonly needsWhole: boolean;
  /** One pass over the accesses: there may be a million. `ask`: an access with its questions and answers. */
  judge(accesses: readonly Access[], ask: (access: Access) => Asked, context: RuleContext): readonly PlacedVerdict[];
}

/** Judges the host that a configuration runs on, or the container, whatever its accesses are. */
export interface HostRule extends RuleInfo {
  readonly judges: "host";
  judge(context: RuleContext): readonly HostVerdict[];
}

export type Rule = AccessRule | ConfigurationRule | HostRule;

/** A verdict at the place of one access. */
export interface PlacedVerdict {
  readonly access: Access;
  /** The key of the finding; see `accessKey`. */
  readonly key: string;
  readonly verdict: Verdict;
}

/** A verdict on the host. */
export interface HostVerdict {
  /** Where it is said; null for the first statement of the configuration. */
  readonly place: OutsidePlace | null;
  readonly verdict: Verdict;
}

/** A place in a file that is not part of the configuration, a compose file for example. */
export interface OutsidePlace {
  /** Absolute path. */
  readonly path: string;
  /** In UTF-16 columns. */
  readonly range: Range;
  /** The text of the file, for a client that counts columns otherwise. */
  readonly lines: LineIndex;
}
