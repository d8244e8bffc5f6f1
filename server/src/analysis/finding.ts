/** Findings: one thing to say about one place. */
import type { Severity } from "../base/severity.ts";
import type { Access, Place } from "../nginx/access.ts";
import type { OutsidePlace, Verdict } from "../rules/rule.ts";

/** What a finding says, wherever it is said. */
export interface Saying {
  readonly rule: string;
  /** The rules that speak in it, `rule` first: more than one where a target is refused for several reasons. */
  readonly rules: readonly string[];
  readonly severity: Severity;
  readonly message: string;
  /** The rule's target key: tells findings of one rule at one place apart. "" without an access. */
  readonly key: string;
  /** Null for `nginx-syntax` and `selinux-ignore`. Shared between equal targets: compare them by identity. */
  readonly verdict: Verdict | null;
}

/** One thing to say about one place of the configuration. */
export interface PlacedFinding extends Saying, Place {
  /** Null where the finding is about no access of nginx. */
  readonly access: Access | null;
}

/** One thing to say about a file that is not part of the configuration, a compose file for example. */
export interface OutsideFinding extends Saying, OutsidePlace {
  readonly access: null;
}

export type Finding = PlacedFinding | OutsideFinding;

/** A finding that does not count, and why. */
export interface Silenced {
  readonly finding: Finding;
  /** A comment of the configuration, or a list of what is known already. */
  readonly by: "comment" | "baseline";
  /** As the comment has it; where the list is. */
  readonly reason: string;
}

/** True for a finding in a file of the configuration. */
export function isPlaced(finding: Finding): finding is PlacedFinding {
  return "span" in finding;
}

/** One finding per place, rule and message: a file that is included twice says it once. */
export function sorted(findings: readonly Finding[]): readonly Finding[] {
  const placed = findings.filter(isPlaced);
  placed.sort((a, b) => a.file - b.file || a.span.start - b.span.start || compareText(a.rule, b.rule));
  let last: PlacedFinding | undefined = undefined;
  /** Sayings at the place of the last one; made where a second finding is there. */
  let said: Set<string> | null = null;
  const once: PlacedFinding[] = [];
  for (const finding of placed) {
    if (last === undefined || last.file !== finding.file || last.span.start !== finding.span.start) said = null;
    else {
      said ??= new Set([saying(last)]);
      if (said.has(saying(finding))) continue;
      said.add(saying(finding));
    }
    once.push(finding);
    last = finding;
  }
  return placed.length === findings.length ? once : [...once, ...findings.filter((each) => !isPlaced(each))];
}

/** A message shortens long paths, so that the path is a part of it. */
function saying({ rule, message, access }: PlacedFinding): string {
  return `${rule}:${message}:${access?.protocol === "file" ? access.path : ""}`;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
