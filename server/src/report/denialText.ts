/** A report of refusals as text for people: one block for each, the fix first. */
import type { DenialModule } from "../fixes/denialModule.ts";
import type { DenialReport, ReportDenial } from "./denialReport.ts";
import { printable, type Style } from "./terminal.ts";
import { field } from "./prose.ts";

/** How the text shows paths and colours. */
export interface DenialTextOptions {
  readonly style: Style;
  /** A path as it is shown. */
  nameOf(path: string): string;
}

/** The text in pieces. */
export function* denialText(report: DenialReport, options: DenialTextOptions): Generator<string, void> {
  let first = true;
  for (const denial of byCause(report.denials)) {
    yield (first ? "" : "\n") + denialBlock(denial, options);
    first = false;
  }
  const { style } = options;
  for (const { line, reason } of report.notUnderstood)
    yield `${style.dim(`line ${line}: not understood:`)} ${printable(reason)}\n`;
  for (const { log, reason, how } of report.unread)
    yield `${style.yellow("not read:")} ${printable(log)}: ${printable(reason)}; ${printable(how)}\n`;
  if (report.leftOut > 0) yield `${report.leftOut} further lines were left out\n`;
}

/** What is refused now first, then what may be, then the rest; the most frequent first. */
function byCause(denials: readonly ReportDenial[]): readonly ReportDenial[] {
  const rank = { refused: 0, unknown: 1, allowed: 2, "never-refused": 3 } as const;
  return denials.toSorted((a, b) => rank[a.verdict] - rank[b.verdict] || b.count - a.count);
}

function denialBlock(denial: ReportDenial, { style, nameOf }: DenialTextOptions): string {
  const { verdict, message } = denial;
  const paint = verdict === "refused" ? style.red : verdict === "unknown" ? style.yellow : style.green;
  const at = denial.places
    .slice(0, MOST_PLACES)
    .map(({ file, range, directive }) => `${nameOf(file)}:${range.start.line + 1} (${directive})`);
  const where = denial.places.length > MOST_PLACES ? [...at, `and ${denial.places.length - MOST_PLACES} more`] : at;
  const preferred = denial.fixes.find((fix) => fix.preferred) ?? denial.fixes[0];
  const others = denial.fixes.filter((fix) => fix !== preferred);
  const remarks =
    preferred === undefined
      ? ""
      : [...(preferred.durable ? [] : ["temporary"]), ...(preferred.opens === "" ? [] : [preferred.opens])].join("; ");
  return (
    `${paint(verdict)} ${style.bold(printable(message))}\n` +
    (where.length === 0
      ? ""
      : field(
          "at",
          printable(where.join(where.length > 1 && denial.places[0]?.certainty !== "certain" ? " or " : ", ")),
          style,
        )) +
    field("seen", printable(seen(denial)), style) +
    (preferred === undefined
      ? ""
      : field("fix", printable(preferred.title), style, style.green) +
        preferred.commands.map((command) => `           ${style.bold(printable(command))}\n`).join("") +
        (remarks === "" ? "" : field("", printable(remarks), style, style.dim))) +
    others.map(({ title }) => field("or", printable(title), style)).join("") +
    denial.because.map((sentence) => field("why", printable(sentence), style)).join("")
  );
}

const MOST_PLACES = 5;

function seen({ count, time, lastTime, lines, log }: ReportDenial): string {
  const times = count === 1 ? "once" : `${count} times`;
  const when =
    lastTime === null ? "" : time === null || time === lastTime ? `, ${lastTime}` : `, ${time} to ${lastTime}`;
  const shown = lines.slice(0, 3).join(", ");
  const where = log === null ? `line${lines.length === 1 ? "" : "s"} ${shown}` : log;
  return `${times}${when}; ${where}${log === null && lines.length > 3 ? ", ..." : ""}`;
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
