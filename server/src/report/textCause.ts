/** One cause as text: the place, the refusal, the line, the commands, what they open, where else. */
import type { Configuration } from "../nginx/load/configuration.ts";
import { lineIndexOf } from "../nginx/tree/lineIndexes.ts";
import { quoteWord } from "../fixes/quote.ts";
import { asLine, withoutMarkers } from "../base/workflowCommands.ts";
import type { Severity } from "../base/severity.ts";
import type { Range } from "../base/text.ts";
import type { Cause, CausePlace } from "./causes.ts";
import { excerptOf } from "./excerpt.ts";
import { allFixesText, becauseText, editLine, field, oneLine } from "./prose.ts";
import type { ReportAccess, ReportFix, ReportStep } from "./report.ts";
import { printable, type Style } from "./terminal.ts";

/** How causes are shown. */
export interface CauseTextOptions {
  readonly style: Style;
  /** Evidence, every place and every fix with its commands. */
  readonly verbose: boolean;
  /** Options that a command needs to ask the same policy, each with a blank in front, quoted. */
  readonly samePolicy: string;
  /** A path as it is shown. */
  nameOf(path: string): string;
}

/** Steps, edits and places that are shown where not all are. */
const MOST = 3;

/** Makes the blocks of one configuration's causes. */
export function causeTexts(
  { files }: Configuration,
  options: CauseTextOptions,
): (cause: Cause, alike: readonly Cause[]) => string {
  const { style, verbose, nameOf } = options;
  const byPath = new Map(files.map((file) => [file.path, file.tree]));
  const placeOf = ({ file, range: { start } }: { readonly file: string; readonly range: Range }): string =>
    style.link(`${asLine(printable(nameOf(file)))}:${start.line + 1}:${start.character + 1}`, file);

  const sourceLine = ({ file, range }: CausePlace, paint: (text: string) => string): string => {
    const tree = byPath.get(file);
    if (tree === undefined) return "";
    const index = lineIndexOf(tree);
    const span = { start: index.offsetAt(range.start), end: index.offsetAt(range.end) };
    const { before, target, behind } = excerptOf(index, span);
    return asLine(withoutMarkers(`         ${before.trimStart()}${paint(target)}${behind}\n`));
  };

  const chain = (via: readonly ReportStep[]): string => {
    const steps = via
      .slice(0, verbose ? via.length : MOST)
      .map((step) => `${printable(step.directive)} at ${placeOf(step)}`);
    return steps.length === 0 ? "" : field("used", [...steps, ...more(via.length - steps.length)].join(", "), style);
  };

  const printed = new Set<string>();
  return (cause, alike) => {
    const { severity, message, rule, places, because, fixes, moreFixes, access } = cause;
    const [first, ...others] = places;
    if (first === undefined) return "";
    const paint = colourOf(style, severity);
    const head = `${style.bold(placeOf(first))}: ${paint(severity)}: ${printable(message)} ${style.dim(`[${rule}]`)}\n`;
    const also = alsoAt(others, placeOf, options);
    if (verbose)
      return `${head}${sourceLine(first, paint)}${chain(access?.via ?? [])}${also}${allFixesText(fixes, options)}${becauseText(because, style)}\n`;
    return `${head}${sourceLine(first, paint)}${fixText(fixes, printed, options)}${also}${alikeText(alike, options)}${otherFixes(fixes.length - 1 + moreFixes, access, options)}\n`;
  };
}

/** A command that fails the second time. */
const ADDING = /^sudo semanage \w+ -a /u;

/**
 * The preferred fix: its commands, the edits that follow them, and in one line what they open. `printed`: the commands of
 * the blocks above, to which these are added. One that adds a record is a comment where it is among them: it would fail.
 */
