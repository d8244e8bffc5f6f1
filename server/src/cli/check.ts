/** `nginx-selinux check`: the findings of one or several configurations. */
import { isPolicyPath } from "../base/bundledReleases.ts";
import { isAtLeast } from "../base/severity.ts";
import { createReporter } from "../report/buildReport.ts";
import { Engine } from "../workspace/engine.ts";
import type { Outcome } from "../workspace/analyses.ts";
import type { Surroundings } from "../workspace/surroundings.ts";
import { defaultSettings, type Settings } from "../shared/settings.ts";
import type { CheckCommand, PolicyOptions } from "./arguments.ts";
import { absolutePath, shownPath, showProgress, type Console } from "./console.ts";
import { inputsOf, type Input } from "./inputs.ts";
import { inChunks, writeAll } from "./output.ts";
import type { Reported } from "../report/format.ts";
import { printable, styleFor } from "../report/terminal.ts";
import { jsonWithoutCommands } from "../base/workflowCommands.ts";
import { writeBaseline } from "./baselineFile.ts";
import { replaceFile } from "./replaceFile.ts";
import { operandOf, samePolicyOptions } from "./sameRun.ts";
import { UsageError } from "./usageError.ts";

/**
 * Exit code: 0 clean, 1 with a finding at or above `--fail-on`. What cannot run is thrown. `version`: the program's own, for
 * reports that name it.
 */
export async function check(command: CheckCommand, terminal: Console, version: string): Promise<number> {
  const console = command.quiet ? { ...terminal, interactive: false, complain: () => undefined } : sayingOnce(terminal);
  const outcomes = await underEachPolicy(command, console);
  if (command.writeBaseline !== null) await writeBaseline(command.writeBaseline, outcomes.flat(), console);
  for (const line of outcomes.flat().flatMap((outcome) => remarksOn(outcome, console))) console.complain(line);
  await print(command, outcomes, console, version);
  const { failOn } = command;
  if (failOn === "none" || command.writeBaseline !== null) return 0;
  const failing = ({ analysis }: Outcome): boolean =>
    analysis.findings.some((finding) => isAtLeast(finding.severity, failOn));
  return outcomes.flat().some(failing) ? 1 : 0;
}

/** The console, on which each remark is made once: configurations and policies share most of them. */
function sayingOnce(console: Console): Console {
  const said = new Set<string>();
  return {
    ...console,
    complain: (line) => {
      if (!said.has(line)) console.complain(line);
      said.add(line);
    },
  };
}

/** A row for each configuration, with an outcome for each policy. Every file is read once. */
async function underEachPolicy(command: CheckCommand, console: Console): Promise<readonly (readonly Outcome[])[]> {
  const root = command.root === null ? "" : await rootDirectory(console, command.root);
  const surroundings = command.policies.map((policy) => surroundingsOf(console, command, policy, { ...command, root }));
  const engine = new Engine(console.host, surroundings[0]);
  const limit = (command.maxFileSizeMB ?? defaultSettings.maxFileSizeMB) * 2 ** 20;
  const inputs = await inputsOf(command, console, engine, root, limit);
  const columns: (readonly Outcome[])[] = [];
  for (const each of surroundings) {
    engine.configure(each);
    columns.push(await outcomesOf(inputs, console, engine));
  }
  return (columns[0] ?? []).map((_, i) => columns.flatMap((column) => column[i] ?? []));
}

/** Each configuration once, however many of its files are given. */
async function outcomesOf(inputs: readonly Input[], console: Console, engine: Engine): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const { path, folders } of inputs) {
    const name = shownPath(console, path);
    const holder = outcomes.find((each) => holds(each, path));
    const stop = showProgress(console, `checking ${name}`);
    const outcome = holder ?? (await engine.analyzeFile(path, undefined, folders).finally(stop));
    stop();
    const { main, dump, analysis } = outcome;
    if (main !== null && main !== path && dump === null)
      console.complain(`note: ${name} is a part of ${shownPath(console, main)}, which is checked`);
    if (dump !== null)
      console.complain(`note: ${name} is what nginx -T printed: ${main}, ${analysis.configuration.files.length} files`);
    if (main === null || dump !== null || !outcomes.some((each) => each.main === main)) outcomes.push(outcome);
  }
  return outcomes;
}

function holds({ main, dump, analysis }: Outcome, path: string): boolean {
  return dump === null && main !== null && analysis.configuration.files.some((file) => file.path === path);
}

/** What only some commands ask for; null and what is left out say nothing. */
interface MoreOptions extends Partial<
  Pick<CheckCommand, "maxFileSizeMB" | "maxTotalSizeMB" | "container" | "severity" | "baseline">
> {
  /** Checked already: absolute, without a final slash, "" for this machine. */
  readonly root: string;
}

