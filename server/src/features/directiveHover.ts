/** Hover over the name of a directive: its description, where it may stand, and how many arguments it takes. */
import type { Hover } from "vscode-languageserver";
import { statementAt } from "../analysis/ignoreComments.ts";
import { escapeMarkdown } from "../base/markdown.ts";
import type { Position } from "../base/text.ts";
import { acceptedArguments, directiveContexts, isBlockDirective } from "../nginx/tree/directives.ts";
import { directiveDescription } from "./directiveDescriptions.ts";
import { offsetIn, rangeIn, touches, type TreeView } from "./fileView.ts";

/** Null where the position is not at the name of a directive of nginx or lua-nginx-module. Needs no policy. */
export function directiveHoverAt(view: TreeView, position: Position): Hover | null {
  const offset = offsetIn(view, position);
  const statement = statementAt(view.tree, offset);
  if (statement < 0 || view.tree.wordCount(statement) === 0) return null;
  const span = view.tree.wordSpan(statement, 0);
  if (!touches(span, offset)) return null;
  const name = view.tree.name(statement);
  const description = directiveDescription(name);
  const forms = formLines(name);
  if (description === null && forms.length === 0) return null;
  const title = `**${escapeMarkdown(name)}**${description === null ? "" : `: ${escapeMarkdown(description)}`}`;
  return {
    contents: { kind: "markdown", value: [title, ...forms].join("\n\n") },
    range: rangeIn(view, span),
  };
}

/** `In: http, server; 1 or 2 arguments`: a line for each form that the directive has. */
function formLines(name: string): readonly string[] {
  const contexts = new Map<string, string[]>();
  for (const context of directiveContexts(name) ?? []) {
    const form = `${acceptedArguments(name, context)}${isBlockDirective(name, context) === true ? " and a block" : ""}`;
    contexts.set(form, [...(contexts.get(form) ?? []), context]);
  }
  return [...contexts].map(([form, where]) => `In: ${escapeMarkdown(where.join(", "))}; ${form}`);
}
