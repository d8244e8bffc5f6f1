/** Quick fixes: the commands as a comment above the directive, and what else can be done about a finding. */
import type { CodeAction, CodeActionContext, Command, Diagnostic, TextEdit } from "vscode-languageserver";
import { findingsIn } from "../analysis/analysis.ts";
import type { PlacedFinding } from "../analysis/finding.ts";
import type { Fix } from "../fixes/fix.ts";
import { offersOf, type OfferedFix } from "../offers/offeredFixes.ts";
import { placeholderReason } from "../analysis/ignoreComments.ts";
import {
  collectFixesKind,
  copyCommandsCommand,
  explainCommand,
  runInTerminalCommand,
  showModuleCommand,
  showPlanCommand,
  type CommandsArgument,
  type ExplainParams,
  type ModuleParams,
  type PlanParams,
} from "../shared/protocol.ts";
import { rules } from "../rules/index.ts";
import type { Range } from "../base/text.ts";
import { commentsAbove, commentText, insertionPoint, type InsertionPoint } from "./commentLines.ts";
import { diagnosticSource, parseDiagnosticData } from "./diagnosticData.ts";
import { locationOf, offsetIn, rangeIn, type FileView } from "./fileView.ts";

const kind = "quickfix";
/** Comment lines above a directive that are compared with the ones to insert. */
const MOST_COMMENTS = 60;

/**
 * Actions for the diagnostics of a request, or for the findings at its range where a client sends none. What came back
 * with a diagnostic only selects a finding of the present text; nothing of it reaches an edit or a command.
 */
export function codeActionsOf(view: FileView, range: Range, context: CodeActionContext): readonly CodeAction[] {
  if (asksForSource(context)) return collectFixes(view);
  if (context.only !== undefined && !context.only.some((only) => only === kind || only === "")) return [];
  const ours = context.diagnostics.filter((each) => each.source === diagnosticSource);
  if (ours.length === 0 && context.diagnostics.length > 0) return [];
  const selected =
    ours.length === 0
      ? findingsAt(view, range).map((finding) => ({ finding, diagnostics: [] }))
      : ours.flatMap((diagnostic) =>
          findingsOf(view, diagnostic).map((finding) => ({ finding, diagnostics: [diagnostic] })),
        );
  return merged(
    selected.flatMap(({ finding, diagnostics }) =>
      actionsFor(view, finding).map((action) => ({ ...action, diagnostics })),
    ),
  );
}

/** One action instead of equal ones: a port in place of a socket helps both findings about the socket. */
function merged(actions: readonly CodeAction[]): readonly CodeAction[] {
  const byEffect = new Map<string, CodeAction>();
  for (const action of actions) {
    const { title, edit, command } = action;
    const key = JSON.stringify([title, edit, command]);
    const same = byEffect.get(key);
    if (same === undefined) {
      byEffect.set(key, action);
      continue;
    }
    const diagnostics = [...(same.diagnostics ?? []), ...(action.diagnostics ?? [])];
    byEffect.set(key, { ...same, isPreferred: same.isPreferred === true || action.isPreferred === true, diagnostics });
  }
  return [...byEffect.values()];
}

/** Source actions are about the whole file: they are given when asked for by name, never at a cursor. */
function asksForSource({ only }: CodeActionContext): boolean {
  return only?.some((kind) => collectFixesKind === kind || collectFixesKind.startsWith(`${kind}.`)) === true;
}

function collectFixes(view: FileView): readonly CodeAction[] {
  if (!view.analysis.findings.some((finding) => finding.verdict?.decision?.verdict === "denied")) return [];
  const argument: PlanParams = { uri: view.uriOf(view.file), format: "script" };
  return [
    {
      title: "Collect every fix of this configuration into one script",
      kind: collectFixesKind,
      command: { title: "Collect fixes", command: showPlanCommand, arguments: [argument] },
    },
  ];
}

function findingsAt(view: FileView, range: Range): readonly PlacedFinding[] {
  const start = offsetIn(view, range.start);
  const end = offsetIn(view, range.end);
  return findingsIn(view.analysis, view.file)
    .filter((each) => each.span.start <= end && start <= each.span.end)
    .slice(0, 10);
}

