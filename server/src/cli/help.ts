/** The texts about the command line: `--help`, and the parts of the README. All are made from the table of commands. */
import { commands, type CommandRow } from "./arguments.ts";
import type { Option } from "./option.ts";

/** Column at which meanings begin, and the last one. */
const MEANING = 34;
const WIDTH = 120;

/** The text of `--help`. */
export function helpText(): string {
  const shown = new Set<Option<unknown>>();
  return [
    "nginx-selinux - what SELinux will refuse when nginx loads its configuration, and the commands that make it work",
    "",
    ...commands.flatMap((command) => commandLines(command, shown)),
    "nginx-selinux --help | --version",
    "",
    "Exit code: 0 clean, 1 findings, 2 could not run (the reason is on standard error).",
    "",
  ].join("\n");
}

/** A line for each command, with what it does. */
export function synopsis(): string {
  return commands.flatMap((command) => entry(heading(command), command.help)).join("\n");
}

/** Every option once, in the order of the commands, with the names of the commands that have it. */
export function optionRows(): readonly { readonly option: Option<unknown>; readonly commands: readonly string[] }[] {
  return [...new Set(commands.flatMap((command) => command.options))].map((option) => ({
    option,
    commands: commands.filter((command) => command.options.includes(option)).map(({ name }) => name),
  }));
}

/** An option as it is written, with its value. */
export function optionUsage({ name, short, value }: Option<unknown>): string {
  return `${short === null ? "" : `-${short}, `}--${name}${value === null ? "" : ` ${value}`}`;
}

/** A command with its options; those that an earlier command has are only named. */
function commandLines(command: CommandRow, shown: Set<Option<unknown>>): readonly string[] {
  const known = command.options.filter((option) => shown.has(option));
  const fresh = command.options.filter((option) => !shown.has(option));
  for (const option of fresh) shown.add(option);
  return [
    ...entry(heading(command), command.help),
    ...fresh.flatMap((option) => entry(`  ${optionUsage(option)}`, option.help)),
    ...(known.length === 0 ? [] : [`  ${known.map(({ name }) => `--${name}`).join(", ")} as above`]),
  ];
}

function heading({ name, operands }: CommandRow): string {
  return `nginx-selinux ${name}${operands === "" ? "" : ` ${operands}`}`;
}

/** A term and its meaning in the column beside it, or below where the term is long. */
function entry(term: string, meaning: string): readonly string[] {
  const lines: string[] = [];
  let line = term.length < MEANING ? term : (lines.push(term), "");
  for (const word of meaning.split(" ")) {
    if (line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = "";
    }
    line = line.length < MEANING ? line.padEnd(MEANING) + word : `${line} ${word}`;
  }
  return [...lines, line];
}
