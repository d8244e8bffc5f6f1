/** The plan of a configuration in the form that was asked for. */
import type { Analysis } from "../analysis/analysis.ts";
import { ansibleText } from "../fixes/plan/ansible.ts";
import { ansibleRoleText } from "../fixes/plan/ansibleRole.ts";
import { cilText } from "../fixes/plan/cil.ts";
import { scriptText } from "../fixes/plan/script.ts";
import { aboutPlan, modulePlanOf, planOf } from "./planAnalysis.ts";
import type { ChosenPolicy } from "../providers/policies.ts";
import type { PlanFormat } from "../shared/protocol.ts";

/** Language ids of the texts, as editors know them. */
export const planLanguages: Readonly<Record<PlanFormat, string>> = {
  script: "shellscript",
  ansible: "yaml",
  "ansible-role": "yaml",
  cil: "plaintext",
};

/** The whole text, ready to be written to a file. */
export function planText(format: PlanFormat, analysis: Analysis, chosen: ChosenPolicy): string {
  const about = aboutPlan(analysis, chosen);
  const { policy } = analysis.context;
  switch (format) {
    case "script":
      return scriptText(planOf(analysis), about, policy);
    case "ansible":
      return ansibleText(planOf(analysis), about, policy);
    case "ansible-role":
      return ansibleRoleText(planOf(analysis), about, policy);
    case "cil":
      return cilText(modulePlanOf(analysis), about, policy);
  }
}
