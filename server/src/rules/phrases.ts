/** Words and severities that the rules share. */
import { memo } from "../base/memo.ts";
import { quoteWord } from "../fixes/quote.ts";
import { booleansFor, CONNECT_ANY, isNeverOffered, RELAY } from "../fixes/purpose.ts";
import type { Access } from "../nginx/access.ts";
import type { PolicyInfo } from "../selinux/policy.ts";
import type { Decision } from "../selinux/query.ts";
import type { Severity } from "../base/severity.ts";
import type { PolicyContext } from "./context.ts";

/** The policy's title without its second name and remarks: `RHEL 9 / CentOS Stream 9` is `RHEL 9` in a sentence. */
export function releaseName(info: PolicyInfo): string {
  let name = releaseNames.get(info);
  if (name === undefined) {
    name = info.title.split(/ \/ | \(/u)[0] ?? info.title;
    releaseNames.set(info, name);
  }
  return name;
}

const releaseNames = new WeakMap<PolicyInfo, string>();

/** How sure a refusal is, and how loud it may be said. */
export interface Confidence {
  /** `will`, `may`, or `would` where nothing is blocked at present. */
  readonly verb: "will" | "may" | "would";
  readonly severity: Severity;
  /** A main clause: why nothing is blocked; "" where something is. */
  readonly blocks: string;
}

/**
 * A refusal is an error when it is certain that it happens; a warning when it rests on one of several values or on a
 * label that is not exact; information when SELinux is not enforcing for this domain, which logs it at most.
 */
export function confidence(context: PolicyContext, access: Access, severity: Severity, exact: boolean): Confidence {
  const { policy, source } = context;
  const { mode } = policy.facts.info;
  if (mode === "disabled") {
    return { verb: "would", severity: "information", blocks: "it is disabled" };
  }
  if (mode === "permissive") {
    return { verb: "would", severity: "information", blocks: "it is permissive and only logs this" };
  }
  if (policy.facts.isPermissive(source)) {
    return { verb: "would", severity: "information", blocks: `${source} is permissive and this is only logged` };
  }
  if (access.certainty !== "certain" || !exact) return { verb: "may", severity: lowered(severity), blocks: "" };
  return { verb: "will", severity, blocks: "" };
}

function lowered(severity: Severity): Severity {
  return severity === "error" ? "warning" : severity;
}

/** Joins the parts of a message that are not empty. */
export function sentences(...parts: readonly string[]): string {
  return printable(parts.filter((part) => part !== "").join(" "));
}

/** The evidence of a verdict: the decision's, why the access is not certain, and what the rule adds. */
export function evidence(decision: Decision, access: Access, ...more: readonly string[]): readonly string[] {
  const reason = access.reason === undefined ? [] : [access.reason];
  return [...decision.because, ...sideEffects(decision), ...reason, ...more].map(printable);
}

/** The evidence names every boolean that would allow an access. Some of them must not be taken for a fix. */
function sideEffects(decision: Decision): readonly string[] {
  // All ports of a type share the flips that would open it.
  return memo(sideEffectsOf, decision.flips, () => sideEffectsIn(decision));
}

const sideEffectsOf = new WeakMap<Decision["flips"], readonly string[]>();

function sideEffectsIn(decision: Decision): readonly string[] {
  const meant = [...booleansFor(decision.target ?? ""), RELAY, CONNECT_ANY];
  const connect = decision.permission === "name_connect";
  const names = decision.flips
    .map((flip) => flip.name)
    .filter((name) => isNeverOffered(name) || (connect && !meant.includes(name)));
  if (names.length === 0) return [];
  return [`${list(names)} would open it only as a side effect of something else: not meant for this`];
}

/** A configuration may hold anything; a message is one line that must not drive a terminal. */
export function printable(text: string): string {
  if (/^[ -~]*$/u.test(text)) return text;
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) => {
    return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
  });
}

/** `a`, `a and b`, `a, b and c`. */
export function list(words: readonly string[]): string {
  const last = words.at(-1);
  if (last === undefined || words.length === 1) return last ?? "";
  return `${words.slice(0, -1).join(", ")} and ${last}`;
}

/** True for a path below /tmp or /var/tmp: a service with PrivateTmp= has its own. */
export function isTemporary(path: string): boolean {
  return /^\/+(var\/+)?tmp\//u.test(path);
}

/** Why no command is offered for a path, where it cannot be written in one; else nothing. */
export function unwritable(path: string): readonly string[] {
  const quoted = quoteWord(path);
  return quoted.ok ? [] : [`no command is offered for this path: ${quoted.reason}`];
}
