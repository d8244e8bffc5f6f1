/**
 * `.nginx-selinux.json`: settings that belong to a configuration, for the command line and the editor alike. The nearest one
 * above a file counts. It wins over the editor's settings, and the command line wins over it.
 */
import type { Severity } from "../base/severity.ts";
import { releaseNames } from "../base/bundledReleases.ts";
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
  /** One sentence for each value that was ignored. */
  readonly problems: readonly string[];
}

/** Reads the text of a project file. What is wrong is ignored, and named in `problems`. */
export function parseProjectFile(text: string, path: string, directory: string): Project {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { path, settings: {}, problems: [error instanceof Error ? error.message : String(error)] };
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return { path, settings: {}, problems: ["It must be one object."] };
  const raw = new Map<string, unknown>(Object.entries(value));
  const parsed = parseSettings(value);
  const problems = [...parsed.problems];
  const define = definitionMap(raw.get("define"), problems);
  const baseline = raw.get("baseline");
  const isText = typeof baseline === "string";
  const all = withAbsolutePaths({ ...parsed.settings, baseline: isText ? baseline : "" }, directory);
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
    problems: [
      ...problems.map((problem) => problem.replace(`${settingsSection}.`, "")),
      ...(baseline === undefined || isText ? [] : ["baseline must be a string."]),
      ...unknownNames([...raw.keys()]),
    ],
  };
}

function unknownNames(given: readonly string[]): readonly string[] {
  const known = ["$schema", ...names];
  return given
    .filter((name) => !known.includes(name))
    .map((name) => `There is no "${name}" in a project file.${didYouMean(name, known)}`);
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
