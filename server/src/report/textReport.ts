/** Findings as text for people: where, the line with its target underlined, why, and the commands that help. */
import type { Analysis } from "../analysis/analysis.ts";
import { isPlaced, type Finding, type PlacedFinding } from "../analysis/finding.ts";
import { lineIndexOf } from "../nginx/tree/lineIndexes.ts";
import { accessWords } from "../analysis/accessWords.ts";
import type { Access } from "../nginx/access.ts";
import { memo } from "../base/memo.ts";
import { offersOf, type OfferedFix, type Offers } from "../offers/offeredFixes.ts";
import { comparedPolicies } from "./comparedPolicies.ts";
import type { Reported, Reports } from "./format.ts";
import type { ReportDecision, ReportEdit, ReportFix } from "./report.ts";
import type { ReportPolicy } from "../shared/reportPolicy.ts";
import { severities, type Severity } from "../base/severity.ts";
import type { OutsidePlace, Verdict } from "../rules/rule.ts";
import type { Span } from "../base/text.ts";
import { excerptOf } from "./excerpt.ts";
import { printable, type Style } from "./terminal.ts";
import { asLine } from "../base/workflowCommands.ts";

/** Chain steps shown with one finding. */
const MOST_STEPS = 3;
/** Characters of prose in a line. Commands are never broken. */
const WIDTH = 100;

/** Each configuration after the other: under one policy in full, under several as a table of them. */
export function* textReport(reports: Reports): Generator<string, void> {
  for (const [i, row] of reports.entries()) {
    if (i > 0) yield "\n";
    const [first] = row;
    if (first === undefined) continue;
    const pieces = row.length > 1 ? comparedPolicies(row) : underOnePolicy(first);
    yield* reports.length > 1 ? named(first, pieces) : pieces;
  }
}

/** The pieces, of which the last one, the line that counts, begins with the name of the configuration. */
function* named({ analysis, nameOf, style }: Reported, pieces: Iterable<string>): Generator<string, void> {
  let last = "";
  for (const piece of pieces) {
    yield last;
    last = piece;
  }
  const main = analysis.configuration.files[0]?.path ?? "";
  yield `${style.bold(asLine(printable(nameOf(main))))}: ${last}`;
}

/** The findings, then with `all` the accesses, then a line that counts. */
function* underOnePolicy({ analysis, reporter, all, style, nameOf }: Reported): Generator<string, void> {
  const text = new TextReport(analysis, style, nameOf);
  for (const finding of analysis.findings) yield text.finding(finding);
  if (all) for (const access of analysis.accesses) yield text.access(access, reporter.decision(access));
  yield text.summary(reporter.policy);
}

/** The texts of one analysis. What is the same for many findings is made once. */
class TextReport {
  readonly #analysis: Analysis;
  readonly #files: Analysis["configuration"]["files"];
  readonly #style: Style;
  readonly #nameOf: (path: string) => string;
  readonly #offers: Offers;
  readonly #reasons = new Map<Verdict, string>();
  readonly #fixes = new Map<readonly OfferedFix[], string>();

  /** `nameOf`: how a path is shown, for example relative to the working directory. */
  constructor(analysis: Analysis, style: Style, nameOf: (path: string) => string) {
    this.#analysis = analysis;
    this.#files = analysis.configuration.files;
    this.#style = style;
    this.#nameOf = nameOf;
    this.#offers = offersOf(analysis);
  }

