/**
 * CI services read what a job prints and obey some of it: GitHub a line that begins with `::` (behind spaces), and `##[`
 * anywhere in a line (actions/runner, ActionCommand); Azure Pipelines `##vso[`; TeamCity `##teamcity[`. What a configuration
 * or a file name says must not get there.
 */

const marker = /##(?=\w*\[)/g;

/** A part of a line in which no service finds a command. */
export function withoutMarkers(text: string): string {
  return text.includes("##") ? text.replace(marker, String.raw`#\x23`) : text;
}

/** The beginning of a line, which begins no command. */
export function asLine(text: string): string {
  return text.includes("::") ? text.replace(/^(\s*):(?=:)/, String.raw`$1\x3a`) : text;
}

/** JSON that says the same: a piece of it, of any length, that does not end inside of an escape. */
export function jsonWithoutCommands(json: string): string {
  // `##` occurs in strings only, and an escape stands for the same character there.
  return json.includes("##") ? json.replaceAll("##", String.raw`#\u0023`) : json;
}
