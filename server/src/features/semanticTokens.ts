/** Semantic tokens where the grammar cannot tell: names that are upstreams of this configuration, and unix sockets. */
import type { SemanticTokens, SemanticTokensLegend } from "vscode-languageserver";
import type { Position, Span } from "../base/text.ts";
import { partSpan } from "../nginx/blocks/places.ts";
import { passNames } from "../nginx/handlers/passNames.ts";
import type { Statement, Tree } from "../nginx/tree/tree.ts";
import { rangeIn, type TreeView } from "./fileView.ts";
import { nameSites } from "./names/nameSites.ts";

/** The types and modifiers that the numbers of a token stand for. */
export const tokensLegend: SemanticTokensLegend = {
  tokenTypes: ["namespace", "string"],
  tokenModifiers: ["declaration"],
};
const UPSTREAM = 0;
const SOCKET = 1;
const DECLARATION = 1;

interface Token {
  readonly span: Span;
  readonly type: number;
  readonly modifiers: number;
}

/** The tokens of a file in their order, as LSP packs them: each from the one before. */
export function semanticTokensOf(view: TreeView): SemanticTokens {
  const tokens = [...upstreams(view), ...sockets(view.tree)].toSorted((a, b) => a.span.start - b.span.start);
  const data: number[] = [];
  let last: Position = { line: 0, character: 0 };
  for (const { span, type, modifiers } of tokens) {
    const { start, end } = rangeIn(view, span);
    // A token has one line, and a word in quotes may have several.
    if (start.line !== end.line) continue;
    const sameLine = start.line === last.line;
    data.push(start.line - last.line, sameLine ? start.character - last.character : start.character);
    data.push(end.character - start.character, type, modifiers);
    last = start;
  }
  return { data };
}

/** Where the file names an upstream that the configuration defines; `localhost` is one only then. */
function upstreams({ configuration, file }: TreeView): readonly Token[] {
  const sites = nameSites(configuration).all.filter(({ kind }) => kind === "upstream");
  const defined = new Set(sites.filter(({ isDefinition }) => isDefinition).map(({ name }) => name));
  return sites
    .filter((site) => site.file === file && defined.has(site.name))
    .map(({ span, isDefinition }) => ({ span, type: UPSTREAM, modifiers: isDefinition ? DECLARATION : 0 }));
}

const withTarget: ReadonlySet<string> = new Set(["server", "listen", ...passNames]);

function* sockets(tree: Tree): Generator<Token, void> {
  for (let s: Statement = 0; s < tree.size; s++) {
    if (!withTarget.has(tree.name(s)) || tree.wordCount(s) < 2) continue;
    const word = tree.word(s, 1);
    const found = /^((?:[a-z][a-z0-9+.-]*:\/\/)?)(unix:[^:]+)/iu.exec(word);
    if (found === null) continue;
    const [, scheme = "", target = ""] = found;
    yield { span: partSpan(tree, s, 1, word, scheme.length, target.length), type: SOCKET, modifiers: 0 };
  }
}