  finding(finding: Finding): string {
    const style = this.#style;
    const colour = colourOf(style, finding.severity);
    const place = style.bold(isPlaced(finding) ? this.#placeOf(finding) : this.#outside(finding));
    const head = `${place}: ${colour(finding.severity)}: ${printable(finding.message)} ${style.dim(`[${finding.rule}]`)}`;
    const why = finding.verdict === null ? "" : this.#explanation(finding, finding.verdict);
    return `${head}\n${isPlaced(finding) ? this.#excerpt(finding) : ""}${this.#chain(finding)}${why}\n`;
  }

  /** An access of `--all`. */
  access(access: Access, decision: ReportDecision): string {
    const style = this.#style;
    const colour = decision.verdict === "allowed" ? style.green : decision.verdict === "denied" ? style.red : style.dim;
    return `${this.#placeOf(access)}: ${colour(decision.verdict)}: ${accessLine(access)}${because(decision)}\n`;
  }

  /** The line that counts. */
  summary(policy: ReportPolicy): string {
    const style = this.#style;
    const { findings, accesses, context } = this.#analysis;
    const counts = severities
      .map((severity) => [findings.filter((each) => each.severity === severity).length, severity] as const)
      .filter(([count]) => count > 0)
      .map(([count, severity]) => colourOf(style, severity)(counted(count, severity)));
    const said = findings.length === 0 ? style.green("No findings") : counts.join(", ");
    const all = counted(accesses.length, "access", "accesses");
    const checked =
      context.container === null
        ? `${all} checked against ${printable(policy.title)}`
        : `${all} not checked, since this is for a container: ${printable(context.container)}`;
    return `${said} in ${counted(this.#files.length, "file")}, ${checked}.\n`;
  }

  #placeOf(place: { readonly file: number; readonly span: Span }): string {
    const file = this.#files[place.file];
    if (file === undefined) return "";
    const { line, character } = lineIndexOf(file.tree).positionAt(place.span.start);
    return `${asLine(printable(this.#nameOf(file.path)))}:${line + 1}:${character + 1}`;
  }

  #outside({ path, range: { start } }: OutsidePlace): string {
    return `${asLine(printable(this.#nameOf(path)))}:${start.line + 1}:${start.character + 1}`;
  }

  #excerpt(finding: PlacedFinding): string {
    const style = this.#style;
    const file = this.#files[finding.file];
    if (file === undefined) return "";
    const { line, before, target, behind, indent, width } = excerptOf(lineIndexOf(file.tree), finding.span);
    const gutter = String(line).padStart(5);
    const colour = colourOf(style, finding.severity);
    const underline = colour("^".repeat(width));
    return (
      `${style.dim(`${gutter} |`)} ${before}${colour(target)}${behind}\n` +
      `${style.dim(`${" ".repeat(gutter.length)} |`)} ${" ".repeat(indent)}${underline}\n`
    );
  }

  #explanation(finding: Finding, verdict: Verdict): string {
    const style = this.#style;
    const why = memo(this.#reasons, verdict, () =>
      verdict.because.map((sentence) => field("why", printable(sentence), style)).join(""),
    );
    const offered = this.#offers(finding);
    return why + memo(this.#fixes, offered, () => fixesText(offered, (offer) => this.#editLines(offer), style));
  }

  #editLines({ fix, edits }: OfferedFix): readonly string[] {
    if (fix.outside !== undefined) return [`at ${this.#outside(fix.outside)}: write ${printable(fix.outside.newText)}`];
    const shown = edits.slice(0, MOST_STEPS).map((edit) => {
      const tree = this.#files[edit.file]?.tree;
      const now = tree === undefined ? "" : decoder.decode(tree.bytes.subarray(edit.span.start, edit.span.end));
      return `at ${this.#placeOf(edit)}: ${now === "" ? "add" : `${printable(now)} becomes`} ${printable(edit.text)}`;
    });
    return edits.length > MOST_STEPS ? [...shown, `and at ${edits.length - MOST_STEPS} more places`] : shown;
  }

  #chain(finding: Finding): string {
    const via = finding.access?.via ?? [];
    const shown = via.slice(0, MOST_STEPS).map((step) => `${printable(step.directive)} at ${this.#placeOf(step)}`);
    if (via.length > MOST_STEPS) shown.push(`${via.length - MOST_STEPS} more places`);
    return shown.length === 0 ? "" : field("used", shown.join(", "), this.#style);
  }
}