function fixText(fixes: readonly ReportFix[], printed: Set<string>, { style, nameOf }: CauseTextOptions): string {
  const fix = fixes.find((each) => each.preferred) ?? fixes[0];
  if (fix === undefined) return "";
  const then = fix.commands.length === 0 ? "write" : "then write";
  const edits = (fix.edits ?? []).map((edit) => `${then} ${editLine(edit, nameOf)}`);
  const shown = [
    ...edits.slice(0, MOST),
    ...(edits.length > MOST ? [`and at ${edits.length - MOST} more places`] : []),
  ];
  const commands = fix.commands.map((command) =>
    printed.has(command) && ADDING.test(command)
      ? style.dim(printable(`# above already: ${command}`))
      : style.bold(printable(command)),
  );
  for (const command of fix.commands) printed.add(command);
  const lines = [...commands, ...shown];
  const remarks = [...(fix.durable ? [] : ["temporary"]), fix.opensBriefly].join("; ");
  return (
    lines.map((line, i) => `    ${style.dim((i === 0 ? "fix" : "").padEnd(4))} ${line}\n`).join("") +
    (remarks === "" ? "" : oneLine("", printable(remarks), style, style.dim))
  );
}

/** The further places, with their targets where those are others: as many as a line takes, all of them if `verbose`. */
function alsoAt(
  others: readonly CausePlace[],
  placeOf: (place: CausePlace) => string,
  { style, verbose, nameOf }: CauseTextOptions,
): string {
  if (others.length === 0) return "";
  const named = ({ other }: CausePlace, place: string): string =>
    other === null ? place : `${printable(other)} at ${place}`;
  return verbose
    ? others.map((place) => field("also", named(place, placeOf(place)), style)).join("")
    : listed("also", others, (place) => named(place, shortPlace(place, nameOf)), style);
}

/** Causes that are mended in the same way, each with commands for its own path: the script has them. */
function alikeText(alike: readonly Cause[], { style }: CauseTextOptions): string {
  if (alike.length === 0) return "";
  const count = `${alike.length} more ${alike.length === 1 ? "path" : "paths"}, own commands each (--verbose)`;
  const named = (cause: Cause): string =>
    `${cause === alike[0] ? `${count}: ` : ""}${printable(cause.access?.path ?? "")}`;
  return listed("like", alike, named, style, "more");
}

function shortPlace({ file, range }: CausePlace, nameOf: (path: string) => string): string {
  return `${asLine(printable(nameOf(file)))}:${range.start.line + 1}`;
}

/** As many as a line takes, and how many there are beside: there may be a hundred thousand. */
function listed<T>(
  name: string,
  items: readonly T[],
  wordOf: (item: T) => string,
  style: Style,
  rest: "more" | "places" = "places",
): string {
  const shown: string[] = [];
  let width = 0;
  for (const item of items) {
    const word = wordOf(item);
    width += word.length + 2;
    if (shown.length > 0 && width > style.width - (rest === "places" ? ROOM : SMALL_ROOM)) break;
    shown.push(word);
  }
  const count = items.length - shown.length;
  const left = rest === "places" ? more(count) : count === 0 ? [] : [`and ${count} more`];
  return `    ${style.dim(name)} ${[...shown, ...left].join(", ")}\n`;
}

/** Columns that stay free for "and 123 more places", and for "and 123 more". */
const ROOM = 30;
const SMALL_ROOM = 16;

function more(count: number): readonly string[] {
  return count <= 0 ? [] : [`and ${count} more ${count === 1 ? "place" : "places"}`];
}

/** How to see the other fixes. */
function otherFixes(count: number, access: ReportAccess | null, options: CauseTextOptions): string {
  if (count <= 0) return "";
  const target = access === null ? null : explained(access);
  const how = target === null ? "check again with --verbose" : `nginx-selinux explain${options.samePolicy} ${target}`;
  return `    ${options.style.dim("or  ")} ${count} other ${count === 1 ? "fix" : "fixes"}: ${how}\n`;
}

/** A target as `explain` takes it, quoted; null where it takes none. */
function explained({ kind, protocol, port, lastPort, path }: ReportAccess): string | null {
  if (protocol === "tcp" || protocol === "udp")
    return port === null || lastPort !== undefined || kind === "bind" ? null : `${protocol}/${port}`;
  if (path === null || (protocol === "unix" && kind === "bind")) return null;
  const quoted = quoteWord(protocol === "unix" ? `unix:${path}` : path);
  // A CI service would act on a marker in its log.
  return quoted.ok && !/::|##\w*\[/u.test(path) ? quoted.text : null;
}

/** The colour of a severity. */
export function colourOf(style: Style, severity: Severity): (text: string) => string {
  return severity === "error" ? style.red : severity === "warning" ? style.yellow : style.blue;
}
