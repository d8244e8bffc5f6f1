/** denied-in-audit-log: this host has recorded a refusal of this access. Its findings are made from the logs. */
import type { RuleInfo } from "./rule.ts";

export const deniedInLog: RuleInfo = {
  id: "denied-in-audit-log",
  title: "Access that SELinux has refused on this host",
  severity: "error",
};
