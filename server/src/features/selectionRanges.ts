/** Selection ranges: from a word to its statement, its block, and the blocks around it. */
import type { SelectionRange } from "vscode-languageserver";
import { statementAt } from "../analysis/ignoreComments.ts";
import { ROOT, type Statement, type Tree } from "../nginx/tree/tree.ts";
import type { Position, Span } from "../base/text.ts";
import { offsetIn, rangeIn, type TreeView } from "./fileView.ts";

/** Blocks around a position that are listed: clients read the answer recursively. */
const DEEPEST = 50;

export function selectionRangesAt(view: TreeView, positions: readonly Position[]): readonly SelectionRange[] {
  return positions.map((position) => selectionRangeAt(view, position));
}

function selectionRangeAt(view: TreeView, position: Position): SelectionRange {
  const { tree } = view;
  const offset = offsetIn(view, position);
  const spans: Span[] = [{ start: 0, end: tree.bytes.length }];
  const around = enclosing(tree, offset);
  for (const s of around.slice(-DEEPEST)) spans.push(tree.span(s));
  const innermost = around.at(-1);
  if (innermost !== undefined) {
    for (let i = 0; i < tree.wordCount(innermost); i++) {
      const word = tree.wordSpan(innermost, i);
      if (contains(word, offset)) spans.push(word);
    }
  }
  return (
    spans.reduce<SelectionRange | null>(
      (parent, span) => ({ range: rangeIn(view, span), ...(parent === null ? {} : { parent }) }),
      null,
    ) ?? { range: { start: position, end: position } }
  );
}

/** The statements that contain an offset, outermost first. */
function enclosing(tree: Tree, offset: number): readonly Statement[] {
  const found: Statement[] = [];
  for (let s = statementAt(tree, offset); s !== ROOT; s = tree.parent(s))
    if (contains(tree.span(s), offset)) found.push(s);
  return found.toReversed();
}

function contains(span: Span, offset: number): boolean {
  return span.start <= offset && offset <= span.end;
}
