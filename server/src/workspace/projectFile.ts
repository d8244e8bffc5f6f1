/**
 * `.nginx-selinux.json`: settings that belong to a configuration, for the command line and the editor alike. The nearest one
 * above a file counts. It wins over the editor's settings, and the command line wins over it.
 */
import type { Severity } from "../base/severity.ts";
import { isPolicyPath, releaseNames } from "../base/bundledReleases.ts";
import { jsonLines } from "../base/jsonLines.ts";
import { didYouMean } from "../base/nearest.ts";
import { withAbsolutePaths } from "../shared/settingPaths.ts";
import {
  containerSettings,
  defaultSettings,
  namesBundledPolicy,
  parseSettings,
  settingsSection,
  definitionMap,
  severitySettings,
  type Settings,
} from "../shared/settings.ts";

export const projectFileName = ".nginx-selinux.json";

/** The settings that a project file can set. */
const names = ["policy", "root", "container", "severity", "booleans", "define", "baseline"] as const;
type Name = (typeof names)[number];

/** A project file, read. */
export interface Project {
  readonly path: string;
  /** Only what the file sets. Paths are absolute: those that are relative begin at its directory. */
  readonly settings: Readonly<Partial<Pick<Settings, Name>>>;
  /** One sentence for each mistake, with its line where it has one. */
  readonly problems: readonly string[];
}

/**
 * Reads the text of a project file. What is wrong is ignored, and named with its line in `problems`.
 * `rules`: the ids that `severity` can name.
 */
export function parseProjectFile(text: string, path: string, directory: string, rules: readonly string[]): Project {
  const { keys, mistake } = jsonLines(text);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { path, settings: {}, problems: [`${atLine(mistake)}this is not JSON: ${reason}`] };
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return { path, settings: {}, problems: ["It must be one object."] };
  const raw = new Map<string, unknown>(Object.entries(value));
  const define = definitionMap(raw.get("define"), []);
  const baseline = raw.get("baseline");
  const all = withAbsolutePaths(
    { ...parseSettings(value).settings, baseline: typeof baseline === "string" ? baseline : "" },
    directory,
  );
  const set = (name: Name): boolean => raw.has(name);
  return {
    path,
    settings: {
      ...(set("policy") ? { policy: all.policy } : {}),
      ...(set("root") ? { root: all.root } : {}),
      ...(set("container") ? { container: all.container } : {}),
      ...(set("severity") ? { severity: all.severity } : {}),
      ...(set("booleans") ? { booleans: all.booleans } : {}),
      ...(set("define") ? { define } : {}),
      ...(set("baseline") ? { baseline: all.baseline } : {}),
    },
    problems: [...raw].flatMap(([name, given]) =>
      partsOf(name, given).flatMap(([key, part]) =>
        problemsOf(name, part, rules).map(
          (problem) => atLine(keys.get(key) ?? null) + problem.replace(`${settingsSection}.`, ""),
        ),
      ),
    ),
  };
}

function atLine(line: number | null): string {
  return line === null ? "" : `line ${line}: `;
}

/** A value by its key (see `jsonLines`), or each entry of one that has entries, alone. */
function partsOf(name: string, value: unknown): readonly (readonly [string, unknown])[] {
  const isMap = name === "severity" || name === "booleans" || name === "define";
  return isMap && typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.entries(value).map(([inner, part]) => [`${name}/${inner}`, Object.fromEntries([[inner, part]])] as const)
    : [[name, value]];
}

/** One sentence for each mistake in the value, or in the one entry, of a name. */
function problemsOf(name: string, value: unknown, rules: readonly string[]): readonly string[] {
  const known = names.find((each) => each === name);
  if (name === "$schema") return [];
  if (known === undefined)
    return [`There is no "${name}" in a project file.${didYouMean(name, ["$schema", ...names])}`];
  if (value === null) return [`${name} must have a value.`];
  if (known === "baseline") return typeof value === "string" ? [] : ["baseline must be a string."];
  if (known === "policy" && typeof value === "string") return unknownPolicy(value.trim());
  const problems = [...parseSettings({ [known]: value }).problems];
  if (known === "define") definitionMap(value, problems);
  if (known !== "severity" || typeof value !== "object") return problems;
  const unknown = Object.keys(value).filter((rule) => !rules.includes(rule));
  return [...problems, ...unknown.map((rule) => `There is no rule "${rule}".${didYouMean(rule, rules)}`)];
}

function unknownPolicy(policy: string): readonly string[] {
  const words = ["auto", "live", ...releaseNames];
  if (policy === "" || words.includes(policy) || isPolicyPath(policy)) return [];
  return [`There is no bundled policy "${policy}".${didYouMean(policy, words)}`];
}

/**
 * The settings with those of the project file over them; what it sets by name (severities, booleans) is added. Where the
 * workspace is not trusted its paths are ignored, and said to be.
 */
export function withProject(base: Settings, { path, settings, problems }: Project, trusted: boolean): Settings {
  const { policy, root, baseline, container, severity, booleans, define } = settings;
  const namesPath =
    (policy !== undefined && !namesBundledPolicy(policy)) || root !== undefined || baseline !== undefined;
  const untrusted = namesPath ? ["Its paths are ignored, because the workspace is not trusted."] : [];
  const choice = policy === undefined || (!trusted && !namesBundledPolicy(policy)) ? base.policy : policy;
  return {
    ...base,
    policy: choice,
    root: trusted ? (root ?? base.root) : base.root,
    baseline: trusted ? (baseline ?? base.baseline) : base.baseline,
    container: container ?? base.container,
    severity: new Map([...base.severity, ...(severity ?? [])]),
    booleans: new Map([...base.booleans, ...(booleans ?? [])]),
    define: new Map([...base.define, ...(define ?? [])]),
    project: { path, ignored: [...problems, ...(trusted ? [] : untrusted)] },
  };
}

/** The JSON schema of a project file. `rules`: what `severity` can name. */
export function projectFileSchema(
  rules: readonly { readonly id: string; readonly title: string; readonly severity: Severity }[],
): object {
  const path = "A relative path starts at this file's directory.";
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "SELinux for nginx",
    description:
      "Settings of the nginx configurations in this directory and below, for the editor and the command line.",
    type: "object",
    additionalProperties: false,
    properties: {
      $schema: { type: "string" },
      policy: {
        type: "string",
        examples: ["auto", "live", ...releaseNames, "nginx-selinux.snapshot.json"],
        description: `The SELinux policy that decides: auto, live, a bundled release, or the path of a snapshot or policy. ${path}`,
      },
      root: { type: "string", description: `Directory that holds a copy of another machine's /. ${path}` },
      container: {
        enum: containerSettings,
        default: defaultSettings.container,
        description: "Whether the configuration is for nginx in a container.",
      },
      severity: {
        type: "object",
        additionalProperties: false,
        properties: Object.fromEntries(
          rules.map(({ id, title, severity }) => [
            id,
            { enum: severitySettings, description: `${title} (${severity} by default)` },
          ]),
        ),
        description: "Severity by rule.",
      },
      booleans: {
        type: "object",
        additionalProperties: { type: "boolean" },
        description: "What if: values of SELinux booleans that differ from the policy's.",
      },
      define: {
        type: "object",
        additionalProperties: { type: ["string", "number"] },
        description: "Values of the placeholders ${NAME}, {{ NAME }} and {NAME} of a template.",
      },
      baseline: {
        type: "string",
        description: `File with the findings that are known and do not count, as --write-baseline writes it. ${path}`,
      },
    },
  };
}
