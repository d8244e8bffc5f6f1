/**
 * The settings, once: their schema for package.json, their defaults, and the parser of what a client sends.
 *
 * Nothing is cast: a client may send anything, and a value of the wrong type falls back to its default and is named in
 * `problems`.
 */
import { severities, type Severity } from "../base/severity.ts";
import { isReleaseName, releaseNames } from "../base/bundledReleases.ts";

/** Prefix of every setting, and the section that the server asks the client for. */
export const settingsSection = "nginxSelinux";

/** What a user may ask for one rule; `off` silences it. */
export type SeveritySetting = Severity | "off";

/** The levels that a user may ask for. */
export const severitySettings: readonly SeveritySetting[] = [...severities, "off"];

/** Whether configurations are for nginx in a container: `auto` looks for signs of one. */
export const containerSettings = ["auto", "yes", "no"] as const;
export type ContainerSetting = (typeof containerSettings)[number];

/** Which logs are read for refusals: none, those that this user may read, or the audit log as root without a password. */
export const denialsSettings = ["off", "readable", "sudo"] as const;
export type DenialsSetting = (typeof denialsSettings)[number];

/** Which types of ports and sockets are shown in the text. */
export const inlayHintsSettings = ["off", "denied", "all"] as const;
export type InlayHintsSetting = (typeof inlayHintsSettings)[number];

/** The settings after parsing. Empty strings mean "not set". */
export interface Settings {
  /** `auto`, `live`, the name of a bundled release, or the path of a snapshot, policy file or directory. */
  readonly policy: string;
  /** Path of the nginx.conf that includes the opened fragments. */
  readonly mainFile: string;
  /** Directory that holds a copy of another machine's `/`. */
  readonly root: string;
  readonly container: ContainerSetting;
  /** Severity by rule id. */
  readonly severity: ReadonlyMap<string, SeveritySetting>;
  /** What-if values of SELinux booleans. */
  readonly booleans: ReadonlyMap<string, boolean>;
  /** Values of placeholders in templates, by name; only a project file and the command line set them. */
  readonly define: ReadonlyMap<string, string>;
  /** Files larger than this many mebibytes are not read. */
  readonly maxFileSizeMB: number;
  /** A file with which those of a configuration have more mebibytes together is not read. */
  readonly maxTotalSizeMB: number;
  /** Path of the list of findings that are known; only a project file and the command line set it. */
  readonly baseline: string;
  /** The project file that these settings are of; null for none. */
  readonly project: ProjectFile | null;
  /** Which logs of a live host are read for refusals. */
  readonly denials: DenialsSetting;
  readonly inlayHints: InlayHintsSetting;
}

/** Where a project file is, and what was ignored in it. */
export interface ProjectFile {
  readonly path: string;
  /** A sentence each. */
  readonly ignored: readonly string[];
}

/** The settings of a client that sets nothing. */
export const defaultSettings: Settings = {
  policy: "auto",
  mainFile: "",
  root: "",
  container: "auto",
  severity: new Map(),
  booleans: new Map(),
  define: new Map(),
  maxFileSizeMB: 256,
  maxTotalSizeMB: 1024,
  baseline: "",
  project: null,
  denials: "readable",
  inlayHints: "off",
};

/**
 * Settings that name a path, lift a limit or start a program, and are therefore ignored in an untrusted workspace. Full names, for
 * package.json. `policy` is not among them: a bundled release that it names is followed, and a path ignored by the server.
 */
export const restrictedSettings = ["mainFile", "root", "maxFileSizeMB", "maxTotalSizeMB", "denials"].map(
  (name) => `${settingsSection}.${name}`,
);

/** True for a policy setting that works in an untrusted workspace: no path. */
export function namesBundledPolicy(policy: string): boolean {
  return policy === "auto" || isReleaseName(policy);
}

/**
 * Reads the object that a client sends for the section `nginxSelinux`.
 * `problems`: one sentence for each value that was ignored.
 */
