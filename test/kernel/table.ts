/** The tables of all situations, as a page of the documentation. */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ReportFix } from "../../server/src/report/report.ts";
import type { Outcome } from "./nginx.ts";
import { isRefused, rules, type Prediction } from "./judged.ts";
import { STATES, unseen, type Seen, type SeenRow } from "./seen.ts";
import { kinds } from "./situations/index.ts";
import type { Situation } from "./situations/situation.ts";

/** What was seen of one situation. Fields are missing where the situation did not come so far. */
export interface Row {
  readonly situation: Situation;
  predicted?: Prediction;
  outcome?: Outcome;
  fixes?: readonly ReportFix[];
  /** Each in a few words: `works`, or what it does instead. */
  afterFix?: string;
  afterReboot?: string;
  afterUndo?: string;
}

/** The columns of every table of situations. */
const columns: readonly string[] = [
  "nginx and ...",
  "Predicted",
  "Kernel",
  "Preferred fix",
  "After it",
  "After a reboot",
  "After the undo",
];

/** Writes the page that run.ts names. What no run has seen whole yet, it names. */
export function writePage(seen: Seen): void {
  const path = process.env["KERNEL_TEST_PAGE"];
  if (path === undefined) return;
  writeFileSync(path, pageText(seen));
  const prettier = join(import.meta.dirname, "../../node_modules/.bin/prettier");
  execFileSync(prettier, ["--write", "--log-level", "warn", path]);
  console.log(`# wrote ${path}`);
}

/** The page in Markdown. */
export function pageText(seen: Seen): string {
  const { others, runs } = seen;
  const rows = inOrder(seen.rows);
  const refused = rows.filter(({ isRefused }) => isRefused).length;
  const minutes = runs.reduce((total, run) => total + run.minutes, 0);
  const each = (of: (run: Seen["runs"][number]) => string): string => [...new Set(runs.map(of))].join(", ");
  return `# The kernel beside the check

\`npm run test:kernel\` wrote this page: a Debian 12 guest in which SELinux enforces (${each(({ policy }) => policy)}), and
${rows.length} situations of nginx. The check predicts ${refused} of them to be refused and ${rows.length - refused} to work, or to concern no rule
of the policy, before nginx is started. Then nginx is started: its answers and the audit log are the kernel's verdict, and
\`denials\` has to explain what the logs say of each refusal, with its line of the configuration and the same fix. The preferred
fix of every finding is run as it is printed; a reboot follows when all are in place, and nginx is asked again; at last every printed undo is run,
in the opposite order. "-" stands where nothing was asked. Seen on ${each(({ date }) => date)}, in ${minutes} minutes under emulation${
    runs.length === 1 ? "" : ` and ${runs.length} parts`
  }.

${missingText(unseen(seen))}${notAskedText(rows)}${[...kinds.map(({ name }) => name), STATES].map((kind) => tableOf(kind, rows)).join("\n\n")}

## Other fixes

Each kind of fix that was offered beside a preferred one, once: run as printed, nginx asked, and taken back.

${markdownTable(
  ["Kind", "Fix", "nginx and ...", "Result"],
  others.map(({ id, title, situation, result }) => [id, title, situation, result]),
)}
`;
}

/** The rows in the order of their situations, whenever each was seen; what is no situation any more is left out. */
function inOrder(rows: readonly SeenRow[]): readonly SeenRow[] {
  const names = kinds.flatMap(({ situations }) => situations.map(({ name }) => name));
  const place = ({ cells }: SeenRow): number => names.indexOf(cells[0] ?? "");
  return [
    ...rows.filter((row) => place(row) >= 0).sort((a, b) => place(a) - place(b)),
    ...rows.filter(({ kind }) => kind === STATES),
  ];
}

function missingText(names: readonly string[]): string {
  return names.length === 0 ? "" : `Not seen whole yet, and in no table: ${names.join("; ")}.\n\n`;
}

/** A run that failed at its reboot has a fix that works and no answer after it. */
function notAskedText(rows: readonly SeenRow[]): string {
  const [after, rebooted] = [columns.indexOf("After it"), columns.indexOf("After a reboot")];
  const some = rows.filter(({ kind, cells }) => kind !== STATES && cells[after] === "works" && cells[rebooted] === "-");
  if (some.length === 0) return "";
  return `In ${some.length === 1 ? "1 row" : `${some.length} rows`} a fix works and "-" stands after a reboot: the run did not come so far.\n\n`;
}

function tableOf(wanted: string, rows: readonly SeenRow[]): string {
  const cells = rows.filter(({ kind }) => kind === wanted).map((row) => row.cells);
  return `## ${wanted.charAt(0).toUpperCase()}${wanted.slice(1)}\n\n${markdownTable(columns, cells)}`;
}

/** The cells of a situation, in the order of the columns. */
export function cellsOf(row: Row): readonly string[] {
  const { situation, predicted, outcome, fixes = [], afterFix = "", afterReboot = "", afterUndo = "" } = row;
  return [
    situation.name,
    predicted === undefined ? "" : predictionText(predicted, situation, outcome),
    outcome === undefined ? "" : outcomeText(outcome),
    fixes.map(({ title }) => title).join("; ") || (situation.unfixed ?? "-"),
    afterFix || "-",
    afterReboot || "-",
    afterUndo || "-",
  ];
}

function predictionText({ refused, stops }: Prediction, { unsaid }: Situation, outcome: Outcome | undefined): string {
  if (unsaid !== undefined && outcome !== undefined && isRefused(outcome)) return `not said (${unsaid})`;
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
