/** "Silence": a comment that switches one rule off at one place, with the user's reason. */
import type { CodeAction, TextDocumentEdit, TextEdit } from "vscode-languageserver";
import type { PlacedFinding } from "../analysis/finding.ts";
import { isReason, placeholderReason } from "../base/silenceReason.ts";
import { rules } from "../rules/index.ts";
import { silenceCommand, type SilenceParams, type SilenceRequestParams } from "../shared/protocol.ts";
import { commentText, insertionPoint } from "./commentLines.ts";
import { findingAt, placeOf } from "./explainFinding.ts";
import { rangeIn, type FileView } from "./fileView.ts";
import type { ActionAbilities } from "./fixActions.ts";

const kind = "quickfix";

/** One action for each reason: silencing one leaves the others. */
export function silenceActions(
  view: FileView,
  finding: PlacedFinding,
  { commands, snippets }: ActionAbilities,
): readonly CodeAction[] {
  return finding.rules.flatMap((id): readonly CodeAction[] => {
    if (!rules.some((rule) => rule.id === id)) return [];
    const edit = commentEdit(view, finding, id, placeholderReason);
    if (edit === null) return [];
    const title = `Silence ${id} here`;
    const argument: SilenceParams = { ...placeOf(view, finding), silence: id };
    if (commands)
      return [{ title: `${title}...`, kind, command: { title, command: silenceCommand, arguments: [argument] } }];
    const uri = view.uriOf(view.file);
    return [
      { title, kind, edit: snippets ? { documentChanges: [snippetEdit(uri, edit)] } : { changes: { [uri]: [edit] } } },
    ];
  });
}

/** The edit that writes the comment with a reason; null where the finding is gone, or the reason is none. */
export function silenceEdit(view: FileView, params: SilenceRequestParams): TextEdit | null {
  const finding = findingAt(view, params);
  const reason = params.reason.trim();
  if (finding === undefined || !finding.rules.includes(params.silence) || !isReason(reason)) return null;
  return commentEdit(view, finding, params.silence, reason);
}

function commentEdit(view: FileView, finding: PlacedFinding, rule: string, reason: string): TextEdit | null {
  const point = insertionPoint(view.tree, finding.span.start);
  const text = commentText(point, [`# selinux-ignore ${rule} ${reason}`]);
  if (text === null) return null;
  return { range: rangeIn(view, { start: point.offset, end: point.offset }), newText: text };
}

/** The same with the placeholder selected, to be typed over. */
function snippetEdit(uri: string, { range, newText }: TextEdit): TextDocumentEdit {
  const value = newText.replaceAll(/[\\$}]/g, "\\$&").replace(placeholderReason, `\${1:${placeholderReason}}`);
  return { textDocument: { uri, version: null }, edits: [{ range, snippet: { kind: "snippet", value } }] };
}
