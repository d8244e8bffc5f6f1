/** Changes as members of a set: their identity, their order, and whether every tool can be told of them. */
import type { Change } from "../../selinux/policy.ts";
import { portKey } from "../../selinux/portRuns.ts";
import { memo } from "../../base/memo.ts";
import { isIdentifier } from "../identifier.ts";
import { WEB_PORT_TYPE } from "../purpose.ts";
import { quoteWord } from "../quote.ts";

export type ChangeOf<Kind extends Change["kind"]> = Extract<Change, { readonly kind: Kind }>;

/** Equal changes have equal keys. */
export function changeKey(change: Change): string {
  switch (change.kind) {
    case "boolean":
      return `boolean ${change.name} ${change.value}`;
    case "port":
      return `port ${change.protocol} ${change.low}-${change.high} ${change.type}`;
    case "fileContext":
      return `fileContext ${change.fileKind} ${change.type} ${change.spec}`;
    case "label":
      return `label ${change.type} ${change.path}`;
    case "restore":
      return `restore ${change.path}`;
    case "allow":
      return `allow ${change.source} ${change.target} ${change.cls} ${change.permission}`;
  }
}

/**
 * The same, sooner: labels of web ports, one port each, by number, for there may be one for every port; the others' text
 * is made once.
 */
export function cheapKey(change: Change): string | number {
  if (change.kind === "port" && change.low === change.high && change.type === WEB_PORT_TYPE)
    return portKey(change.protocol, change.low);
  return memo(keys, change, () => changeKey(change));
}

const keys = new WeakMap<Change, string>();

/** Equal for file contexts that replace each other on a host: same regex, same kind of file. */
export function specKey({ fileKind, spec }: ChangeOf<"fileContext">): string {
  return `${fileKind} ${spec}`;
}

/** Order in which changes run: types and rules before the labels that use them. */
const ORDER: readonly Change["kind"][] = ["allow", "port", "boolean", "fileContext", "label", "restore"];

/** For sorting: by kind, then so that a later change may refine an earlier one, then by name. */
export function compareChanges(a: Change, b: Change): number {
  return ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind) || within(a, b) || compareText(changeKey(a), changeKey(b));
}

function within(a: Change, b: Change): number {
  if (a.kind === "port" && b.kind === "port") return compareText(a.protocol, b.protocol) || a.low - b.low;
  // The newest of several specs that match wins: the spec of a directory inside another one comes later.
  if (a.kind === "fileContext" && b.kind === "fileContext") return a.spec.length - b.spec.length;
  return 0;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * Why a change cannot be written for every tool, or null where it can. A policy may come from a file that anybody wrote,
 * so its names are looked at too. `semanage import` splits its lines at blanks and has no escapes for quotes.
 */
export function inexpressible(change: Change): string | null {
  if (!hasIdentifiers(change)) return "the policy has a name that is no identifier";
  const operand = change.kind === "fileContext" ? change.spec : change.kind === "restore" ? change.path : null;
  if (operand === null) return null;
  const quoted = quoteWord(operand);
  if (!quoted.ok) return quoted.reason;
  return change.kind === "fileContext" && /[\s"']/u.test(operand) ? "semanage cannot be told of this path" : null;
}

/** True where every name of the policy in it is an identifier. */
function hasIdentifiers(change: Change): boolean {
  switch (change.kind) {
    case "boolean":
      return isIdentifier(change.name);
    case "allow":
      return [change.source, change.target, change.cls, change.permission].every(isIdentifier);
    case "port":
    case "fileContext":
    case "label":
      return isIdentifier(change.type);
    case "restore":
      return true;
  }
}
