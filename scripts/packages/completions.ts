/** What bash, zsh and fish complete, made from the table of commands and options. */
import { commands, type CommandRow } from "../../server/src/cli/arguments.ts";
import type { Option } from "../../server/src/cli/option.ts";

/** The three scripts by the file names that the shells look for. */
export function completions(): ReadonlyMap<string, string> {
  return new Map([
    ["nginx-selinux", bash()],
    ["_nginx-selinux", zsh()],
    ["nginx-selinux.fish", fish()],
  ]);
}

/** Characters of a description. */
const MOST_CHARACTERS = 72;

interface Values {
  readonly words: readonly string[];
  /** The value may be a path. */
  readonly paths: boolean;
}

/** What an option's value can be: help writes words as they are, and kinds in capitals. */
function valuesOf({ value }: Option<unknown>): Values | null {
  if (value === null) return null;
  if (value.includes("=")) return { words: [], paths: false };
  const parts = value.split("|");
  const kind = /^[A-Z]+$/;
  return {
    words: parts.filter((part) => !kind.test(part)),
    paths: parts.some((part) => ["PATH", "FILE", "DIR"].includes(part)),
  };
}

function takesFiles({ operands }: CommandRow): boolean {
  return /\b(FILE|DIR)\b/.test(operands);
}

function bash(): string {
  const cases = commands.flatMap(({ name, options }) =>
    options.flatMap((option) => {
      const values = valuesOf(option);
      if (values === null) return [];
      const words = `COMPREPLY=($(compgen -W "${values.words.join(" ")}" -- "$cur"))`;
      const paths = values.paths ? ' COMPREPLY+=($(compgen -f -- "$cur"))' : "";
      return [`    ${name}:--${option.name}) ${words}${paths === "" ? "" : `;${paths}`}; return ;;`];
    }),
  );
  const options = commands.map(
    ({ name, options: own }) => `    ${name}) words="${own.map((each) => `--${each.name}`).join(" ")}" ;;`,
  );
  const files = commands.filter(takesFiles).map(({ name }) => name);
  return `# bash completion for nginx-selinux. Generated from its table of options.
_nginx_selinux() {
  local cur prev command words
  COMPREPLY=()
  cur=\${COMP_WORDS[COMP_CWORD]}
  prev=\${COMP_WORDS[COMP_CWORD-1]}
  command=\${COMP_WORDS[1]}
  if [[ $COMP_CWORD -eq 1 ]]; then
    COMPREPLY=($(compgen -W "${commands.map(({ name }) => name).join(" ")} --help --version" -- "$cur"))
    return
  fi
  # bash makes a word of its own of each =.
  if [[ $cur == = ]]; then cur=; prev=\${COMP_WORDS[COMP_CWORD-1]}
  elif [[ $prev == = ]]; then prev=\${COMP_WORDS[COMP_CWORD-2]}; fi
  case $command:$prev in
${cases.join("\n")}
  esac
  case $command in
${options.join("\n")}
    *) return ;;
  esac
  if [[ $cur == -* ]]; then COMPREPLY=($(compgen -W "$words" -- "$cur"))
  elif [[ ${files.map((name) => `$command == ${name}`).join(" || ")} ]]; then COMPREPLY=($(compgen -f -- "$cur")); fi
}
complete -o filenames -F _nginx_selinux nginx-selinux
`;
}

function zsh(): string {
  const cases = commands.map(
    (command) => `        ${command.name})
          _arguments ${takesFiles(command) ? "'*:file:_files'" : "'*: :'"} \\
${command.options.map((option) => `            '${zshOption(option)}'`).join(" \\\n")}
          ;;`,
  );
  return `#compdef nginx-selinux
# zsh completion for nginx-selinux. Generated from its table of options.
_nginx_selinux() {
  local -a line commands
  local state
  commands=(
${commands.map(({ name, help }) => `    '${name}:${zshText(brief(help))}'`).join("\n")}
  )
  _arguments -C '1:command:->command' '*::argument:->arguments'
  case $state in
    command) _describe command commands ;;
    arguments)
      case $line[1] in
${cases.join("\n")}
      esac
      ;;
  esac
}
_nginx_selinux "$@"
`;
}

/** A specification as `_arguments` reads it, for single quotes. An option may be given again. */
function zshOption(option: Option<unknown>): string {
  const values = valuesOf(option);
  if (values === null) return `--${option.name}[${zshText(brief(option.help))}]`;
  const words = values.words.map(zshText).join(" ");
  const choices = String.raw`"words\:word\:(${words})"`;
  const both = words === "" ? "_files" : `{_alternative ${choices} "files\\:file\\:_files"}`;
  const action = values.paths ? both : words === "" ? " " : `(${words})`;
  return `*--${option.name}=[${zshText(brief(option.help))}]:value:${action}`;
}

function zshText(text: string): string {
  return shellText(text.replaceAll(/[[\]:\\]/g, String.raw`\$&`));
}

function fish(): string {
  const lines = commands.flatMap((command) => {
    const here = `complete -c nginx-selinux -n '__fish_seen_subcommand_from ${command.name}'`;
    return [
      `complete -c nginx-selinux -n __fish_use_subcommand -f -a ${command.name} -d '${fishText(brief(command.help))}'`,
      ...(takesFiles(command) ? [] : [`${here} -f`]),
      ...command.options.map((option) => {
        const values = valuesOf(option);
        const short = option.short === null ? "" : ` -s ${option.short}`;
        const head = `${here} -l ${option.name}${short}`;
        const text = `-d '${fishText(brief(option.help))}'`;
        if (values === null) return `${head} ${text}`;
        const words = values.words.length === 0 ? "" : ` -a '${values.words.join(" ")}'`;
        return `${head} -r ${values.paths ? "-F" : "-f"}${words} ${text}`;
      }),
    ];
  });
  return `# fish completion for nginx-selinux. Generated from its table of options.\n${lines.join("\n")}\n`;
}

/** What fits beside a word in a list: the first clause. */
function brief(help: string): string {
  const [clause = ""] = help.split(/[.;] /);
  return clause.length <= MOST_CHARACTERS ? clause : `${clause.slice(0, MOST_CHARACTERS - 1)}…`;
}

/** For single quotes of a POSIX shell. */
function shellText(text: string): string {
  return text.replaceAll("'", String.raw`'\''`);
}

/** For single quotes of fish. */
function fishText(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("'", String.raw`\'`);
}
