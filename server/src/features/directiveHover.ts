/** Hover over the name of a directive: what it does, and where it may stand. */
import type { Hover } from "vscode-languageserver";
import { statementAt } from "../analysis/ignoreComments.ts";
import { escapeMarkdown } from "../base/markdown.ts";
import type { Position } from "../base/text.ts";
import { directiveContexts } from "../nginx/tree/directives.ts";
import { directiveDescription } from "./directiveDescriptions.ts";
import { offsetIn, rangeIn, touches, type TreeView } from "./fileView.ts";

/** Null where the position is not at the name of a directive that is described. Needs no policy. */
export function directiveHoverAt(view: TreeView, position: Position): Hover | null {
  const offset = offsetIn(view, position);
  const statement = statementAt(view.tree, offset);
  if (statement < 0 || view.tree.wordCount(statement) === 0) return null;
  const span = view.tree.wordSpan(statement, 0);
  if (!touches(span, offset)) return null;
  const name = view.tree.name(statement);
  const description = directiveDescription(name);
  if (description === undefined || description === null) return null;
  const contexts = directiveContexts(name) ?? [];
  const where = contexts.length === 0 ? "" : `\n\nIn: ${escapeMarkdown(contexts.join(", "))}`;
  return {
    contents: { kind: "markdown", value: `**${escapeMarkdown(name)}**: ${escapeMarkdown(description)}${where}` },
    range: rangeIn(view, span),
  };
}