/** What the options of the command line mean for the engine: what is given wins over a project file. */
export function surroundingsOf(
  console: Console,
  options: PolicyOptions,
  policy: string | null,
  { root, maxFileSizeMB, maxTotalSizeMB, container, severity, baseline }: MoreOptions,
): Surroundings {
  const override = (settings: Settings): Settings => ({
    ...settings,
    policy: policy === null ? settings.policy : policySetting(console, policy),
    root: options.root === null ? settings.root : root,
    container: container ?? settings.container,
    severity: new Map([...settings.severity, ...(severity ?? [])]),
    booleans: new Map([...settings.booleans, ...options.booleans]),
    define: new Map([...settings.define, ...options.define]),
    maxFileSizeMB: maxFileSizeMB ?? settings.maxFileSizeMB,
    maxTotalSizeMB: maxTotalSizeMB ?? settings.maxTotalSizeMB,
    baseline: typeof baseline === "string" ? absolutePath(console, baseline) : settings.baseline,
    // What was recorded is the matter of `denials`.
    denials: "off",
  });
  return {
    trusted: true,
    folders: [],
    settingsFor: () => defaultSettings,
    override,
    domain: options.domain,
    strict: true,
  };
}

/** A policy is a path where it looks like one; a bare word is a release, or a mistake that the engine names. */
function policySetting(console: Console, policy: string): string {
  return isPolicyPath(policy) ? absolutePath(console, policy) : policy;
}

/** The directory of `--root`, without a final slash. Throws UsageError where it is none. */
export async function rootDirectory(console: Console, root: string): Promise<string> {
  const path = absolutePath(console, root);
  const kind = await console.host.stat(path).then(
    (facts) => facts.kind,
    (error: unknown) => {
      throw new UsageError(`--root ${root}: ${error instanceof Error ? error.message : String(error)}`);
    },
  );
  if (kind !== "directory") throw new UsageError(`--root ${root}: not a directory`);
  return path === "/" ? "" : path;
}

/** What the policy, the container and the fragment mean for the findings, for people. */
function remarksOn({ analysis, main, chosen, disagreements, project }: Outcome, console: Console): readonly string[] {
  const { configuration, context } = analysis;
  const name = shownPath(console, configuration.files[0]?.path ?? "");
  return [
    ...(project === null ? [] : [`settings: ${shownPath(console, project.path)}`]),
    `policy: ${chosen.facts.info.title} (${chosen.reason})`,
    ...disagreements.map((each) => `warning: the kernel disagrees: ${each}`),
    ...(context.container === null
      ? []
      : [`container: ${printable(context.container)}; nothing of the host is checked (--container no checks it)`]),
    ...(main === null
      ? [
          `note: ${name} is a fragment, checked alone as the content of "${configuration.fragmentContext ?? "http"}"; give the main file to check all of it`,
        ]
      : []),
  ];
}

async function print(
  command: CheckCommand,
  outcomes: readonly (readonly Outcome[])[],
  console: Console,
  version: string,
): Promise<void> {
  const { format, all, verbose, output, color } = command;
  const style = output === null && color === "auto" ? console.style : styleFor(color === "always");
  const nameOf = (path: string): string => shownPath(console, path);
  const samePolicy = samePolicyOptions(command) ?? "";
  const isRepeatable = samePolicyOptions(command) !== null;
  const date = new Date(console.host.date()).toISOString().slice(0, 10);
  const reports = outcomes.map((row) =>
    row.map(({ analysis, chosen, dump }): Reported => {
      const reporter = createReporter(analysis, chosen);
      const operand =
        dump === null && isRepeatable ? operandOf(nameOf(analysis.configuration.files[0]?.path ?? "")) : null;
      return { analysis, chosen, reporter, version, date, all, verbose, samePolicy, operand, style, nameOf };
    }),
  );
  if (format.forPeople === true) {
    for (const note of reports.flat().flatMap(({ reporter }) => reporter.notes()))
      console.complain(`note: ${nameOf(note.file)}:${note.range.start.line + 1}: ${note.message}`);
  }
  if (format.onlyOne === true && reports.length > 1)
    throw new UsageError(`--format ${format.name} takes one configuration, and these are ${reports.length}`);
  const pieces = format.write(reports);
  const inert = format.isJson === true ? inertJson(pieces) : pieces;
  if (output === null) return writeAll(console.out, inert);
  await replaceFile(absolutePath(console, output), inert, `--output ${output}`);
}

/** JSON may be printed into the log of a CI service, which looks for commands. */
function* inertJson(pieces: Iterable<string>): Generator<string, void> {
  for (const piece of inChunks(pieces)) yield jsonWithoutCommands(piece);
}
