/** The command line, parsed. Nothing here touches the world. */
import { didYouMean } from "../nearest.ts";
import type { Severity } from "../rules/rule.ts";
import { planFormats } from "../protocol.ts";
import { containerSettings, type ContainerSetting } from "../settings.ts";
import { UsageError } from "./usageError.ts";

/** Options that choose the policy and its state. */
export interface PolicyOptions {
  /** `auto`, a release, or a path as written. */
  readonly policy: string;
  readonly booleans: ReadonlyMap<string, boolean>;
  readonly domain: string | null;
  /** As written; null for this machine. */
  readonly root: string | null;
}

export interface CheckCommand extends PolicyOptions {
  readonly command: "check";
  /** As written; null for the default. */
  readonly file: string | null;
  readonly all: boolean;
  readonly failOn: Severity;
  readonly format: CheckFormat;
  readonly maxFileSizeMB: number | null;
  readonly container: ContainerSetting;
}

export interface ExplainCommand extends PolicyOptions {
  readonly command: "explain";
  readonly target: string;
  readonly format: "text" | "json";
}

/** No boolean is asked: what-ifs are not part of a host's policy. */
export interface SnapshotCommand extends PolicyOptions {
  readonly command: "snapshot";
  /** As written; null for standard output. */
  readonly output: string | null;
}

export interface ParseCommand {
  readonly command: "parse";
  readonly file: string;
  readonly encoding: "utf8" | "latin1";
}

export type Command =
  | CheckCommand
  | ExplainCommand
  | SnapshotCommand
  | ParseCommand
  | { readonly command: "lsp" }
  | { readonly command: "help" }
  | { readonly command: "version" };

const commands = ["check", "explain", "snapshot", "parse", "lsp", "help"] as const;
const severities: readonly Severity[] = ["error", "warning", "information", "hint"];
const formats = ["text", "json"] as const;
const checkFormats = [...formats, "sarif", "github", ...planFormats] as const;
export type CheckFormat = (typeof checkFormats)[number];
const encodings = ["utf8", "latin1"] as const;

/** Options with a value, and those without, by command. */
const withValue: Readonly<Record<string, readonly string[]>> = {
  check: ["--policy", "--boolean", "--domain", "--root", "--fail-on", "--format", "--max-file-size", "--container"],
  explain: ["--policy", "--boolean", "--domain", "--root", "--format"],
  snapshot: ["--output", "--policy", "--domain", "--root"],
  parse: ["--encoding"],
};
const withoutValue: Readonly<Record<string, readonly string[]>> = { check: ["--all"], lsp: ["--stdio"] };

/** Parses the arguments behind the program's name. Throws UsageError. */
export function parseArguments(args: readonly string[]): Command {
  const [name, ...rest] = args;
  if (name === undefined || args.includes("--help") || args.includes("-h") || name === "help")
    return { command: "help" };
  if (name === "--version" || name === "-V") return { command: "version" };
  const command = commands.find((each) => each === name);
  if (command === undefined)
    throw new UsageError(`there is no command "${name}": use ${commands.join(", ")}.${didYouMean(name, commands)}`);
  const words = splitWords(command, rest);
  switch (command) {
    case "check":
      return checkCommand(words);
    case "explain":
      return explainCommand(words);
    case "snapshot":
      none(words.operands, "snapshot");
      return {
        command,
        output: words.last("--output") ?? null,
        ...policyOptions(words),
        policy: words.last("--policy") ?? "live",
      };
    case "parse":
      return {
        command,
        file: only(words.operands, "parse needs one FILE"),
        encoding: oneOf("--encoding", words.last("--encoding") ?? "utf8", encodings),
      };
    case "lsp":
      none(words.operands, "lsp");
      return { command };
    case "help":
      return { command };
  }
}

interface Words {
  readonly operands: readonly string[];
  readonly flags: ReadonlySet<string>;
  /** The values of an option in their order. */
  all(option: string): readonly string[];
  last(option: string): string | undefined;
}

function splitWords(command: string, args: readonly string[]): Words {
  const valued = withValue[command] ?? [];
  const plain = withoutValue[command] ?? [];
  const operands: string[] = [];
  const flags = new Set<string>();
  const values = new Map<string, string[]>();
  for (let i = 0; i < args.length; i++) {
    const word = args[i] === "-o" && valued.includes("--output") ? "--output" : (args[i] ?? "");
    if (!word.startsWith("--") || word === "--") {
      if (word === "--") operands.push(...args.slice(i + 1));
      else operands.push(word);
      if (word === "--") break;
      continue;
    }
    const equals = word.indexOf("=");
    const option = equals < 0 ? word : word.slice(0, equals);
    if (plain.includes(option) && equals < 0) flags.add(option);
    else if (valued.includes(option)) {
      const value = equals < 0 ? args[++i] : word.slice(equals + 1);
      if (value === undefined) throw new UsageError(`${option} needs a value`);
      values.set(option, [...(values.get(option) ?? []), value]);
    } else throw new UsageError(`${command} has no option "${option}".${didYouMean(option, [...valued, ...plain])}`);
  }
  return { operands, flags, all: (option) => values.get(option) ?? [], last: (option) => values.get(option)?.at(-1) };
}

function checkCommand(words: Words): CheckCommand {
  if (words.operands.length > 1) throw new UsageError("check takes one FILE");
  return {
    command: "check",
    file: words.operands[0] ?? null,
    all: words.flags.has("--all"),
    failOn: oneOf("--fail-on", words.last("--fail-on") ?? "error", severities),
    format: oneOf("--format", words.last("--format") ?? "text", checkFormats),
    maxFileSizeMB: sizeOf(words.last("--max-file-size")),
    container: oneOf("--container", words.last("--container") ?? "auto", containerSettings),
    ...policyOptions(words),
  };
}

function explainCommand(words: Words): ExplainCommand {
  return {
    command: "explain",
    target: only(words.operands, "explain needs one target: tcp/3000, udp/443 or unix:/run/x.sock"),
    format: oneOf("--format", words.last("--format") ?? "text", formats),
    ...policyOptions(words),
  };
}

function policyOptions(words: Words): PolicyOptions {
  return {
    policy: words.last("--policy") ?? "auto",
    booleans: new Map(words.all("--boolean").map(booleanOf)),
    domain: words.last("--domain") ?? null,
    root: words.last("--root") ?? null,
  };
}

function booleanOf(text: string): [string, boolean] {
  const match = /^([^=]+)=(on|off|1|0|true|false)$/.exec(text);
  if (match === null) throw new UsageError(`--boolean needs NAME=on or NAME=off, not "${text}"`);
  return [match[1] ?? "", ["on", "1", "true"].includes(match[2] ?? "")];
}

function sizeOf(text: string | undefined): number | null {
  if (text === undefined) return null;
  const size = Number(text);
  if (!(size > 0) || !Number.isFinite(size))
    throw new UsageError(`--max-file-size needs a number of MB above zero, not "${text}"`);
  return size;
}

function oneOf<T extends string>(option: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((each) => each === value);
  if (found === undefined)
    throw new UsageError(`${option} needs one of ${allowed.join(", ")}, not "${value}".${didYouMean(value, allowed)}`);
  return found;
}

function only(operands: readonly string[], complaint: string): string {
  const [first, second] = operands;
  if (first === undefined || second !== undefined) throw new UsageError(complaint);
  return first;
}

function none(operands: readonly string[], command: string): void {
  if (operands.length > 0) throw new UsageError(`${command} takes no operands`);
}
