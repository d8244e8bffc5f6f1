/** What travels with a diagnostic to the client and comes back with a request for its actions. */
import { repositoryUrl } from "../base/project.ts";
import { ruleInfos } from "../rules/index.ts";

/** Shown beside every diagnostic, and how ours are recognised when they come back. */
export const diagnosticSource = "SELinux";

/** Where the rules are documented. The pages are generated from the rules. */
const documentation = `${repositoryUrl}/blob/main/docs/rules`;

/** The page of a rule; the list of pages for what has none of its own. */
export function documentationOf(rule: string): string {
  return `${documentation}/${ruleInfos.some((info) => info.id === rule) ? rule : "README"}.md`;
}

export interface DiagnosticData {
  /** Target key of the finding: tells findings of one rule at one place apart. */
  readonly key: string;
}

/** Checks what a client sent back. Undefined where it is not ours or was tampered with. */
export function parseDiagnosticData(value: unknown): DiagnosticData | undefined {
  if (typeof value !== "object" || value === null || !("key" in value)) return undefined;
  return typeof value.key === "string" ? { key: value.key } : undefined;
}
