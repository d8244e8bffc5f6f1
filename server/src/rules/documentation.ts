/** Where the pages of the rules are read. */
import { repositoryUrl } from "../base/project.ts";
import { ruleInfos } from "./index.ts";

/** The pages as they lie in the repository. */
const documentation = `${repositoryUrl}/blob/main/docs/rules`;

/** The address of the page of a rule; of the list of pages for an id without a page of its own. */
export function documentationOf(rule: string): string {
  return `${documentation}/${ruleInfos.some((info) => info.id === rule) ? rule : "README"}.md`;
}
