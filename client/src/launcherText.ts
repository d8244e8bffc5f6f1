/** The shell script that starts the command line. Text only. */

export interface Launcher {
  /** The program that runs JavaScript: a path, or a name that is searched on the PATH. */
  readonly node: string;
  /** Path of `cli.cjs`. */
  readonly program: string;
  /** True where `node` is an editor, which is Node only when it is told so. */
  readonly electron?: boolean;
  /** Where the kernel says how SELinux is set. */
  readonly selinux?: string;
}

/**
 * The whole script. Where SELinux lets the user's programs make no executable memory, Node's compiler ends the process at
 * its start (exit code 133); Node is then started without the compiler. That is tried only where SELinux enforces, and not
 * where RHEL's booleans say that an unconfined user may.
 */
export function launcherText({ node, program, electron = false, selinux = "/sys/fs/selinux" }: Launcher): string {
  return `#!/bin/sh
${launcherMark}
node=${quoted(node)}
program=${quoted(program)}
selinux=${quoted(selinux)}
${electron ? "export ELECTRON_RUN_AS_NODE=1\n" : ""}
value() {
  word=
  [ -r "$1" ] && read -r word rest <"$1"
  printf '%s' "$word"
}

may_compile() {
  [ "$(value "$selinux/enforce")" = 1 ] || return 0
  if [ "$(value "$selinux/booleans/selinuxuser_execmem")" = 1 ] && [ "$(value "$selinux/booleans/deny_execmem")" != 1 ]; then
    case $(value /proc/self/attr/current) in *:unconfined_t:*) return 0 ;; esac
  fi
  "$node" -e 0 >/dev/null 2>&1
  [ $? -lt 128 ]
}

if may_compile; then exec "$node" "$program" "$@"; fi
exec "$node" --jitless "$program" "$@"
`;
}

/** The second line of each script that was written here, by which one is known again. */
export const launcherMark = "# Starts the command line of SELinux for nginx.";

/** The program that a script of ours starts, or null where it is not ours. */
export function linkedProgram(text: string): string | null {
  const match = text.includes(launcherMark) ? /^program='((?:[^']|'\\'')*)'$/m.exec(text) : null;
  return match?.[1]?.replaceAll(String.raw`'\''`, "'") ?? null;
}

/** The word in single quotes, as a POSIX shell reads it. */
function quoted(word: string): string {
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
