/** A report of refusals as text for people: one block for each, the fix first. */
import type { DenialModule } from "../fixes/denialModule.ts";
import type { DenialReport, ReportDenial } from "./denialReport.ts";
import { nameOf as lastPart, parentOf } from "../base/paths.ts";
import { printable } from "./terminal.ts";
import { becauseText, field, type FixTextOptions } from "./prose.ts";

/** The text in pieces. */
export function* denialText(report: DenialReport, options: FixTextOptions): Generator<string, void> {
  let first = true;
  for (const cause of causesOf(report.denials)) {
    yield (first ? "" : "\n") + causeBlock(cause, options);
    first = false;
  }
  const { style } = options;
  for (const { line, reason } of report.notUnderstood)
    yield `${style.dim(`line ${line}: not understood:`)} ${printable(reason)}\n`;
  for (const { log, reason, how } of report.unread)
    yield `${style.yellow("not read:")} ${printable(log)}: ${printable(reason)}; ${printable(how)}\n`;
  if (report.leftOut > 0) yield `${report.leftOut} further lines were left out\n`;
}

/** Refusals with one cause: the file that is named, and others of its directory that are refused and cleared in the same way. */
interface Cause {
  readonly denial: ReportDenial;
  readonly others: readonly ReportDenial[];
}

/** What is refused now first, then what may be, then the rest; the most frequent first. */
function causesOf(denials: readonly ReportDenial[]): readonly Cause[] {
  const groups = new Map<string, ReportDenial[]>();
  denials.forEach((denial, index) => {
    const key = causeKey(denial) ?? `${index}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [denial]);
    else group.push(denial);
  });
  const rank = { refused: 0, unknown: 1, allowed: 2, "never-refused": 3 } as const;
  return [...groups.values()]
    .flatMap(([denial, ...others]) => (denial === undefined ? [] : [{ denial, others }]))
    .toSorted((a, b) => rank[a.denial.verdict] - rank[b.denial.verdict] || countOf(b) - countOf(a));
}

/** Equal for files of one directory to which the same is said; null where a refusal is about no file. */
function causeKey(denial: ReportDenial): string | null {
  const { path, name, protocol, port } = denial;
  if (port !== null || protocol !== null || (path === null && name === null)) return null;
  const { verdict, cause, process, source, target, permissions, permissive, form, log, places, fixes } = denial;
  const where = places.map(({ file, range: { start } }) => [file, start.line, start.character]);
  const commands = fixes.map((fix) => [fix.title, fix.commands]);
  const said = [verdict, cause, process, source, target, denial.class, permissions, permissive, form, log];
  return JSON.stringify([path === null ? null : parentOf(path), said, where, commands]);
}

function countOf({ denial, others }: Cause): number {
  return others.reduce((sum, { count }) => sum + count, denial.count);
}

function causeBlock(cause: Cause, { style, verbose, nameOf }: FixTextOptions): string {
  const { denial } = cause;
  const { verdict, message } = denial;
  const paint = verdict === "refused" ? style.red : verdict === "unknown" ? style.yellow : style.green;
  const at = denial.places
    .slice(0, MOST_PLACES)
    .map(({ file, range, directive }) => `${nameOf(file)}:${range.start.line + 1} (${directive})`);
  const where = denial.places.length > MOST_PLACES ? [...at, `and ${denial.places.length - MOST_PLACES} more`] : at;
  const preferred = denial.fixes.find((fix) => fix.preferred) ?? denial.fixes[0];
  const others = denial.fixes.filter((fix) => fix !== preferred);
  const opens = (verbose ? preferred?.opens : preferred?.opensBriefly) ?? "";
  const remarks = [...(preferred?.durable === false ? ["temporary"] : []), ...(opens === "" ? [] : [opens])].join("; ");
  return (
    `${paint(verdict)} ${style.bold(printable(message))}\n` +
    (where.length === 0
      ? ""
      : field(
          "at",
          printable(where.join(where.length > 1 && denial.places[0]?.certainty !== "certain" ? " or " : ", ")),
          style,
        )) +
    (cause.others.length === 0 ? "" : field("also", printable(othersOf(cause)), style)) +
    field("seen", printable(seen(cause)), style) +
    (preferred === undefined
      ? ""
      : field("fix", printable(preferred.title), style, style.green) +
        preferred.commands.map((command) => `           ${style.bold(printable(command))}\n`).join("") +
        (remarks === "" ? "" : field("", printable(remarks), style, style.dim))) +
    others.map(({ title }) => field("or", printable(title), style)).join("") +
    becauseText(denial.because, style)
  );
}

const MOST_PLACES = 5;

/** Further files of a cause that are named. */
const MOST_OTHERS = 3;

function othersOf({ denial, others }: Cause): string {
  const names = others.slice(0, MOST_OTHERS).map(({ path, name }) => (path === null ? (name ?? "") : lastPart(path)));
  const more = others.length - names.length;
  const all = more === 0 ? names.join(", ") : `${names.join(", ")} and ${more.toLocaleString("en")} more`;
  return denial.path === null ? all : `${all} in ${parentOf(denial.path)}`;
}

function seen(cause: Cause): string {
  const { lines, log } = cause.denial;
  const count = countOf(cause);
  const all = [cause.denial, ...cause.others];
  const times = all.flatMap(({ time, lastTime }) => [time, lastTime]).filter((time) => time !== null);
  const [first, last] = [times.toSorted()[0], times.toSorted().at(-1)];
  const often = count === 1 ? "once" : `${count} times`;
  const when = first === undefined || last === undefined ? "" : first === last ? `, ${last}` : `, ${first} to ${last}`;
  const shown = lines.slice(0, 3).join(", ");
  const where = log === null ? `line${lines.length === 1 ? "" : "s"} ${shown}` : log;
  return `${often}${when}; ${where}${log === null && (lines.length > 3 || cause.others.length > 0) ? ", ..." : ""}`;
}

/** The module as a file, with how to install and remove it, and what it leaves out and why. */
export function moduleText(module: DenialModule): string {
  const refused = module.refused.map(
    ({ rule, reason }) => `; left out: ${printable(rule.replaceAll("\n", " "))}: ${printable(reason)}\n`,
  );
  if (module.cil === null) return `${refused.join("")}; no rule is left for a module\n`;
  return (
    `; save as ${module.name}.cil; install: ${module.install.join("; ")}; remove: ${module.remove.join("; ")}\n` +
    "; A module is the last resort: a label or a boolean that is meant for it is better (explain says which).\n" +
    refused.join("") +
    module.cil
  );
}
