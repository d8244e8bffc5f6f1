/** Named lines of text for people, wrapped to the width of the terminal, and the fixes in full. */
import { BoundedMap, memo } from "../base/memo.ts";
import { asLine } from "../base/workflowCommands.ts";
import type { ReportEdit, ReportFix } from "./report.ts";
import { mergedEvidence } from "./evidence.ts";
import { displayWidth, printable, type Style } from "./terminal.ts";

/** How fixes are shown. */
export interface FixTextOptions {
  readonly style: Style;
  /** What a fix opens in full, with lists of types; else the few words that matter most. */
  readonly verbose: boolean;
  /** A path as it is shown. */
  nameOf(path: string): string;
}

/** Every fix with its commands, what it opens and how to undo it. */
export function allFixesText(fixes: readonly ReportFix[], { style, verbose, nameOf }: FixTextOptions): string {
  return fixes
    .toSorted((a, b) => Number(b.preferred) - Number(a.preferred))
    .map((fix, i) => {
      const opens = verbose ? fix.opens : fix.opensBriefly;
      const remarks = [fix.durable ? "survives a reboot and a relabel" : "temporary", opens].filter(
        (each) => each !== "",
      );
      return (
        field(i === 0 ? "fix" : "or", printable(fix.title), style, style.green) +
        fix.commands.map((command) => `           ${style.bold(printable(command))}\n`).join("") +
        (fix.edits ?? [])
          .map((edit) => field(fix.commands.length === 0 ? "" : "then", `write ${editLine(edit, nameOf)}`, style))
          .join("") +
        field("", printable(remarks.join("; ")), style, style.dim) +
        fix.undo.map((command) => `    ${style.dim("undo")} ${printable(command)}\n`).join("")
      );
    })
    .join("");
}

/** An edit: the text that stands there afterwards, and the place. */
export function editLine({ file, range: { start }, newText }: ReportEdit, nameOf: (path: string) => string): string {
  return `${printable(newText)} at ${asLine(printable(nameOf(file)))}:${start.line + 1}:${start.character + 1}`;
}

/** The facts that a decision rests on, a field a sentence. */
export function becauseText(because: readonly string[], style: Style): string {
  return mergedEvidence(because)
    .map((sentence) => field("why", printable(sentence), style))
    .join("");
}

/** A named line of prose, wrapped. */
export function field(name: string, value: string, style: Style, paint = (text: string): string => text): string {
  let result = "";
  for (const line of wrap(value, style.width)) {
    const lead = result === "" ? `    ${style.dim(name.padEnd(4))} ` : " ".repeat(9);
    result += `${lead}${paint(asLine(line))}\n`;
  }
  return result;
}

/** A named line that is cut where the terminal ends. */
export function oneLine(name: string, value: string, style: Style, paint = (text: string): string => text): string {
  const [first = "", ...more] = wrap(value, style.width - 4);
  return `    ${style.dim(name.padEnd(4))} ${paint(asLine(more.length === 0 ? first : `${first} ...`))}\n`;
}

/** Texts that were wrapped last: most findings of a large configuration say the same of what a fix opens. */
const wrapped = new BoundedMap<string, readonly string[]>(200);

/** Lines of at most `width` characters where there are spaces to break at. */
function wrap(text: string, width: number): readonly string[] {
  if (text.length <= width) return [text];
  return memo(wrapped, `${width} ${text}`, () => breakLines(text, width));
}

function breakLines(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && displayWidth(line) + 1 + displayWidth(word) > width) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
