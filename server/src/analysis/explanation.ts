/** What is said of one refusal. */
import type { Fix } from "../fixes/fix.ts";

export interface Explanation {
  /** `not-selinux`: something else refused, or nothing was refused. */
  readonly cause: "selinux" | "not-selinux" | "unknown";
  /** What the policy says now: `allowed` names the boolean, label or module; `never-refused`: another release or host. */
  readonly verdict: "refused" | "allowed" | "never-refused" | "unknown";
  /** For the user: the object and the refusal first, then what holds now. */
  readonly message: string;
  /** Facts and advice, a sentence each without a full stop. */
  readonly because: readonly string[];
  /** Ranked, best first. */
  readonly fixes: readonly Fix[];
  /** What the policy refuses, where the line does not say it itself. */
  readonly refused?: {
    readonly source: string;
    readonly target: string;
    readonly cls: string;
    readonly permissions: readonly string[];
  };
}
