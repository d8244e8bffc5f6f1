/** Links: the path of an `include` opens the file that it names. */
import type { DocumentLink } from "vscode-languageserver";
import { rangeIn, type TreeView } from "./fileView.ts";

/** One link for each include of exactly one file; the others have a definition for each file instead. */
export function documentLinksOf(view: TreeView): readonly DocumentLink[] {
  const links: DocumentLink[] = [];
  for (const edge of view.configuration.includes.values()) {
    const [target, ...more] = edge.targets;
    if (edge.file !== view.file || target === undefined || more.length > 0) continue;
    if (view.tree.wordCount(edge.statement) < 2) continue;
    links.push({ range: rangeIn(view, view.tree.wordSpan(edge.statement, 1)), target: view.uriOf(target) });
  }
  return links;
}
