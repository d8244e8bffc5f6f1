/** Quick fixes: the commands as a comment above the directive, and what else can be done about a finding. */
import type { CodeAction, CodeActionContext, Diagnostic } from "vscode-languageserver";
import { findingsIn } from "../analysis/analysis.ts";
import type { PlacedFinding } from "../analysis/finding.ts";
import type { Range } from "../base/text.ts";
import { offersOf } from "../offers/offeredFixes.ts";
import {
  collectFixesKind,
  explainCommand,
  verifyCommand,
  showPlanCommand,
  type ExplainParams,
  type VerifyArgument,
  type PlanParams,
} from "../shared/protocol.ts";
import { diagnosticSource, parseDiagnosticData } from "./diagnosticData.ts";
import { placeOf } from "./explainFinding.ts";
import { offsetIn, type FileView } from "./fileView.ts";
import { fixActions, type ActionAbilities } from "./fixActions.ts";
import { silenceActions } from "./silenceFinding.ts";

const kind = "quickfix";

/**
 * Actions for the diagnostics of a request, or for the findings at its range where a client sends none. What came back
 * with a diagnostic only selects a finding of the present text; nothing of it reaches an edit or a command.
 */
export function codeActionsOf(
  view: FileView,
  range: Range,
  context: CodeActionContext,
  abilities: ActionAbilities,
): readonly CodeAction[] {
  if (asksForSource(context)) return abilities.commands ? collectFixes(view) : [];
  // Some clients send an empty list where they mean every kind.
  const { only = [] } = context;
  if (only.length > 0 && !only.some((each) => each === kind || each === "")) return [];
  const ours = context.diagnostics.filter((each) => each.source === diagnosticSource);
  if (ours.length === 0 && context.diagnostics.length > 0) return [];
  const selected =
    ours.length === 0
      ? findingsAt(view, range).map((finding) => ({ finding, diagnostics: [] }))
      : ours.flatMap((diagnostic) =>
          findingsOf(view, diagnostic).map((finding) => ({ finding, diagnostics: [diagnostic] })),
        );
  return onePreferred(
    merged(
      selected.flatMap(({ finding, diagnostics }) =>
        actionsFor(view, finding, abilities).map((action) => ({ ...action, diagnostics })),
      ),
    ),
  );
}

/** Editors show preferred actions before all others: with one, each finding's stay together. */
function onePreferred(actions: readonly CodeAction[]): readonly CodeAction[] {
  const first = actions.find(({ isPreferred }) => isPreferred === true);
  return actions.map((action) => (action === first ? action : { ...action, isPreferred: false }));
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

/** The preferred fix first, then the others, each with all that can be done with it; then what is not a fix. */
function actionsFor(view: FileView, finding: PlacedFinding, abilities: ActionAbilities): readonly CodeAction[] {
  return [
    ...offersOf(view.analysis)(finding).flatMap((offer) => fixActions(view, finding, offer, abilities)),
    ...silenceActions(view, finding, abilities),
    ...(abilities.commands ? [explain(view, finding), ...verify(view)] : []),
  ];
}

function explain(view: FileView, finding: PlacedFinding): CodeAction {
  const argument: ExplainParams = placeOf(view, finding);
  return {
    title: `Explain ${finding.rule}`,
    kind,
    command: { title: "Explain", command: explainCommand, arguments: [argument] },
  };
}

/** Only the host itself has logs of what it refused. */
function verify(view: FileView): readonly CodeAction[] {
  if (view.analysis.context.host === null) return [];
  const argument: VerifyArgument = { uri: view.uriOf(view.file) };
  const command = { title: "Verify", command: verifyCommand, arguments: [argument] };
  return [{ title: "Verify the fix: look for new denials", kind, command }];
}
