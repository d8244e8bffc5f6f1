/** Folding: every block, and runs of comment lines. */
import type { FoldingRange } from "vscode-languageserver";
import { lineIndexOf } from "../nginx/tree/lineIndexes.ts";
import type { Tree } from "../nginx/tree/tree.ts";

/** More than any editor shows. */
const MOST = 20_000;

const CLOSING_BRACE = 0x7d;

/** The ranges in the order in which they begin. A block folds up to the line before its closing brace. */
export function foldingRangesOf(tree: Tree): readonly FoldingRange[] {
  const index = lineIndexOf(tree);
  const ranges: FoldingRange[] = [];
  for (let s = 0; s < tree.size && ranges.length < MOST; s++) {
    const terminator = tree.terminator(s);
    if (terminator !== "block" && terminator !== "lua") continue;
    const { start, end } = tree.span(s);
    const startLine = index.positionAt(start).line;
    // The closing brace stays visible; a block that is not closed yet has none.
    const endLine = index.positionAt(end - 1).line - (tree.bytes[end - 1] === CLOSING_BRACE ? 1 : 0);
    if (endLine > startLine) ranges.push({ startLine, endLine });
  }
  return [...ranges, ...commentRuns(tree)].toSorted((a, b) => a.startLine - b.startLine);
}

function commentRuns(tree: Tree): readonly FoldingRange[] {
  const index = lineIndexOf(tree);
  const runs: FoldingRange[] = [];
  let first = -1;
  for (let line = 0; line <= index.lineCount && runs.length < MOST; line++) {
    const isComment = line < index.lineCount && /^\s*#/u.test(index.lineText(line));
    if (isComment && first < 0) first = line;
    if (isComment || first < 0) continue;
    if (line - 1 > first) runs.push({ startLine: first, endLine: line - 1, kind: "comment" });
    first = -1;
  }
  return runs;
}
