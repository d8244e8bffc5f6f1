/** One configuration under several policies, for people: a row for each finding, a column for each policy. */
import { isPlaced, type Finding } from "../analysis/finding.ts";
import { severities, type Severity } from "../base/severity.ts";
import type { Position } from "../base/text.ts";
import { lineIndexOf } from "../nginx/tree/lineIndexes.ts";
import { policyNames, type Reported } from "./format.ts";
import { printable, styleFor, type Style } from "./terminal.ts";
import { asLine } from "../base/workflowCommands.ts";

/** How a column says that its policy has no such finding. */
const NOTHING = "-";

interface Row {
  readonly place: string;
  readonly rule: string;
  readonly message: string;
  /** By the number of the policy. */
  readonly found: Map<number, Severity>;
}

/** The table, then what distinguishes the policies, then a line that counts for each. */
export function* comparedPolicies(reports: readonly Reported[]): Generator<string, void> {
  const style = reports[0]?.style ?? styleFor(false);
  const names = policyNames(reports).map((name) => asLine(printable(name)));
  const widths = names.map((name) => Math.max(name.length, "information".length));
  const rows = rowsOf(reports);
  if (rows.length > 0)
    yield `${style.dim(`${names.map((name, i) => name.padEnd(widths[i] ?? 0)).join(" ")} finding`)}\n`;
  for (const row of rows) {
    const cells = widths.map((width, i) => {
      const severity = row.found.get(i);
      return severity === undefined
        ? style.dim(NOTHING.padEnd(width))
        : colourOf(style, severity)(severity.padEnd(width));
    });
    yield `${cells.join(" ")} ${row.place}: ${printable(row.message)} ${style.dim(`[${row.rule}]`)}\n`;
  }
  yield rows.length === 0 ? "" : "\n";
  yield* differences(rows, names);
  for (const [i, { analysis, reporter }] of reports.entries()) {
    const counts = severities
      .map((severity) => [severity, analysis.findings.filter((each) => each.severity === severity).length] as const)
      .filter(([, count]) => count > 0)
      .map(([severity, count]) => `${count} ${severity}`);
    const said = counts.length === 0 ? "no findings" : counts.join(", ");
    yield `${asLine(names[i] ?? "")}: ${said}, against ${printable(reporter.policy.title)}.\n`;
  }
}

/** In the order of the configuration's places. A finding is the same where place, rule and target are. */
function rowsOf(reports: readonly Reported[]): readonly Row[] {
  const rows = new Map<string, Row & { readonly at: readonly [number, number] }>();
  for (const [i, reported] of reports.entries()) {
    for (const finding of reported.analysis.findings) {
      const { rule, severity, message } = finding;
      const place = placeOf(finding, reported);
      const key = JSON.stringify([place, rule, rowKey(finding)]);
      const row = rows.get(key) ?? {
        place,
        rule,
        message,
        found: new Map<number, Severity>(),
        at: isPlaced(finding) ? [finding.file, finding.span.start] : [Number.MAX_SAFE_INTEGER, 0],
      };
      // The last policy is the one that is asked about: its words count.
      rows.set(key, { ...row, message });
      row.found.set(i, severity);
    }
  }
  return [...rows.values()].toSorted((a, b) => a.at[0] - b.at[0] || a.at[1] - b.at[1]);
}

/** `conf.d/shop.conf:11:12`. The reporter is not asked: it would choose fixes, which no row shows. */
function placeOf(finding: Finding, { analysis, nameOf }: Reported): string {
  const shown = (path: string, { line, character }: Position): string =>
    `${printable(nameOf(path))}:${line + 1}:${character + 1}`;
  if (!isPlaced(finding)) return shown(finding.path, finding.range.start);
  const file = analysis.configuration.files[finding.file];
  return file === undefined ? "" : shown(file.path, lineIndexOf(file.tree).positionAt(finding.span.start));
}

function rowKey(finding: Finding): string {
  return finding.key === "" && finding.verdict === null ? finding.message : finding.key;
}

/** For each policy: how many findings it has that the first one has not, and the other way round. */
function* differences(rows: readonly Row[], names: readonly string[]): Generator<string, void> {
  const [first = "", ...others] = names;
  for (const [i, name] of others.entries()) {
    const fresh = rows.filter(({ found }) => found.has(i + 1) && !found.has(0)).length;
    const gone = rows.filter(({ found }) => !found.has(i + 1) && found.has(0)).length;
    if (fresh === 0 && gone === 0) yield `${asLine(name)} finds what ${first} finds.\n`;
    else yield `${asLine(name)} finds ${fresh} that ${first} does not, and lacks ${gone} that ${first} has.\n`;
  }
}

function colourOf(style: Style, severity: Severity): (text: string) => string {
  return severity === "error" ? style.red : severity === "warning" ? style.yellow : style.blue;
}
