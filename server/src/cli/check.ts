/** `nginx-selinux check`: the findings of one or several configurations. */
import { isAtLeast } from "../base/severity.ts";
import { createReporter } from "../buildReport.ts";
import { createLanguageService, type LanguageService, type Outcome, type Surroundings } from "../languageService.ts";
import { defaultSettings } from "../settings.ts";
import type { CheckCommand, PolicyOptions } from "./arguments.ts";
import { absolutePath, shownPath, showProgress, type Console } from "./console.ts";
import { inputsOf, type Input } from "./inputs.ts";
import { writeAll } from "./output.ts";
import type { Reported } from "../report/format.ts";
import { printable } from "../report/terminal.ts";
import { UsageError } from "./usageError.ts";

/** Exit code: 0 clean, 1 with a finding at or above `--fail-on`. What cannot run is thrown. */
export async function check(command: CheckCommand, console: Console): Promise<number> {
  const root = command.root === null ? "" : await rootDirectory(console, command.root);
  const { maxFileSizeMB, container } = command;
  const service = createLanguageService(console.host, surroundingsOf(console, command, root, maxFileSizeMB, container));
  const limit = (maxFileSizeMB ?? defaultSettings.maxFileSizeMB) * 2 ** 20;
  const inputs = await inputsOf(command, console, service, root, limit);
  const outcomes = await outcomesOf(inputs, console, service);
  const said = new Set<string>();
  for (const line of outcomes.flatMap((outcome) => remarksOn(outcome, console))) {
    if (!said.has(line)) console.complain(line);
    said.add(line);
  }
  await print(command, outcomes, console);
  const failing = ({ analysis }: Outcome): boolean =>
    analysis.findings.some((finding) => isAtLeast(finding.severity, command.failOn));
  return outcomes.some(failing) ? 1 : 0;
}

/** Each configuration once, however many of its files are given. */
async function outcomesOf(
  inputs: readonly Input[],
  console: Console,
  service: LanguageService,
): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const { path, folders } of inputs) {
    const name = shownPath(console, path);
    const holder = outcomes.find((each) => holds(each, path));
    const stop = showProgress(console, `checking ${name}`);
    const outcome = holder ?? (await service.analyzeFile(path, undefined, folders).finally(stop));
    stop();
    const { main, isDump, analysis } = outcome;
    if (main !== null && main !== path && !isDump)
      console.complain(`note: ${name} is a part of ${shownPath(console, main)}, which is checked`);
    if (isDump)
      console.complain(`note: ${name} is what nginx -T printed: ${main}, ${analysis.configuration.files.length} files`);
    if (main === null || isDump || !outcomes.some((each) => each.main === main)) outcomes.push(outcome);
  }
  return outcomes;
}

function holds({ main, isDump, analysis }: Outcome, path: string): boolean {
  return !isDump && main !== null && analysis.configuration.files.some((file) => file.path === path);
}

/** What the options of the command line mean for the service. */
export function surroundingsOf(
  console: Console,
  options: PolicyOptions,
  root: string,
  maxFileSizeMB: number | null,
  container = defaultSettings.container,
): Surroundings {
  const settings = {
    ...defaultSettings,
    policy: policySetting(console, options.policy),
    root,
    container,
    booleans: options.booleans,
    maxFileSizeMB: maxFileSizeMB ?? defaultSettings.maxFileSizeMB,
  };
  return { trusted: true, folders: [], settingsFor: () => settings, domain: options.domain, strict: true };
}

/** A policy is a path where it looks like one; a bare word is a release, or a mistake that the service names. */
function policySetting(console: Console, policy: string): string {
  return /[/\\.]/.test(policy) ? absolutePath(console, policy) : policy;
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
function remarksOn({ analysis, main, chosen, disagreements }: Outcome, console: Console): readonly string[] {
  const { configuration, context } = analysis;
  const name = shownPath(console, configuration.files[0]?.path ?? "");
  return [
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

async function print({ format, all }: CheckCommand, outcomes: readonly Outcome[], console: Console): Promise<void> {
  const nameOf = (path: string): string => shownPath(console, path);
  const reports = outcomes.map(({ analysis, chosen }): Reported => {
    const reporter = createReporter(analysis, chosen);
    return { analysis, chosen, reporter, all, style: console.style, nameOf };
  });
  if (format.forPeople === true) {
    for (const note of reports.flatMap(({ reporter }) => reporter.notes()))
      console.complain(`note: ${nameOf(note.file)}:${note.range.start.line + 1}: ${note.message}`);
  }
  const [only, ...more] = reports;
  if (only !== undefined && more.length === 0) return writeAll(console.out, format.write(only));
  if (format.several === undefined)
    throw new UsageError(`--format ${format.name} takes one configuration, and these are ${reports.length}`);
  return writeAll(console.out, format.several(reports));
}
