/** The options of the command line, a row each. `arguments.ts` says which command has which. */
import { severities } from "../base/severity.ts";
import { releaseNames } from "../base/bundledReleases.ts";
import { didYouMean } from "../base/nearest.ts";
import { ruleInfos } from "../rules/index.ts";
import {
  containerSettings,
  defaultSettings,
  isPlaceholderName,
  isPlaceholderValue,
  severitySettings,
  type ContainerSetting,
  type SeveritySetting,
} from "../shared/settings.ts";
import { formats } from "../report/formats.ts";
import { choice, flag, mapped, optional, rowOf, word } from "./option.ts";
import { UsageError } from "./usageError.ts";

export const policy = mapped(
  ["auto", "live", ...releaseNames, "PATH"].join("|"),
  {
    name: "policy",
    help:
      "the policy that decides. live: that of this host, without root. PATH: a snapshot, a policy.NN, or a directory " +
      "laid out like /etc/selinux/targeted. auto (default): live where SELinux is, else nginx-selinux.snapshot.json " +
      "beside FILE or above it, else the release of this machine, else rhel9. For check repeatable: one report, with a " +
      "column for each policy",
  },
  (values): readonly string[] => [...new Set(values)],
);

export const boolean = mapped(
  "NAME=on|off",
  { name: "boolean", help: "what if; repeatable" },
  (values): ReadonlyMap<string, boolean> => new Map(values.map(booleanOf)),
);

export const define = mapped(
  "NAME=VALUE",
  { name: "define", help: "the value of ${NAME}, {{ NAME }} and {NAME} in a template; repeatable" },
  (values): ReadonlyMap<string, string> => new Map(values.map(definitionOf)),
);

export const domain = word("TYPE", {
  name: "domain",
  help: "nginx's domain; default: as on the live host, else httpd_t",
});

export const root = word("DIR", { name: "root", help: "DIR is a copy of another machine's /" });

export const container = optional(
  choice<ContainerSetting>(containerSettings, {
    name: "container",
    help:
      "whether FILE is for nginx in a container, which the host's policy does not describe. auto (default): where a " +
      "Dockerfile, compose file or quadlet near FILE copies or mounts it, or the only nginx of the live host runs in one",
  }),
);

export const all = flag({ name: "all", help: "list allowed and unknown accesses too" });

export const verbose = flag({
  name: "verbose",
  help: "check: evidence, every place, and every fix with its commands and its undo; everywhere: all types that a fix opens",
});

export const failOn = choice([...severities, "none"], {
  name: "fail-on",
  help: "exit 1 for findings at or above this (default error); none: findings never change the exit code",
});

export const severity = mapped(
  "RULE=LEVEL",
  { name: "severity", help: `how much a rule matters; LEVEL is one of ${severitySettings.join(", ")}; repeatable` },
  (values): ReadonlyMap<string, SeveritySetting> => new Map(values.map(severityOf)),
);

export const baseline = word("FILE", {
  name: "baseline",
  help: "the findings that FILE lists are known: they do not count, and are not shown",
});

export const writeBaseline = word("FILE", {
  name: "write-baseline",
  help: "write every finding of now to FILE, for --baseline: by rule, target and file, so that lines may move",
});

export const quiet = flag({ name: "quiet", short: "q", help: "nothing on standard error but errors" });

export const color = choice(["auto", "always", "never"], {
  name: "color",
  help: "colours in the text; auto (default): on a terminal, where NO_COLOR is not set",
});

export const format = rowOf(formats, {
  name: "format",
  help: formats.map(({ name, help }) => `${name}: ${help}`).join("; "),
});

export const denialFormat = choice(["text", "json", "cil"], {
  name: "format",
  help: "text (default), JSON, or of log lines the policy module with exactly the rules that are missing",
});

export const config = word("FILE", {
  name: "config",
  help:
    "the configuration that log lines are joined to, default /etc/nginx/nginx.conf where it is. FILE stands for " +
    "/etc/nginx/nginx.conf, and its directory for /etc/nginx",
});

export const since = word("TIME", {
  name: "since",
  help: "only newer refusals: 10m, 2h, 3d, today, yesterday, 2026-01-15, 2026-01-15 10:00",
});

export const follow = flag({ name: "follow", short: "f", help: "go on, and show each new refusal as it happens" });

export const sudo = flag({
  name: "sudo",
  help: "ask the audit log as root: sudo -n ausearch, which never asks for a password",
});

export const maxFileSize = mapped(
  "MB",
  { name: "max-file-size", help: `larger files are not read (default ${defaultSettings.maxFileSizeMB})` },
  (values) => sizeIn(values, "max-file-size"),
);

export const maxTotalSize = mapped(
  "MB",
  {
    name: "max-total-size",
    help: `the files of a configuration are read up to so many MB together (default ${defaultSettings.maxTotalSizeMB})`,
  },
  (values) => sizeIn(values, "max-total-size"),
);

export const output = word("FILE", {
  name: "output",
  short: "o",
  help: "write to FILE, not to standard output; a file there is replaced, but a snapshot replaces only a snapshot",
});

export const encoding = choice(["utf8", "latin1"], {
  name: "encoding",
  help: "latin1: a code point for each byte",
});

export const stdio = flag({ name: "stdio", help: "over standard input and output, which is the only way" });

function severityOf(text: string): [string, SeveritySetting] {
  const [rule = "", level] = text.split("=", 2);
  const known = severitySettings.find((each) => each === level);
  if (known === undefined)
    throw new UsageError(`--severity needs RULE=LEVEL with one of ${severitySettings.join(", ")}, not "${text}"`);
  const rules = ruleInfos.map(({ id }) => id);
  if (!rules.includes(rule)) throw new UsageError(`there is no rule "${rule}".${didYouMean(rule, rules)}`);
  return [rule, known];
}

function definitionOf(text: string): [string, string] {
  const equals = text.indexOf("=");
  const [name, value] = [text.slice(0, Math.max(equals, 0)), text.slice(equals + 1)];
  if (!isPlaceholderName(name) || !isPlaceholderValue(value))
    throw new UsageError(`--define needs NAME=VALUE, a value on one line, not "${text}"`);
  return [name, value];
}

function booleanOf(text: string): [string, boolean] {
  const match = /^([^=]+)=(on|off|1|0|true|false)$/.exec(text);
  if (match === null) throw new UsageError(`--boolean needs NAME=on or NAME=off, not "${text}"`);
  return [match[1] ?? "", ["on", "1", "true"].includes(match[2] ?? "")];
}

/** The last size in MB that is given; null for none. Throws UsageError. */
function sizeIn(values: readonly string[], option: string): number | null {
  const text = values.at(-1);
  if (text === undefined) return null;
  const size = Number(text);
  if (size > 0 && Number.isFinite(size)) return size;
  throw new UsageError(`--${option} needs a number of MB above zero, not "${text}"`);
}
