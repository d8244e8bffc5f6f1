/** The parts of a script that copy keys and certificates, and that look whether the configuration names the copies. */
import { COPY_MODE } from "../fileCopy.ts";
import { quoteWord } from "../quote.ts";
import type { PlanCopy } from "./plan.ts";
import { commentText, editedWords, shellWord } from "./planWords.ts";

/** Shell functions. A line is taken for one that names a path where that stands alone in it and the line is no comment. */
export const copyFunctions = String.raw`# copy MODE FROM TO: what had the name before is kept as TO~.
copy() {
  if cmp -s "$2" "$3"; then
    say "$3: is there already"
  elif [ -f "$2" ]; then
    say "copying $2 to $3"
    install -D -b -m "$1" "$2" "$3"
    restorecon "$3"
  else
    say "$2 is missing on this host, so nothing was copied to $3"
  fi
}

# names FILE PATH: true where a line of the file names the path, and where the file cannot be read.
names() {
  [ -r "$1" ] || return 0
  path=$2 awk '
    /^[ \t]*#/ { next }
    {
      for (rest = $0; (at = index(rest, ENVIRON["path"])) > 0; rest = substr(rest, at + 1))
        if (substr(rest, at + length(ENVIRON["path"]), 1) !~ /[A-Za-z0-9_.\/-]/) found = 1
    }
    END { exit !found }
  ' "$1"
}
`;

/** Lines of the function that makes the changes. */
export function copyLines(copies: readonly PlanCopy[]): readonly string[] {
  return copies.map(({ copy: { from, to } }) => `  copy ${COPY_MODE} ${shellWord(from)} ${shellWord(to)}`);
}

/** Lines of the function that takes the changes back: a copy that the configuration names is left where it is. */
export function removeLines(copies: readonly PlanCopy[]): readonly string[] {
  return copies.flatMap(({ copy: { from, to }, places }) => [
    `  if ${anyOf(places.map(({ file, after }) => namesTest(file, after)))}; then`,
    `    say ${sayable(`${to}: the configuration names it, so it stays`)}`,
    `  elif cmp -s ${shellWord(from)} ${shellWord(to)}; then`,
    `    rm -f ${shellWord(to)}`,
    "  fi",
  ]);
}

/** Lines in front of the reload: it waits until the configuration names the copies. */
export function pendingLines(copies: readonly PlanCopy[]): string {
  const places = copies.flatMap((copy) => copy.places);
  if (places.length === 0) return "";
  const lines = places.flatMap((place) => [
    `  if ${namesTest(place.file, place.before)}; then`,
    `    say ${sayable(`change the configuration ${editedWords(place)}`)}`,
    "    pending=yes",
    "  fi",
  ]);
  return [
    "  pending=no",
    ...lines,
    '  if [ "$pending" = yes ]; then',
    "    say 'nginx was not reloaded: make these changes, then run this again, or reload nginx'",
    "    return 0",
    "  fi",
    "",
  ].join("\n");
}

/** A test that is true where the file names the path, and where that cannot be seen. */
function namesTest(file: string, path: string): string {
  const [at, word] = [quoteWord(file), quoteWord(path)];
  return at.ok && word.ok ? `names ${at.text} ${word.text}` : "true";
}

function anyOf(tests: readonly string[]): string {
  return tests.length === 0 ? "false" : [...new Set(tests)].join(" || ");
}

/** A text that is only shown, in single quotes: it need not be one that a command could take. */
function sayable(text: string): string {
  return `'${commentText(text).replaceAll("'", String.raw`'\''`)}'`;
}
