/** The command line, parsed. Nothing here touches the world. */
import { parseArgs } from "node:util";
import { didYouMean } from "../base/nearest.ts";
import type { Format } from "../report/format.ts";
import type { Severity } from "../base/severity.ts";
import type { ContainerSetting, SeveritySetting } from "../shared/settings.ts";
import type { Option } from "./option.ts";
import * as options from "./options.ts";
import { UsageError } from "./usageError.ts";

/** Options that choose the policy and its state. */
export interface PolicyOptions {
  /**
   * Each `auto`, `live`, a release, or a path as written; at least one, for all but `check` exactly one. Null where none is
   * given: then a project file decides, or `auto`.
   */
  readonly policies: readonly [string | null, ...string[]];
  readonly booleans: ReadonlyMap<string, boolean>;
  /** Values of placeholders in templates. */
  readonly define: ReadonlyMap<string, string>;
  readonly domain: string | null;
  /** As written; null for this machine. */
  readonly root: string | null;
}

export interface CheckCommand extends PolicyOptions {
  readonly command: "check";
  /** As written; none for the default. */
  readonly files: readonly string[];
  readonly all: boolean;
  readonly verbose: boolean;
  readonly failOn: Severity | "none";
  readonly severity: ReadonlyMap<string, SeveritySetting>;
  readonly format: Format;
  /** As written; null for standard output. */
  readonly output: string | null;
  readonly quiet: boolean;
  readonly color: "auto" | "always" | "never";
  /** As written; null for none. */
  readonly baseline: string | null;
  readonly writeBaseline: string | null;
  readonly maxFileSizeMB: number | null;
  readonly maxTotalSizeMB: number | null;
  /** Null where it is not given. */
  readonly container: ContainerSetting | null;
}

export interface ExplainCommand extends PolicyOptions {
  readonly command: "explain";
  /** A port, a socket, a log line, or `-` for lines from standard input. */
  readonly target: string;
  readonly format: "text" | "json" | "cil";
  readonly verbose: boolean;
  /** As written; null for the default. */
  readonly config: string | null;
}