export function parseSettings(value: unknown): { readonly settings: Settings; readonly problems: readonly string[] } {
  const problems: string[] = [];
  const raw = isRecord(value) ? value : {};
  const settings: Settings = {
    policy: text(raw, "policy", problems) || defaultSettings.policy,
    mainFile: text(raw, "mainFile", problems),
    root: text(raw, "root", problems),
    container: containerSetting(raw["container"], problems),
    severity: severityMap(raw["severity"], problems),
    booleans: booleanMap(raw["booleans"], problems),
    define: defaultSettings.define,
    maxFileSizeMB: size(raw, "maxFileSizeMB", problems),
    maxTotalSizeMB: size(raw, "maxTotalSizeMB", problems),
    baseline: defaultSettings.baseline,
    project: null,
    denials: denialsSetting(raw["denials"], problems),
    inlayHints: inlayHintsSetting(raw["inlayHints"], problems),
  };
  return { settings, problems };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function text(raw: Readonly<Record<string, unknown>>, name: string, problems: string[]): string {
  const value = raw[name];
  if (typeof value === "string") return value.trim();
  if (value !== undefined && value !== null) problems.push(`${settingsSection}.${name} must be a string.`);
  return "";
}

function containerSetting(value: unknown, problems: string[]): ContainerSetting {
  const known = containerSettings.find((each) => each === value);
  if (known === undefined && value !== undefined && value !== null)
    problems.push(`${settingsSection}.container must be one of ${containerSettings.join(", ")}.`);
  return known ?? defaultSettings.container;
}

function denialsSetting(value: unknown, problems: string[]): DenialsSetting {
  const known = denialsSettings.find((each) => each === value);
  if (known === undefined && value !== undefined && value !== null)
    problems.push(`${settingsSection}.denials must be one of ${denialsSettings.join(", ")}.`);
  return known ?? defaultSettings.denials;
}

function inlayHintsSetting(value: unknown, problems: string[]): InlayHintsSetting {
  const known = inlayHintsSettings.find((each) => each === value);
  if (known === undefined && value !== undefined && value !== null)
    problems.push(`${settingsSection}.inlayHints must be one of ${inlayHintsSettings.join(", ")}.`);
  return known ?? defaultSettings.inlayHints;
}

function size(
  raw: Readonly<Record<string, unknown>>,
  name: "maxFileSizeMB" | "maxTotalSizeMB",
  problems: string[],
): number {
  const value = raw[name];
  if (typeof value === "number" && Number.isFinite(value) && value > 0) return value;
  if (value !== undefined && value !== null) problems.push(`${settingsSection}.${name} must be a number above zero.`);
  return defaultSettings[name];
}

function severityMap(value: unknown, problems: string[]): ReadonlyMap<string, SeveritySetting> {
  const result = new Map<string, SeveritySetting>();
  for (const [rule, wanted] of entries(value, "severity", problems)) {
    const known = severitySettings.find((severity) => severity === wanted);
    if (known !== undefined) result.set(rule, known);
    else problems.push(`${settingsSection}.severity: "${rule}" must be one of ${severitySettings.join(", ")}.`);
  }
  return result;
}

function booleanMap(value: unknown, problems: string[]): ReadonlyMap<string, boolean> {
  const result = new Map<string, boolean>();
  for (const [name, wanted] of entries(value, "booleans", problems)) {
    if (typeof wanted === "boolean") result.set(name, wanted);
    else problems.push(`${settingsSection}.booleans: "${name}" must be true or false.`);
  }
  return result;
}

/** True for the name of a placeholder: of a shell, of Jinja, of Python. */
export function isPlaceholderName(name: string): boolean {
  return /^[A-Za-z_][\w.-]{0,99}$/.test(name);
}

/** True for a value that stays on its line. */
export function isPlaceholderValue(value: string): boolean {
  // oxlint-disable-next-line no-control-regex -- a value must not have any
  return value.length <= 10_000 && !/[\x00-\x1f\x7f]/.test(value);
}

/** Values of placeholders; what is none is named in `problems`. */
export function definitionMap(value: unknown, problems: string[]): ReadonlyMap<string, string> {
  const result = new Map<string, string>();
  for (const [name, given] of entries(value, "define", problems)) {
    const known = typeof given === "number" ? String(given) : given;
    if (typeof known === "string" && isPlaceholderName(name) && isPlaceholderValue(known)) result.set(name, known);
    else problems.push(`${settingsSection}.define: "${name}" must be a name with a text on one line.`);
  }
  return result;
}

function entries(value: unknown, name: string, problems: string[]): readonly (readonly [string, unknown])[] {
  if (isRecord(value)) return Object.entries(value);
  if (value !== undefined && value !== null) problems.push(`${settingsSection}.${name} must be an object.`);
  return [];
}

/** One property of `contributes.configuration`, as VS Code reads it. */
export type SettingSchema = Readonly<Record<string, unknown>>;

/**
 * The value of package.json's `contributes.configuration`.
 * `rules`: the rule list, for the keys of `nginxSelinux.severity`.
 */
export function configurationSchema(
  rules: readonly { readonly id: string; readonly title: string; readonly severity: Severity }[],
): { readonly title: string; readonly properties: Readonly<Record<string, SettingSchema>> } {
  const properties: readonly (readonly [string, SettingSchema])[] = [
    ["policy", policySchema()],
    ["mainFile", pathSchema("Path of the `nginx.conf` whose includes reach the opened files. Empty: it is searched.")],
    [
      "root",
      pathSchema(
        "Directory that holds a copy of another machine's `/`: `/etc/nginx/...` is then read from below it. Empty: paths are this machine's.",
      ),
    ],
    ["container", containerSchema()],
    ["severity", severitySchema(rules)],
    ["booleans", booleansSchema()],
    ["maxFileSizeMB", sizeSchema("maxFileSizeMB", "Files larger than this many mebibytes are not read.")],
    [
      "maxTotalSizeMB",
      sizeSchema(
        "maxTotalSizeMB",
        "The files of a configuration are read up to this many mebibytes together; a note names the first that is not.",
      ),
    ],
    ["denials", denialsSchema()],
    ["inlayHints", inlayHintsSchema()],
    ["trace.server", traceSchema()],
  ];
  return {
    title: "SELinux for nginx",
    properties: Object.fromEntries(
      properties.map(([name, schema], order) => [`${settingsSection}.${name}`, { ...schema, order }]),
    ),
  };
}

function policySchema(): SettingSchema {
  return {
    type: "string",
    default: defaultSettings.policy,
    scope: "resource",
    examples: ["auto", "live", ...releaseNames],
    markdownDescription: `The SELinux policy that decides: \`auto\` (that of this host where SELinux is present, else \`nginx-selinux.snapshot.json\` at the root of the workspace, else the release of this machine), \`live\` (that of this host), ${releaseNames.map((name) => `\`${name}\``).join(", ")}, or the path of a snapshot, of a policy file, or of a directory laid out like \`/etc/selinux/targeted\`. In an untrusted workspace only the bundled releases are used.`,
  };
}

