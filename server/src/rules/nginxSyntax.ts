/** nginx-syntax: nginx itself refuses the configuration. Its findings are made from the problems that parsing met. */
import type { RuleInfo } from "./rule.ts";

export const nginxSyntax: RuleInfo = {
  id: "nginx-syntax",
  title: "Configuration that nginx refuses",
  severity: "error",
};