export interface DenialsCommand extends PolicyOptions {
  readonly command: "denials";
  /** The log to read, as written; null for those of the host. */
  readonly file: string | null;
  readonly format: "text" | "json" | "cil";
  readonly verbose: boolean;
  readonly config: string | null;
  readonly since: string | null;
  readonly follow: boolean;
  /** The audit log is asked for with `sudo -n`. */
  readonly sudo: boolean;
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

/** No boolean is asked: what-ifs are a project file's. */
export interface McpCommand extends PolicyOptions {
  readonly command: "mcp";
  /** As written; none for the working directory. */
  readonly folders: readonly string[];
}

export type Command =
  | CheckCommand
  | ExplainCommand
  | DenialsCommand
  | SnapshotCommand
  | ParseCommand
  | { readonly command: "lsp" }
  | McpCommand
  | { readonly command: "help" }
  | { readonly command: "version" };

/** One command: its lines in `--help`, its options, and what its arguments mean. */
export interface CommandRow {
  readonly name: string;
  /** The operands as help shows them; "" for none. */
  readonly operands: string;
  readonly help: string;
  readonly options: readonly Option<unknown>[];
  /** Throws UsageError. */
  read(given: Given): Command;
}

/** The arguments of one command. */
interface Given {
  readonly operands: readonly string[];
  /** The value of an option. Throws UsageError. */
  of<T>(option: Option<T>): T;
}

const forPolicy = [options.policy, options.boolean, options.domain, options.root, options.define];

export const commands: readonly CommandRow[] = [
  {
    name: "check",
    operands: "[FILE | DIR | -]...",
    help:
      "the findings of a main file, default /etc/nginx/nginx.conf; of a fragment with the main file that includes it; " +
      "of every configuration in a directory; of what nginx -T printed, in a file or (-) on standard input",
    options: [
      ...forPolicy,
      options.container,
      options.all,
      options.verbose,
      options.severity,
      options.failOn,
      options.baseline,
      options.writeBaseline,
      options.format,
      options.output,
      options.quiet,
      options.color,
      options.maxFileSize,
      options.maxTotalSize,
    ],
    read: (given) => ({
      command: "check",
      files: given.operands,
      all: given.of(options.all),
      failOn: given.of(options.failOn),
      severity: given.of(options.severity),
      format: formatFor(given),
      output: given.of(options.output),
      verbose: given.of(options.verbose),
      quiet: given.of(options.quiet),
      color: given.of(options.color),
      baseline: given.of(options.baseline),
      writeBaseline: given.of(options.writeBaseline),
      maxFileSizeMB: given.of(options.maxFileSize),
      maxTotalSizeMB: given.of(options.maxTotalSize),
      container: given.of(options.container),
      ...policyOptions(given, null),
      policies: atLeastOne(given.of(options.policy)),
    }),
  },
  {
    name: "explain",
    operands: "tcp/3000 | udp/443 | 127.0.0.1:3000 | unix:/run/x.sock | /srv/www | RULE | LINE | -",
    help: "what the policy says of one target, within the configuration of --config where it is given, or of a line from a log (-: lines from standard input), and what would change it; the page of a rule",
    options: [...forPolicy, options.config, options.denialFormat, options.verbose],
    read: (given) => ({
      command: "explain",
      target: exactlyOne(
        given.operands,
        "explain needs one target: tcp/3000, udp/443, 127.0.0.1:3000, unix:/run/x.sock, /srv/www, a rule's id, a line from a log in quotes, or -",
      ),
      verbose: given.of(options.verbose),
      format: given.of(options.denialFormat),
      config: given.of(options.config),
      ...policyOptions(given, null),
    }),
  },
  {
    name: "denials",
    operands: "[FILE]",
    help: "what this host has recorded, or a log, joined to the lines of the configuration",
    options: [
      ...forPolicy,
      options.config,
      options.since,
      options.follow,
      options.sudo,
      options.denialFormat,
      options.verbose,
    ],
    read: (given) => ({
      command: "denials",
      file: atMostOne(given.operands, "denials takes one FILE"),
      format: given.of(options.denialFormat),
      verbose: given.of(options.verbose),
      config: given.of(options.config),
      since: given.of(options.since),
      follow: given.of(options.follow),
      sudo: given.of(options.sudo),
      ...policyOptions(given, null),
    }),
  },
  {
    name: "snapshot",
    operands: "",
    help: "the policy of this host as a snapshot, to commit beside a configuration; --policy is live by default",
    options: [options.output, options.policy, options.domain, options.root],
    read: (given) => {
      none(given.operands, "snapshot");
      return { command: "snapshot", output: given.of(options.output), ...policyOptions(given, "live") };
    },
  },
  {
    name: "parse",
    operands: "FILE",
    help: "the syntax tree as JSON, exactly as nginx reads it",
    options: [options.encoding],
    read: (given) => ({
      command: "parse",
      file: exactlyOne(given.operands, "parse needs one FILE"),
      encoding: given.of(options.encoding),
    }),
  },
  {
    name: "lsp",
    operands: "",
    help: "the language server, for any editor",
    options: [options.stdio],
    read: (given) => {
      none(given.operands, "lsp");
      return { command: "lsp" };
    },
  },
  {
    name: "mcp",
    operands: "[DIR]...",
    help: "tools for assistants over MCP, which read DIR alone, default the working directory",
    options: [options.stdio, options.policy, options.domain],
    read: (given) => ({ command: "mcp", folders: given.operands, ...policyOptions(given, null) }),
  },
];

/** Parses the arguments behind the program's name. Throws UsageError. */
export function parseArguments(args: readonly string[]): Command {
  const [name, ...rest] = args;
  if (name === undefined || args.includes("--help") || args.includes("-h") || name === "help")
    return { command: "help" };
  if (name === "--version" || name === "-V") return { command: "version" };
  const row = commands.find((each) => each.name === name);
  if (row !== undefined) return row.read(givenTo(row, rest));
  const names = [...commands.map((each) => each.name), "help"];
  throw new UsageError(`there is no command "${name}": use ${names.join(", ")}.${didYouMean(name, names)}`);
}

/** Splits the words behind a command. Throws UsageError for an option that it does not have, or without its value. */
function givenTo(command: CommandRow, args: readonly string[]): Given {
  const values = new Map<string, string[]>();
  const operands: string[] = [];
  const known = new Map(command.options.map((option) => [option.name, option]));
  const { tokens } = parseArgs({
    args: [...args],
    options: Object.fromEntries(command.options.map((option) => [option.name, splitting(option)])),
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  for (const token of tokens) {
    if (token.kind === "positional") operands.push(token.value);
    if (token.kind !== "option") continue;
    const option = known.get(token.name);
    if (option === undefined) {
      const hint = didYouMean(
        token.rawName,
        [...known.keys()].map((each) => `--${each}`),
      );
      throw new UsageError(`${command.name} has no option "${token.rawName}".${hint}`);
    }
    if (option.value === null && token.value !== undefined) throw new UsageError(`${token.rawName} takes no value`);
    if (option.value !== null && token.value === undefined) throw new UsageError(`${token.rawName} needs a value`);
    values.set(token.name, [...(values.get(token.name) ?? []), token.value ?? ""]);
  }
  return { operands, of: (option) => option.read(values.get(option.name) ?? []) };
}

/** How Node's parseArgs takes an option. */
function splitting({ value, short }: Option<unknown>): {
  readonly type: "string" | "boolean";
  readonly short?: string;
} {
  return { type: value === null ? "boolean" : "string", ...(short === null ? {} : { short }) };
}

/** `usual`: the policy where none is given. */
function policyOptions(given: Given, usual: string | null): PolicyOptions {
  return {
    policies: [given.of(options.policy).at(-1) ?? usual],
    booleans: given.of(options.boolean),
    define: given.of(options.define),
    domain: given.of(options.domain),
    root: given.of(options.root),
  };
}

function atLeastOne([first, ...more]: readonly string[]): PolicyOptions["policies"] {
  return [first ?? null, ...more];
}

/** Throws UsageError for more policies than the format takes: a plan takes one. */
function formatFor(given: Given): Format {
  const format = given.of(options.format);
  const policies = given.of(options.policy).length;
  if (format.onlyOne === true && policies > 1)
    throw new UsageError(`--format ${format.name} is for one --policy: each policy needs other changes`);
  const { count, reason } = format.mostPolicies ?? { count: Infinity, reason: "" };
  if (policies > count)
    throw new UsageError(`--format ${format.name} takes ${count} policies, and these are ${policies}. ${reason}`);
  return format;
}

function exactlyOne([only, second]: readonly string[], complaint: string): string {
  if (only === undefined || second !== undefined) throw new UsageError(complaint);
  return only;
}

function atMostOne([first, second]: readonly string[], complaint: string): string | null {
  if (second !== undefined) throw new UsageError(complaint);
  return first ?? null;
}

function none(operands: readonly string[], command: string): void {
  if (operands.length > 0) throw new UsageError(`${command} takes no operands`);
}