/** The findings of the present text that a diagnostic speaks of. */
function findingsOf(view: FileView, diagnostic: Diagnostic): readonly PlacedFinding[] {
  const data = diagnostic.data === undefined ? { key: null } : parseDiagnosticData(diagnostic.data);
  if (data === undefined) return [];
  const start = offsetIn(view, diagnostic.range.start);
  return findingsIn(view.analysis, view.file).filter(
    (finding) =>
      finding.rule === diagnostic.code &&
      finding.span.start === start &&
      (data.key === null || finding.key === data.key),
  );
}

function actionsFor(view: FileView, finding: PlacedFinding): readonly CodeAction[] {
  const offers = offersOf(view.analysis)(finding);
  const best = offers.find(({ fix }) => fix.durable && fix.commands.length > 0)?.fix;
  return [
    ...offers.flatMap((offer) => applyFix(view, finding, offer) ?? []),
    ...(best === undefined ? [] : commandActions(best)),
    ...silence(view, finding),
    explain(view, finding),
  ];
}

/**
 * The commands of a fix as a comment above the directive, and its edits of the configuration. Undefined where the comment
 * stands there already, or could not be read by nginx.
 */
function applyFix(
  view: FileView,
  finding: PlacedFinding,
  { fix, edits, solves, preferred }: OfferedFix,
): CodeAction | undefined {
  const changes: Record<string, TextEdit[]> = {};
  if (fix.commands.length > 0) {
    const point = insertionPoint(view.tree, finding.span.start);
    const lines = [`# SELinux: ${fix.title}`, ...fix.commands.map((command) => `#   ${command}`)];
    const above = new Set(commentsAbove(view.tree, point.offset, MOST_COMMENTS));
    if (edits.length === 0 && lines.slice(1).every((line) => above.has(line.trim()))) return undefined;
    const text = commentText(point, lines);
    if (text === null) return undefined;
    Object.assign(changes, editOf(view, point, text).changes);
  }
  for (const edit of edits) {
    const { uri, range } = locationOf(view, edit);
    changes[uri] = [...(changes[uri] ?? []), { range, newText: edit.text }];
  }
  return {
    title: solves > 1 ? `${fix.title} (clears ${solves} findings)` : fix.title,
    kind,
    isPreferred: preferred,
    edit: { changes },
    ...(fix.module === undefined ? {} : { command: previewOf(view, finding, fix) }),
  };
}

/** Shows the module's file, which the user saves where the commands are run. */
function previewOf(view: FileView, finding: PlacedFinding, fix: Fix): Command {
  const argument: ModuleParams = { ...placeOf(view, finding), fix: fix.id };
  return { title: "Show the policy module", command: showModuleCommand, arguments: [argument] };
}

function commandActions(fix: Fix): readonly CodeAction[] {
  const argument: CommandsArgument = { commands: fix.commands };
  return [
    {
      title: `Copy commands: ${fix.title}`,
      kind,
      command: { title: "Copy commands", command: copyCommandsCommand, arguments: [argument] },
    },
    {
      title: `Run in terminal: ${fix.title}`,
      kind,
      command: { title: "Run in terminal", command: runInTerminalCommand, arguments: [argument] },
    },
  ];
}

/** One action for each reason: silencing one leaves the others. */
function silence(view: FileView, finding: PlacedFinding): readonly CodeAction[] {
  const point = insertionPoint(view.tree, finding.span.start);
  return finding.rules.flatMap((id) => {
    if (!rules.some((rule) => rule.id === id)) return [];
    const text = commentText(point, [`# selinux-ignore ${id} ${placeholderReason}`]);
    return text === null ? [] : [{ title: `Silence ${id} here`, kind, edit: editOf(view, point, text) }];
  });
}

function explain(view: FileView, finding: PlacedFinding): CodeAction {
  const argument: ExplainParams = placeOf(view, finding);
  return {
    title: `Explain ${finding.rule}`,
    kind,
    command: { title: "Explain", command: explainCommand, arguments: [argument] },
  };
}

/** How the server finds a finding again. */
function placeOf(view: FileView, finding: PlacedFinding): ExplainParams {
  const { line, character } = rangeIn(view, finding.span).start;
  return { uri: view.uriOf(view.file), rule: finding.rule, line, character };
}

function editOf(view: FileView, point: InsertionPoint, text: string): { changes: Record<string, TextEdit[]> } {
  const range = rangeIn(view, { start: point.offset, end: point.offset });
  return { changes: { [view.uriOf(view.file)]: [{ range, newText: text }] } };
}
