/** `nginx-selinux check`: the findings of one configuration. */
import { isAtLeast } from "../base/severity.ts";
import { createReporter } from "../buildReport.ts";
import { createLanguageService, type Outcome, type Surroundings } from "../languageService.ts";
import { defaultSettings } from "../settings.ts";
import type { CheckCommand, PolicyOptions } from "./arguments.ts";
import { absolutePath, shownPath, showProgress, type Console } from "./console.ts";
import { writeAll } from "./output.ts";
import { printable } from "../report/terminal.ts";
import { UsageError } from "./usageError.ts";

const defaultMain = "/etc/nginx/nginx.conf";

/** Exit code: 0 clean, 1 with a finding at or above `--fail-on`. What cannot run is thrown. */
export async function check(command: CheckCommand, console: Console): Promise<number> {
  const root = command.root === null ? "" : await rootDirectory(console, command.root);
  const main = await mainPath(console, command.file, root);
  const stop = showProgress(console, `checking ${shownPath(console, main)}`);
  const { maxFileSizeMB, container } = command;
  const service = createLanguageService(console.host, surroundingsOf(console, command, root, maxFileSizeMB, container));
  const outcome = await service.analyzeFile(main).finally(stop);
  sayPolicy(outcome, console);
  await print(command, outcome, console);
  return outcome.analysis.findings.some((finding) => isAtLeast(finding.severity, command.failOn)) ? 1 : 0;
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

/** Where the main file is read: below `--root` if it is there, else as written. */
async function mainPath(console: Console, file: string | null, root: string): Promise<string> {
  const plain = absolutePath(console, file ?? defaultMain);
  if (root === "" || plain.startsWith(`${root}/`)) return plain;
  const below = `${root}/${(file ?? defaultMain).replace(/^\/+/, "")}`;
  const exists = await console.host.stat(below).then(
    () => true,
    () => false,
  );
  return exists || file === null ? below : plain;
}

function sayPolicy({ analysis, main, chosen, disagreements }: Outcome, console: Console): void {
  console.complain(`policy: ${chosen.facts.info.title} (${chosen.reason})`);
  for (const each of disagreements) console.complain(`warning: the kernel disagrees: ${each}`);
  const { configuration, context } = analysis;
  if (context.container !== null)
    console.complain(
      `container: ${printable(context.container)}; nothing of the host is checked (--container no checks it)`,
    );
  if (main === null) {
    const name = shownPath(console, configuration.files[0]?.path ?? "");
    console.complain(
      `note: ${name} is a fragment, checked alone as the content of "${configuration.fragmentContext ?? "http"}"; give the main file to check all of it`,
    );
  }
}

async function print({ format, all }: CheckCommand, { analysis, chosen }: Outcome, console: Console): Promise<void> {
  const reporter = createReporter(analysis, chosen);
  const nameOf = (path: string): string => shownPath(console, path);
  if (format.forPeople === true) {
    for (const note of reporter.notes())
      console.complain(`note: ${nameOf(note.file)}:${note.range.start.line + 1}: ${note.message}`);
  }
  return writeAll(console.out, format.write({ analysis, chosen, reporter, all, style: console.style, nameOf }));
}