/** The fixes: the one to run first with its commands in full, the others by their titles in their order. */
function fixesText(
  offers: readonly OfferedFix[],
  editLines: (offer: OfferedFix) => readonly string[],
  style: Style,
): string {
  const [first, ...others] = offers;
  if (first === undefined) return "";
  const { fix: best, solves: solved } = first;
  const edits = editLines(first)
    .map((line) => field("", line, style))
    .join("");
  const commands = best.commands.map((command) => `           ${style.bold(printable(command))}\n`).join("");
  const remarks = [
    ...(solved > 1 ? [`clears ${solved} findings`] : []),
    ...(best.durable ? [] : ["temporary"]),
    ...(best.opens === "" ? [] : [best.opens]),
  ].join("; ");
  return (
    field("fix", printable(best.title), style, style.green) +
    edits +
    commands +
    (remarks === "" ? "" : field("", printable(remarks), style, style.dim)) +
    others.map(({ fix }) => field("or", printable(fix.title), style)).join("")
  );
}

/** Every fix with its commands, what it opens and how to undo it. */
export function allFixesText(fixes: readonly ReportFix[], style: Style, nameOf: (path: string) => string): string {
  return fixes
    .toSorted((a, b) => Number(b.preferred) - Number(a.preferred))
    .map((fix, i) => {
      const remarks = [fix.durable ? "survives a reboot and a relabel" : "temporary", fix.opens].filter(
        (each) => each !== "",
      );
      return (
        field(i === 0 ? "fix" : "or", printable(fix.title), style, style.green) +
        (fix.edits ?? []).map((edit) => field("", editLine(edit, nameOf), style, style.dim)).join("") +
        fix.commands.map((command) => `           ${style.bold(printable(command))}\n`).join("") +
        field("", printable(remarks.join("; ")), style, style.dim) +
        fix.undo.map((command) => `    ${style.dim("undo")} ${printable(command)}\n`).join("")
      );
    })
    .join("");
}

function editLine({ file, range: { start }, newText }: ReportEdit, nameOf: (path: string) => string): string {
  return `at ${printable(nameOf(file))}:${start.line + 1}:${start.character + 1}: ${printable(newText)}`;
}

/** What a decision rests on, a field a sentence. */
export function becauseText(because: readonly string[], style: Style): string {
  return because.map((sentence) => field("why", printable(sentence), style)).join("");
}

/** A named line of prose, wrapped; the widest thing that a finding says. */
export function field(name: string, value: string, style: Style, paint = (text: string): string => text): string {
  let result = "";
  for (const line of wrap(value)) {
    const lead = result === "" ? `    ${style.dim(name.padEnd(4))} ` : " ".repeat(9);
    result += `${lead}${paint(asLine(line))}\n`;
  }
  return result;
}

/** Texts that were wrapped last: most findings of a large configuration say the same of what a fix opens. */
const wrapped = new Map<string, readonly string[]>();
const MOST_WRAPPED = 200;

/** Lines of at most WIDTH characters where there are spaces to break at. */
function wrap(text: string): readonly string[] {
  if (text.length <= WIDTH) return [text];
  let lines = wrapped.get(text);
  if (lines === undefined) {
    lines = breakLines(text);
    if (wrapped.size >= MOST_WRAPPED) wrapped.clear();
    wrapped.set(text, lines);
  }
  return lines;
}

function breakLines(text: string): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

function because(decision: ReportDecision): string {
  return decision.because.length === 0 ? "" : ` (${printable(decision.because.join("; "))})`;
}

/** What nginx does, for example `connect to tcp port 3000`. */
export function accessLine(access: Access): string {
  const { verb, what, name } = accessWords(access);
  return printable([verb, what, ...(name === "" ? [] : [name ?? "(unknown)"])].join(" "));
}

function colourOf(style: Style, severity: Severity): (text: string) => string {
  return severity === "error" ? style.red : severity === "warning" ? style.yellow : style.blue;
}

const decoder = new TextDecoder();

/** `2 errors`, `1 file`; "information" has no plural. */
function counted(count: number, one: string, many = one === "information" ? one : `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
