/** Trees as short text, so that a test is a line that can be read. */
import { parse } from "../../../server/src/nginx/tree/parse.ts";
import type { Tree } from "../../../server/src/nginx/tree/tree.ts";

/** Parses text whose code points below 256 stand for bytes. */
export function parseLatin1(text: string): Tree {
  return parse(Uint8Array.from(text, (character) => character.charCodeAt(0)));
}

/** The words of every statement in preorder, as Latin-1, with the mark of its end: `;`, `{`, `lua` or `open`. */
export function statementsOf(text: string): string[][] {
  const tree = parseLatin1(text);
  const marks = { simple: ";", block: "{", lua: "lua", open: "open" };
  return Array.from({ length: tree.size }, (_, s) => [
    ...Array.from({ length: tree.wordCount(s) }, (_word, i) => tree.wordLatin1(s, i)),
    marks[tree.terminator(s)],
  ]);
}

/** The structure: names, `{ }` around what a block holds, `!` after a statement without an end, `lua` for a Lua block. */
export function outlineOf(tree: Tree): string {
  const parts: string[] = [];
  const open: number[] = [];
  for (let s = 0; s <= tree.size; s++) {
    for (let end = open.at(-1); end !== undefined && end <= s; end = open.at(-1)) {
      open.pop();
      if (s < tree.size || end === s) parts.push("}");
    }
    if (s === tree.size) break;
    const terminator = tree.terminator(s);
    const name = tree.wordCount(s) === 0 ? "" : tree.name(s) || '""';
    parts.push(name + (terminator === "open" ? "!" : "") + (terminator === "lua" ? " lua" : ""));
    if (terminator === "block" || tree.firstChild(s) !== -1) {
      parts.push("{");
      open.push(tree.subtreeEnd(s));
    }
  }
  return parts.join(" ");
}

/** `LINE MESSAGE` of each problem. */
export function problemsOf(text: string): string[] {
  return parseLatin1(text).problems.map(({ line, message }) => `${line} ${message}`);
}
