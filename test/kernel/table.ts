/** The table of all situations, as a page of the documentation. */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ReportFix } from "../../server/src/report/report.ts";
import type { Outcome } from "./nginx.ts";
import { rules, type Prediction } from "./judged.ts";
import type { Situation } from "./situations/situation.ts";

/** What was seen of one situation. Fields are missing where the situation did not come so far. */
export interface Row {
  readonly kind: string;
  readonly situation: Situation;
  predicted?: Prediction;
  outcome?: Outcome;
  fixes?: readonly ReportFix[];
  /** Each in a few words: `works`, or what it does instead. */
  afterFix?: string;
  afterReboot?: string;
  afterUndo?: string;
}

/** A fix that another is preferred to, and what came of it. */
export interface OtherFix {
  readonly id: string;
  readonly title: string;
  readonly situation: string;
  readonly result: string;
}

/** A state of the whole host, which a test of its own makes; its columns are those of a situation. */
export interface State {
  readonly name: string;
  readonly predicted: string;
  readonly kernel: string;
  readonly fix?: string;
  readonly afterFix?: string;
  readonly afterUndo?: string;
}

/** The states that tests have seen in this run. */
const states: State[] = [];

/** Adds a row to the page that this run writes. */
export function noteState(state: State): void {
  states.push(state);
}

export interface Page {
  readonly policy: string;
  readonly rows: readonly Row[];
  readonly others: readonly OtherFix[];
  readonly minutes: number;
}

const columns: readonly string[] = [
  "nginx and ...",
  "Predicted",
  "Kernel",
  "Preferred fix",
  "After it",
  "After a reboot",
  "After the undo",
];

/** Writes docs/kernel.md. */
export function writePage(page: Page): void {
  const project = join(import.meta.dirname, "../..");
  const path = join(project, "docs/kernel.md");
  writeFileSync(path, pageText(page));
  execFileSync(join(project, "node_modules/.bin/prettier"), ["--write", "--log-level", "warn", path]);
}

/** The page in Markdown. */
export function pageText({ policy, rows, others, minutes }: Page): string {
  const refused = rows.filter(({ predicted }) => predicted !== undefined && predicted.refused.length > 0).length;
  const number = rows.length + states.length;
  return `# The kernel beside the check

\`npm run test:kernel\` wrote this page on ${new Date().toISOString().slice(0, 10)}: a Debian 12 guest in which SELinux
enforces (${policy}), with ${number} situations of nginx. ${states.length} are states of the whole host. Of the other ${rows.length}, the check
predicts ${refused} to be refused and ${rows.length - refused} to work, before nginx is started. Then nginx is started, and its answers and the audit log are the kernel's verdict. The preferred fix is run as it
is printed; one reboot follows when all are in place; at last every printed undo is run, in the opposite order. All of it
took ${minutes} minutes under emulation.

${kindsOf(rows)
  .map(
    (kind) =>
      `## ${kind.charAt(0).toUpperCase()}${kind.slice(1)}\n\n${tableOf(rows.filter((row) => row.kind === kind))}`,
  )
  .join("\n\n")}

## States of the host

${markdownTable(
  columns.filter((name) => name !== "After a reboot"),
  states.map(({ name, predicted, kernel, fix = "-", afterFix = "-", afterUndo = "-" }) => [
    name,
    predicted,
    kernel,
    fix,
    afterFix,
    afterUndo,
  ]),
)}

## Other fixes

Each kind of fix that was offered beside a preferred one, once: run as printed, nginx asked, and taken back.

${markdownTable(
  ["Kind", "Fix", "nginx and ...", "Result"],
  others.map(({ id, title, situation, result }) => [id, title, situation, result]),
)}
`;
}

function kindsOf(rows: readonly Row[]): readonly string[] {
  return [...new Set(rows.map(({ kind }) => kind))];
}

function tableOf(rows: readonly Row[]): string {
  return markdownTable(
    columns,
    rows.map(({ situation, predicted, outcome, fixes = [], afterFix = "", afterReboot = "", afterUndo = "" }) => [
      situation.name,
      predicted === undefined ? "" : predictionText(predicted, situation),
      outcome === undefined ? "" : outcomeText(outcome),
      fixes.map(({ title }) => title).join("; ") || (situation.unfixed ?? "-"),
      afterFix || "-",
      afterReboot || "-",
      afterUndo || "-",
    ]),
  );
}

function predictionText({ refused, stops }: Prediction, { unsaid }: Situation): string {
  if (unsaid !== undefined) return `not said (${unsaid})`;
  if (refused.length === 0) return "works";
  return `${rules(refused).join(", ")}${stops ? "; nginx does not start" : ""}`;
}

/** What nginx answers, and which permissions were refused it. */
export function outcomeText({ runs, status, refusals, complaints }: Outcome): string {
  const answer = !runs ? "does not start" : status === 0 ? "no answer" : String(status);
  const denied = refusals.map(
    ({ target, class: cls, permissions }) => `\`${permissions.join(" ")}\` on \`${target}:${cls}\``,
  );
  if (denied.length > 0) return `${answer}; refused ${[...new Set(denied)].join(", ")}`;
  return complaints.length > 0 ? `${answer}; refused without a record` : answer;
}

function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|").replaceAll("\n", " ")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}
