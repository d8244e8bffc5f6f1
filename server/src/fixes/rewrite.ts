/** A fix with other labels in place of its own: those that it must set together with other fixes. */
import type { Change, Policy } from "../selinux/policy.ts";
import type { FixContext } from "./candidate.ts";
import { CONNECT } from "./describe.ts";
import type { Aspect } from "./describe.ts";
import { fixOf } from "./candidateFix.ts";
import { fixWith, type Fix } from "./fix.ts";
import { relabelNotes, relabelTitle } from "./portLabel.ts";
import { pathOfSpec } from "./regex.ts";

/** Labels named in one title. */
const MOST_NAMED = 3;

/** The fix with these changes, and `restore` as the path whose labels are reset. The same fix where a word of the commands cannot be written. */
export function rewritten(
  { policy, source }: FixContext,
  fix: Fix,
  changes: readonly Change[],
  restore: string | null,
): Fix {
  const { id, tier, edit } = fix;
  const candidate = {
    id,
    tier,
    title: edit === undefined ? titleOf(policy, changes) : fix.title,
    changes,
    restore,
    durable: true,
    notes: () => [...new Set(changes.flatMap((change) => notesOf(policy, source, change)))],
  };
  const found = fixOf(policy, source, candidate, aspectOf(changes));
  return found === null ? fix : edit === undefined ? found : fixWith(found, { edit });
}

/** `Label /srv/app and everything in it httpd_sys_content_t, /srv/app/logs and everything in it httpd_log_t`. */
function titleOf(policy: Policy, changes: readonly Change[]): string {
  const labels = changes.flatMap((change) => labelWords(policy, change) ?? []);
  const shown = labels.slice(0, MOST_NAMED).map((words, i) => (i === 0 ? words : words.replace(/^Label /u, "")));
  const more = labels.length > MOST_NAMED ? ` and ${labels.length - MOST_NAMED} more` : "";
  const others = changes.flatMap((change) => otherWords(change) ?? []);
  return [shown.join(", ") + more, ...new Set(others)].join(" and ");
}

function labelWords(policy: Policy, change: Change): string | null {
  if (change.kind === "port") return relabelTitle(policy, change.protocol, change);
  if (change.kind !== "fileContext") return null;
  const { path, below } = pathOfSpec(change.spec);
  return `Label ${path} ${below ? "and everything in it " : ""}${change.type}`;
}

function otherWords(change: Change): string | null {
  if (change.kind === "boolean") return `turn ${change.value ? "on" : "off"} ${change.name}`;
  return change.kind === "allow" ? `allow ${change.permission} on ${change.target} by a policy module` : null;
}

function notesOf(policy: Policy, source: string, change: Change): readonly string[] {
  if (change.kind === "port") return relabelNotes(policy, change.protocol, change);
  if (change.kind !== "fileContext") return [];
  const { path, below } = pathOfSpec(change.spec);
  return [`${source} may then use ${path}${below ? " and everything in it" : ""} as ${change.type}.`];
}

/** What is counted of the rules among some changes. */
function aspectOf(changes: readonly Change[]): Aspect {
  const rule = changes.find((change) => change.kind === "allow");
  if (rule === undefined || rule.cls === CONNECT.cls) return CONNECT;
  return { cls: rule.cls, permission: rule.permission, verb: `have ${rule.permission} on`, noun: "type" };
}
