/** Code lenses: how much is refused in a `server` or an `upstream` block, and the plan that clears it. */
import type { CodeLens } from "vscode-languageserver";
import { findingsIn } from "../analysis/analysis.ts";
import { showPlanCommand, type PlanParams } from "../shared/protocol.ts";
import { rangeIn, type FileView } from "./fileView.ts";

/** Findings of a block that are counted. */
const MOST = 1000;

/** One for each block with something refused, in file order. */
export function codeLensesOf(view: FileView): readonly CodeLens[] {
  const { tree } = view;
  const refused = findingsIn(view.analysis, view.file).filter(({ verdict }) => verdict?.decision?.verdict === "denied");
  if (refused.length === 0) return [];
  const counts = new Map<number, number>();
  for (const { span } of refused.slice(0, MOST)) {
    for (let s = 0; s < tree.size; s = next(view, s, span.start)) {
      const { start, end } = tree.span(s);
      if (start > span.start) break;
      const name = tree.name(s);
      const isCounted = (name === "server" && tree.wordCount(s) === 1) || name === "upstream";
      if (isCounted && span.start < end) counts.set(s, (counts.get(s) ?? 0) + 1);
    }
  }
  const argument: PlanParams = { uri: view.uriOf(view.file), format: "script" };
  return [...counts]
    .toSorted(([a], [b]) => a - b)
    .map(([s, count]) => ({
      range: rangeIn(view, tree.wordSpan(s, 0)),
      command: { title: `${count} refused: show plan`, command: showPlanCommand, arguments: [argument] },
    }));
}

/** The next statement on the way down to an offset: into a block that holds it, past one that does not. */
function next({ tree }: FileView, s: number, offset: number): number {
  return offset < tree.span(s).end ? s + 1 : Math.max(s + 1, tree.subtreeEnd(s));
}
