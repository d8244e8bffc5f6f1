/** How grave a verdict is, by its rule and by the user's settings. */
import { isAtLeast, type Severity } from "../base/severity.ts";
import type { RuleInfo, Verdict } from "../rules/rule.ts";
import type { SeveritySetting } from "../shared/settings.ts";

/** Severities that the user set, by rule id. */
export type WantedSeverities = ReadonlyMap<string, SeveritySetting>;

/** The severity of a finding whose rule is not switched off. */
export function severityOf(rule: RuleInfo, verdict: Verdict, severities: WantedSeverities): Severity {
  const wanted = severities.get(rule.id);
  return wanted === undefined || wanted === "off"
    ? verdict.severity
    : adjusted(wanted, verdict.severity, rule.severity);
}

/** The user's severity, but never above one that the rule lowered because it rests on something inexact. */
function adjusted(wanted: Severity, said: Severity, usual: Severity): Severity {
  return isAtLeast(said, usual) || isAtLeast(said, wanted) ? wanted : said;
}
