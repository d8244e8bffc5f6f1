/** What is generated from server/src/shared/settings.ts, shared/assistantTools.ts and base/project.ts: parts of package.json and the table of docs/settings.md. */
import { format } from "prettier";
import { repositoryUrl } from "../server/src/base/project.ts";
import { projectFileName, projectFileSchema } from "../server/src/workspace/projectFile.ts";
import { ruleInfos } from "../server/src/rules/index.ts";
import { assistantTools, type AssistantTool } from "../server/src/shared/assistantTools.ts";
import { configurationSchema, restrictedSettings } from "../server/src/shared/settings.ts";

/** As in .prettierrc.json. */
const printWidth = 120;

/** The text of package.json with its generated parts brought up to date. */
export async function withSettings(manifest: string): Promise<string> {
  const parsed: unknown = JSON.parse(manifest);
  if (!isRecord(parsed) || !isRecord(parsed["contributes"]) || !isRecord(parsed["capabilities"])) {
    throw new Error("package.json has no contributes and capabilities");
  }
  const { contributes, capabilities } = parsed;
  const untrusted = capabilities["untrustedWorkspaces"];
  const generated = {
    ...parsed,
    repository: { type: "git", url: `git+${repositoryUrl}.git` },
    bugs: { url: `${repositoryUrl}/issues` },
    homepage: `${repositoryUrl}#readme`,
    capabilities: {
      ...capabilities,
      untrustedWorkspaces: { ...(isRecord(untrusted) ? untrusted : {}), restrictedConfigurations: restrictedSettings },
    },
    contributes: {
      ...contributes,
      configuration: configurationSchema(ruleInfos),
      languageModelTools: assistantTools.map(contributedTool),
      jsonValidation: [{ fileMatch: projectFileName, url: `./${schemaPath}` }],
    },
  };
  return format(JSON.stringify(generated), { filepath: "package.json", printWidth });
}

/** A tool as VS Code's manifest has it. */
function contributedTool({ name, title, reference, summary, description, inputSchema }: AssistantTool): object {
  return {
    name,
    displayName: title,
    toolReferenceName: reference,
    canBeReferencedInPrompt: true,
    icon: "$(shield)",
    userDescription: summary,
    modelDescription: description,
    tags: ["nginx", "selinux"],
    inputSchema,
  };
}

/** Where the schema of project files lies, from the project's root. */
export const schemaPath = "schemas/nginx-selinux.schema.json";

/** The text of that schema. */
export async function projectSchema(): Promise<string> {
  return format(JSON.stringify(projectFileSchema(ruleInfos)), { filepath: schemaPath, printWidth });
}

/** The page with its table of settings, between `<!-- settings -->` and `<!-- /settings -->`, brought up to date. */
export async function withSettingsTable(readme: string): Promise<string> {
  const text = readme.replace(/(<!-- settings -->\n)[^]*?(<!-- \/settings -->)/, `$1${settingsTable()}$2`);
  return format(text, { filepath: "README.md", printWidth });
}

function settingsTable(): string {
  const rows = Object.entries(configurationSchema(ruleInfos).properties).map(([name, schema]) => {
    const text = String(schema["markdownDescription"] ?? schema["description"] ?? "");
    return `| \`${name}\` | \`${JSON.stringify(schema["default"])}\` | ${text.replaceAll("|", "\\|")} |\n`;
  });
  return ["\n", "| setting | default | meaning |\n", "|---|---|---|\n", ...rows, "\n"].join("");
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
