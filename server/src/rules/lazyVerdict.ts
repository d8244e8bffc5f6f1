/** A verdict whose words, fixes and evidence are worked out when they are asked for: of many that are alike few are shown. */
import type { Fix } from "../fixes/fix.ts";
import type { Decision } from "../selinux/query.ts";
import type { Severity } from "../base/severity.ts";
import type { Verdict } from "./rule.ts";

/** What is known at once. */
interface Known {
  readonly decision: Decision;
  readonly severity: Severity;
  /** False where it is not given. */
  readonly oncePerUpstream?: boolean;
  /** See `Verdict.stops`. */
  readonly stops?: boolean;
}

/** The same, and how to find the rest. */
export interface LazyParts extends Known {
  /** `fixes`: finds them, where the words depend on them. */
  message(fixes: () => readonly Fix[]): string;
  fixes(): readonly Fix[];
  because(fixes: readonly Fix[]): readonly string[];
}

/** A verdict of parts. Of the rule that has a verdict for nearly every port there is a class of its own. */
export function lazyVerdict(parts: LazyParts): Verdict {
  return new VerdictOfParts(parts);
}

/** A class, since getters in an object literal cost a kilobyte each time, and a configuration has a verdict per port. */
export abstract class LazyVerdict implements Verdict {
  readonly decision: Decision;
  readonly severity: Severity;
  readonly oncePerUpstream: boolean;
  readonly stops: boolean | undefined;
  #message: string | null = null;
  #fixes: readonly Fix[] | null = null;

  constructor({ decision, severity, oncePerUpstream, stops }: Known) {
    this.decision = decision;
    this.severity = severity;
    this.oncePerUpstream = oncePerUpstream === true;
    this.stops = stops;
  }

  get message(): string {
    return (this.#message ??= this.findMessage());
  }

  get fixes(): readonly Fix[] {
    return (this.#fixes ??= this.findFixes());
  }

  /** Made anew: a report asks once, and keeping it for every port costs more. */
  get because(): readonly string[] {
    return this.findEvidence();
  }

  protected abstract findMessage(): string;
  protected abstract findFixes(): readonly Fix[];
  protected abstract findEvidence(): readonly string[];
}

class VerdictOfParts extends LazyVerdict {
  readonly #parts: LazyParts;

  constructor(parts: LazyParts) {
    super(parts);
    this.#parts = parts;
  }

  protected findMessage(): string {
    return this.#parts.message(() => this.fixes);
  }

  protected findFixes(): readonly Fix[] {
    return this.#parts.fixes();
  }

  protected findEvidence(): readonly string[] {
    return this.#parts.because(this.fixes);
  }
}
