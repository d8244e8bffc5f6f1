/** A verdict whose words, fixes and evidence are worked out when they are asked for: of many that are alike few are shown. */
import type { Fix } from "../fixes/fix.ts";
import type { Decision } from "../selinux/query.ts";
import type { Severity } from "../base/severity.ts";
import type { Verdict } from "./rule.ts";

/** What is known at once, and how to find the rest. */
export interface LazyParts {
  readonly decision: Decision;
  readonly severity: Severity;
  /** False where it is not given. */
  readonly oncePerUpstream?: boolean;
  /** See `Verdict.stops`. */
  readonly stops?: boolean;
  /** `fixes`: finds them, where the words depend on them. */
  message(fixes: () => readonly Fix[]): string;
  fixes(): readonly Fix[];
  because(fixes: readonly Fix[]): readonly string[];
}

/** A class, since getters in an object literal cost a kilobyte each time, and a configuration has a verdict per port. */
export class LazyVerdict implements Verdict {
  readonly decision: Decision;
  readonly severity: Severity;
  readonly oncePerUpstream: boolean;
  readonly stops: boolean | undefined;
  readonly #parts: LazyParts;
  #message: string | null = null;
  #fixes: readonly Fix[] | null = null;

  constructor(parts: LazyParts) {
    this.decision = parts.decision;
    this.severity = parts.severity;
    this.oncePerUpstream = parts.oncePerUpstream === true;
    this.stops = parts.stops;
    this.#parts = parts;
  }

  get message(): string {
    return (this.#message ??= this.#parts.message(() => this.fixes));
  }

  get fixes(): readonly Fix[] {
    return (this.#fixes ??= this.#parts.fixes());
  }

  /** Made anew: a report asks once, and keeping it for every port costs more. */
  get because(): readonly string[] {
    return this.#parts.because(this.fixes);
  }
}
