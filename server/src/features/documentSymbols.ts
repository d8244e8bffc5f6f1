/** Symbols: the blocks of a file and the targets in them, for the outline and the breadcrumbs. */
import type { DocumentSymbol, SymbolKind } from "vscode-languageserver";
import { ROOT, type Statement, type Tree } from "../nginx/tree/tree.ts";
import { rangeIn, type TreeView } from "./fileView.ts";

/** Deeper blocks become children of the last level: serializers recurse, and no honest file is that deep. */
const DEEPEST = 20;
const MOST = 5000;
/** Statements of a block that are looked at for its name and port. */
const MOST_LOOKED_AT = 200;

const module: SymbolKind = 2;
const namespace: SymbolKind = 3;
const property: SymbolKind = 7;
const field: SymbolKind = 8;

/** Blocks, and the simple directives that name a target or a listener. */
export function documentSymbolsOf(view: TreeView): readonly DocumentSymbol[] {
  const { tree } = view;
  const top: DocumentSymbol[] = [];
  /** The enclosing blocks, outermost first, with the list that takes their children. */
  const stack: { readonly end: Statement; readonly children: DocumentSymbol[] }[] = [];
  for (let s = 0, count = 0; s < tree.size && count < MOST; s++) {
    while ((stack.at(-1)?.end ?? tree.size) <= s) stack.pop();
    const isBlock = tree.terminator(s) !== "simple" && tree.terminator(s) !== "open";
    if (tree.wordCount(s) === 0 || (!isBlock && !isTarget(tree, s))) continue;
    const children: DocumentSymbol[] = [];
    (stack.at(-1)?.children ?? top).push(symbolOf(view, s, isBlock, children));
    count++;
    if (isBlock && stack.length < DEEPEST) stack.push({ end: tree.subtreeEnd(s), children });
  }
  return top;
}

function isTarget(tree: Tree, s: Statement): boolean {
  const name = tree.name(s);
  if (name === "server") return tree.parent(s) !== ROOT && tree.name(tree.parent(s)) === "upstream";
  return name === "listen" || name === "server_name" || name.endsWith("_pass") || name === "include";
}

function symbolOf(view: TreeView, s: Statement, isBlock: boolean, children: DocumentSymbol[]): DocumentSymbol {
  const { tree } = view;
  const name = `${tree.name(s).slice(0, 100)} ${valueOf(tree, s)}`.trim();
  return {
    name: name === "" ? '""' : name,
    kind: isBlock ? (tree.parent(s) === ROOT ? module : namespace) : name === "listen" ? property : field,
    range: rangeIn(view, tree.span(s)),
    selectionRange: rangeIn(view, tree.wordSpan(s, 0)),
    children,
  };
}

/** What tells a statement from others of its name: its words; of a `server` block its first name and port. */
function valueOf(tree: Tree, s: Statement): string {
  return tree.name(s) === "server" && tree.wordCount(s) === 1 ? addressOf(tree, s) : wordsOf(tree, s);
}

/** `shop.example:443`, of the first `server_name` and the first `listen` in a block; "" where it has neither. */
function addressOf(tree: Tree, block: Statement): string {
  const end = Math.min(tree.subtreeEnd(block), block + MOST_LOOKED_AT);
  const first = (name: string): string => {
    for (let s = block + 1; s < end; s++)
      if (tree.parent(s) === block && tree.name(s) === name && tree.wordCount(s) > 1)
        return tree.word(s, 1).slice(0, 100);
    return "";
  };
  const name = first("server_name");
  const listen = first("listen");
  const port = /(?:^|:)(\d+)$/.exec(listen)?.[1];
  return name === "" || name === "_" || port === undefined ? name.replace(/^_$/, "") || listen : `${name}:${port}`;
}

function wordsOf(tree: Tree, s: Statement): string {
  const words: string[] = [];
  for (let i = 1; i < tree.wordCount(s) && i < 6; i++) words.push(tree.word(s, i).slice(0, 100));
  return words.join(" ");
}
