/** Hover: the verdicts on what nginx does here, and for a refusal the commands of its preferred fix. */
import type { Hover } from "vscode-languageserver";
import { findingsIn } from "../analysis/analysis.ts";
import type { PlacedFinding } from "../analysis/finding.ts";
import { statementAt } from "../analysis/ignoreComments.ts";
import type { Access } from "../nginx/access.ts";
import type { Position, Span } from "../base/text.ts";
import type { Verdict } from "../rules/rule.ts";
import type { Decision } from "../selinux/query.ts";
import { booleanStates, fixText, placeText, verdictLine } from "./hoverText.ts";
import { escapeMarkdown } from "../base/markdown.ts";
import { offsetIn, rangeIn, touches, type FileView } from "./fileView.ts";

/** Lines and fixes that one hover has. */
const MOST_LINES = 10;
const MOST_FIXES = 3;

/** Null where nothing is known about the position. `links`: the client shows Markdown and has our commands. */
export function hoverAt(view: FileView, position: Position, links: boolean): Hover | null {
  const offset = offsetIn(view, position);
  const found = directly(view, offset) ?? throughPass(view, offset) ?? upstreamAt(view, offset);
  if (found === null) return null;
  const { span, accesses, named } = found;
  const findings = findingsOf(view, accesses);
  const parts = [
    linesOf(view, accesses, findings, named).join("\n"),
    ...findings.slice(0, MOST_FIXES).map((finding) => fixText(view, finding, links)),
    booleanStates(view, findings.slice(0, MOST_FIXES)),
  ].filter((part) => part !== "");
  return { contents: { kind: "markdown", value: parts.join("\n\n") }, range: rangeIn(view, span) };
}

/** What a position is about. */
interface Found {
  readonly span: Span;
  /** At least one. */
  readonly accesses: readonly Access[];
  /** True where the accesses are at other places, which are named. */
  readonly named: boolean;
}

function directly(view: FileView, offset: number): Found | null {
  const accesses = view.analysis.accesses.filter((each) => each.file === view.file && touches(each.span, offset));
  const [first] = accesses;
  return first === undefined ? null : { span: first.span, accesses, named: false };
}

/** The servers that a pass directive leads to. */
function throughPass(view: FileView, offset: number): Found | null {
  let span: Span | null = null;
  const accesses = view.analysis.accesses.filter((access) => {
    const step = access.via.find((each) => each.file === view.file && touches(each.span, offset));
    span ??= step?.span ?? null;
    return step !== undefined;
  });
  return span === null ? null : { span, accesses, named: true };
}

/** The servers of the upstream whose name is here. */
function upstreamAt({ tree, file, analysis }: FileView, offset: number): Found | null {
  const statement = statementAt(tree, offset);
  if (statement < 0 || tree.name(statement) !== "upstream" || tree.wordCount(statement) < 2) return null;
  const span = tree.wordSpan(statement, 1);
  if (!touches(span, offset)) return null;
  const block = tree.span(statement);
  const accesses = analysis.accesses.filter(
    (each) => each.file === file && block.start <= each.span.start && each.span.end <= block.end,
  );
  return accesses.length === 0 ? null : { span, accesses, named: true };
}

/** The findings about these accesses, one for each thing that is said of a target, refusals first. */
function findingsOf({ analysis }: FileView, accesses: readonly Access[]): readonly PlacedFinding[] {
  const once = new Map<unknown, PlacedFinding>();
  for (const access of accesses)
    for (const finding of findingsIn(analysis, access.file))
      if (finding.span.start === access.span.start && finding.verdict !== null && !once.has(finding.verdict))
        once.set(finding.verdict, finding);
  return [...once.values()].toSorted((a, b) => Number(isRefusal(b)) - Number(isRefusal(a)));
}

function isRefusal({ verdict }: PlacedFinding): boolean {
  return verdict?.decision?.verdict === "denied";
}

/** False for a finding that says no more than the line of its access. */
function saysMore(verdict: Verdict | null): boolean {
  return verdict?.decision?.verdict !== "denied" && verdict?.decision?.verdict !== "unknown";
}

/** A line for each target, refused ones first; then what is said beside the verdicts. */
function linesOf(
  view: FileView,
  accesses: readonly Access[],
  findings: readonly PlacedFinding[],
  named: boolean,
): readonly string[] {
  const { evaluator, context } = view.analysis;
  const decisionOf = (access: Access): Decision => {
    const { key, asked } = evaluator.judge(access);
    const refused = findings.find((finding) => finding.key === key && isRefusal(finding));
    return refused?.verdict?.decision ?? asked.decision;
  };
  const lines = new Map<string, boolean>();
  for (const access of accesses) {
    const decision = decisionOf(access);
    const place = named ? `, ${placeText(view, access)}` : "";
    lines.set(`${verdictLine(access, decision, context)}${place}`, decision.verdict === "denied");
  }
  const inOrder = [...lines].toSorted(([, a], [, b]) => Number(b) - Number(a)).map(([line]) => line);
  const all = [
    ...inOrder,
    ...findings.filter(({ verdict }) => saysMore(verdict)).map(({ message }) => escapeMarkdown(message)),
  ];
  const shown = [
    ...all.slice(0, MOST_LINES),
    ...(all.length > MOST_LINES ? [`and ${all.length - MOST_LINES} more`] : []),
  ];
  return shown.length === 1 ? shown : shown.map((line) => `- ${line}`);
}
