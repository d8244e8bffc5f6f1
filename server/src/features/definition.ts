/** Definition: from a name to where the configuration defines it, from an include to its files. */
import type { Location } from "vscode-languageserver";
import { statementAt } from "../analysis/ignoreComments.ts";
import { includeKey } from "../nginx/load/configuration.ts";
import type { Statement } from "../nginx/tree/tree.ts";
import type { Position } from "../base/text.ts";
import { locationOf, offsetIn, touches, type TreeView } from "./fileView.ts";
import { sitesAt } from "./references.ts";

/** Files or places that one definition lists. */
const MOST = 100;

/** None where nothing is named, and where the configuration does not define it. */
export function definitionAt(view: TreeView, position: Position): readonly Location[] {
  const offset = offsetIn(view, position);
  const statement = statementAt(view.tree, offset);
  const isInclude = statement >= 0 && view.tree.name(statement) === "include" && view.tree.wordCount(statement) > 1;
  if (isInclude && touches(view.tree.wordSpan(statement, 1), offset)) return includedFiles(view, statement);
  return sitesAt(view, position)
    .filter((site) => site.isDefinition)
    .slice(0, MOST)
    .map((site) => locationOf(view, site));
}

function includedFiles(view: TreeView, statement: Statement): readonly Location[] {
  const edge = view.configuration.includes.get(includeKey(view.file, statement));
  const start = { line: 0, character: 0 };
  return (edge?.targets ?? [])
    .slice(0, MOST)
    .map((target) => ({ uri: view.uriOf(target), range: { start, end: start } }));
}
