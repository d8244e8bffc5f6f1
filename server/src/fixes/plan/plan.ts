/** The plan of a configuration: what is asked, and what comes out. Data only; `planFor.ts` makes it. */
import type { Change, Policy, Protocol } from "../../selinux/policy.ts";
import type { Decision } from "../../selinux/query.ts";
import type { FixContext } from "../candidate.ts";
import type { FileCopy } from "../fileCopy.ts";
import type { Fix } from "../fix.ts";
import type { PermissionChange } from "../permissionChange.ts";

/** Ports that nginx connects to or listens on, inclusive. */
export interface TargetPorts {
  readonly kind: "connect" | "bind";
  readonly protocol: Protocol;
  readonly low: number;
  readonly high: number;
}

/** One thing that is refused, however many places of the configuration ask for it. */
export interface PlanTarget {
  /** One line for comments: what is refused, and the first place. */
  readonly title: string;
  /** Those that clear it, best first. */
  readonly fixes: readonly Fix[];
  /** Null for anything but a port. */
  readonly ports: TargetPorts | null;
  /**
   * The same question under another policy: the decision that still refuses it, or null where nothing is said any more.
   * Null itself where no policy can tell (a value that would be lost at the next boot): the best fix is taken as it is.
   */
  readonly ask: ((policy: Policy) => Decision | null) | null;
  /**
   * True where another policy allows it: the access as it is, or as a fix that edits the configuration leaves it. Always
   * true where no policy can tell.
   */
  clears(policy: Policy, fix: Fix): boolean;
  /** The places that a fix edits; empty for one of commands alone. */
  places(fix: Fix): readonly EditedPlace[];
  /** What the finding says to do where no command clears it; "" for nothing. */
  readonly advice: string;
}

/** One place of the configuration that has to be changed. */
export interface EditedPlace {
  /** Path of the file, and the one-based line. */
  readonly file: string;
  readonly line: number;
  readonly before: string;
  readonly after: string;
}

/** Something that is allowed now, and must be when the plan is carried out. */
export interface KeptAccess {
  readonly title: string;
  /** Null for anything but a port. */
  readonly ports: TargetPorts | null;
  allowed(policy: Policy): boolean;
  /** The label that allows it again under a policy that takes it away; null where no label does. */
  guard(policy: Policy): Fix | null;
  /** True where a change could take it away. */
  isTouchedBy(change: Change): boolean;
}

export interface PlanRequest {
  readonly context: FixContext;
  readonly targets: readonly PlanTarget[];
  /** What is allowed now and could be taken away by some changes. */
  kept(changes: readonly Change[]): readonly KeptAccess[];
}

/** What a plan does for one target. */
export interface PlanPart {
  readonly target: PlanTarget;
  /** One of its fixes, with every label that touches its own. */
  readonly fix: Fix;
}

/** One change, with what a reader wants to know of it. */
export interface PlanStep {
  readonly change: Change;
  /** What it opens or takes, in sentences; "" where nothing is to be said. */
  readonly opens: string;
  /** Titles of the targets for which it is made, in their order. */
  readonly reasons: readonly string[];
  /**
   * What `undo` goes back to: the value of a boolean; the type of the local record that a port or a file context had; null where the
   * change is simply deleted.
   */
  readonly before: boolean | string | null;
}

export interface Uncleared {
  readonly title: string;
  readonly reason: string;
  /** Set for a part of the configuration that was not read: what it needs is not known. */
  readonly isUnread?: true;
}

export interface PlanParts {
  /** The fix of each target that is cleared. Each clears its target alone, and they hold in any order. */
  readonly parts: readonly PlanPart[];
  readonly uncleared: readonly Uncleared[];
}

/** A file that is copied, and the places that name the copy afterwards. */
export interface PlanCopy {
  readonly copy: FileCopy;
  readonly places: readonly EditedPlace[];
  /** Titles of the targets for which it is made. */
  readonly reasons: readonly string[];
}

/** All parts together. */
export interface Plan {
  /** Made before anything else. */
  readonly copies: readonly PlanCopy[];
  /** In an order that runs: rules, ports, booleans, file contexts. Never a temporary label. */
  readonly steps: readonly PlanStep[];
  /** Paths whose labels on disk are reset afterwards. */
  readonly restore: readonly string[];
  /** Owners, modes and groups, after everything else: SELinux does not know of them. */
  readonly permissions: readonly PermissionStep[];
  readonly uncleared: readonly Uncleared[];
}

/** One change of owners, modes or groups. */
export interface PermissionStep {
  readonly change: PermissionChange;
  /** Titles of the targets for which it is made. */
  readonly reasons: readonly string[];
}

/** Where a plan comes from and how it is checked; for the heads and ends of scripts. */
export interface PlanAbout {
  /** Path of the configuration's main file. */
  readonly configuration: string;
  /** The policy that answered, with where it comes from. */
  readonly policy: string;
  /** nginx's domain. */
  readonly source: string;
  /** Listening address for a request: `http://127.0.0.1:80/`; null where the configuration has none. */
  readonly probe: string | null;
}
