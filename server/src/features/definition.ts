/** Definition: from an upstream's name to its block, from an include to its files. */
import type { Location } from "vscode-languageserver";
import { statementAt } from "../analysis/ignoreComments.ts";
import { includeKey } from "../nginx/load/configuration.ts";
import { passNames } from "../nginx/handlers/passNames.ts";
import type { Statement, Tree } from "../nginx/tree/tree.ts";
import type { Position } from "../base/text.ts";
import { locationOf, offsetIn, touches, type TreeView } from "./fileView.ts";

/** Files or blocks that one definition lists. */
const MOST = 100;

export function definitionAt(view: TreeView, position: Position): readonly Location[] {
  const offset = offsetIn(view, position);
  const statement = statementAt(view.tree, offset);
  if (statement < 0 || view.tree.wordCount(statement) < 2) return [];
  if (!touches(view.tree.wordSpan(statement, 1), offset)) return [];
  const name = view.tree.name(statement);
  if (name === "include") return includedFiles(view, statement);
  return passNames.includes(name) ? upstreamBlocks(view, hostOf(view.tree.word(statement, 1))) : [];
}

function includedFiles(view: TreeView, statement: Statement): readonly Location[] {
  const edge = view.configuration.includes.get(includeKey(view.file, statement));
  const start = { line: 0, character: 0 };
  return (edge?.targets ?? [])
    .slice(0, MOST)
    .map((target) => ({ uri: view.uriOf(target), range: { start, end: start } }));
}

/** The host of a pass target: without scheme, port and URI. Upstream names are compared without case. */
function hostOf(target: string): string {
  const rest = target.replace(/^[A-Za-z][A-Za-z0-9+.-]*:\/\//, "");
  return (/^[^:/?]*/.exec(rest)?.[0] ?? "").toLowerCase();
}

function upstreamBlocks(view: TreeView, host: string): readonly Location[] {
  if (host === "") return [];
  return view.configuration.files.flatMap(({ tree }, file) =>
    upstreamsIn(tree, host).map((statement) => locationOf(view, { file, span: tree.wordSpan(statement, 1) })),
  );
}

function upstreamsIn(tree: Tree, host: string): readonly Statement[] {
  const found: Statement[] = [];
  for (let s = 0; s < tree.size && found.length < MOST; s++) {
    if (tree.name(s) === "upstream" && tree.wordCount(s) > 1 && tree.word(s, 1).toLowerCase() === host) found.push(s);
  }
  return found;
}