function pathSchema(markdownDescription: string): SettingSchema {
  return {
    type: "string",
    default: "",
    scope: "resource",
    markdownDescription: `${markdownDescription} A relative path starts at the workspace folder. Ignored in an untrusted workspace.`,
  };
}

function containerSchema(): SettingSchema {
  return {
    type: "string",
    enum: containerSettings,
    default: defaultSettings.container,
    scope: "resource",
    markdownDescription:
      "Whether the configuration is for nginx in a container, which the host's policy does not describe: `auto` (where the only nginx of this host runs in one, or a Dockerfile, compose file or quadlet near the configuration copies or mounts it to where nginx reads it), `yes`, or `no`: it is checked as for a host.",
  };
}

function severitySchema(rules: Parameters<typeof configurationSchema>[0]): SettingSchema {
  return {
    type: "object",
    default: {},
    scope: "resource",
    additionalProperties: false,
    properties: Object.fromEntries(
      rules.map((rule) => [
        rule.id,
        { type: "string", enum: severitySettings, description: `${rule.title} (${rule.severity} by default)` },
      ]),
    ),
    markdownDescription: 'Severity by rule, for example `{ "target-unknown": "off" }`.',
  };
}

function booleansSchema(): SettingSchema {
  return {
    type: "object",
    default: {},
    scope: "resource",
    additionalProperties: { type: "boolean" },
    markdownDescription:
      'What if: values of SELinux booleans that differ from the policy\'s, for example `{ "httpd_can_network_relay": true }`.',
  };
}

function sizeSchema(name: "maxFileSizeMB" | "maxTotalSizeMB", description: string): SettingSchema {
  return {
    type: "number",
    default: defaultSettings[name],
    exclusiveMinimum: 0,
    scope: "machine",
    markdownDescription: `${description} A limit of this machine: no workspace can lift it.`,
  };
}

function denialsSchema(): SettingSchema {
  return {
    type: "string",
    enum: denialsSettings,
    default: defaultSettings.denials,
    scope: "machine",
    markdownDescription:
      "Which logs of this host are read for refusals of what a configuration does, where its policy is this host's: `readable` (the audit log and nginx's error logs, as far as this user may read them), `sudo` (the audit log with `sudo -n ausearch`, which never asks for a password), or `off`. Nothing is read in an untrusted workspace.",
  };
}

function inlayHintsSchema(): SettingSchema {
  return {
    type: "string",
    enum: inlayHintsSettings,
    default: defaultSettings.inlayHints,
    scope: "resource",
    markdownDescription:
      "Shows the SELinux type of a port or a unix socket behind it, for example `ntop_port_t`: `off`, `denied` (where nginx is refused), or `all`.",
  };
}

function traceSchema(): SettingSchema {
  return {
    type: "string",
    enum: ["off", "messages", "verbose"],
    default: "off",
    scope: "window",
    description: "Writes the messages between the editor and the language server to the output channel.",
  };
}
