/** The tree as the JSON that `parse` prints. */
import { ROOT, type Statement, type Tree } from "./tree.ts";

/** How words become strings: `latin1` has a code point per byte and is exact for any input. */
export type WordEncoding = "utf8" | "latin1";

/** Characters that a piece has at least, so that a large tree is not written word by word. */
const PIECE = 1 << 16;

/**
 * The JSON text of a tree, in pieces to be written one after the other:
 * `{ file, ok, problems: [{ line, message }], statements: [{ name, args, line, start, end, block, lua }] }`, lines
 * one-based, `start` and `end` byte offsets. In pieces because a large tree makes more text than a string can hold, and
 * without recursion because files can nest deeper than any stack (JSON.stringify's included).
 */
export function* treeToJson(file: string, tree: Tree, encoding: WordEncoding): Generator<string, void> {
  const problems = tree.problems.map(({ line, message }) => ({ line, message }));
  let text = `{"file":${JSON.stringify(file)},"ok":${tree.problems.length === 0},"problems":${JSON.stringify(problems)},"statements":[`;
  let block: Statement = ROOT;
  let blockEnd = tree.size;
  for (let s = 0; s < tree.size; s++) {
    if (text.length >= PIECE) {
      yield text;
      text = "";
    }
    text += statementHead(tree, s, encoding);
    if (tree.terminator(s) === "lua") {
      text += `,"block":null,"lua":${JSON.stringify(luaText(tree, s, encoding))}}`;
    } else if (tree.terminator(s) === "block" || tree.firstChild(s) !== -1) {
      text += ',"block":[';
      block = s;
      blockEnd = tree.subtreeEnd(s);
    } else {
      text += ',"block":null,"lua":null}';
    }
    while (block !== ROOT && blockEnd === s + 1) {
      text += '],"lua":null}';
      block = tree.parent(block);
      blockEnd = tree.subtreeEnd(block);
      if (text.length >= PIECE) {
        yield text;
        text = "";
      }
    }
    if (s + 1 < blockEnd && block !== s) text += ",";
  }
  yield `${text}]}\n`;
}

/** A statement's object up to its `end`, without what is inside of it. */
function statementHead(tree: Tree, s: Statement, encoding: WordEncoding): string {
  const args: string[] = [];
  for (let i = 1; i < tree.wordCount(s); i++) args.push(word(tree, s, i, encoding));
  const name = tree.wordCount(s) === 0 ? "" : word(tree, s, 0, encoding);
  const { start, end } = tree.span(s);
  return `{"name":${JSON.stringify(name)},"args":${JSON.stringify(args)},"line":${tree.line(s)},"start":${start},"end":${end}`;
}

function word(tree: Tree, s: Statement, i: number, encoding: WordEncoding): string {
  return encoding === "utf8" ? tree.word(s, i) : tree.wordLatin1(s, i);
}

function luaText(tree: Tree, s: Statement, encoding: WordEncoding): string {
  const { start, end } = tree.luaSpan(s);
  const body = tree.bytes.subarray(start, end);
  if (encoding === "utf8") return new TextDecoder("utf-8", { ignoreBOM: true }).decode(body);
  let text = "";
  for (const byte of body) text += String.fromCharCode(byte);
  return text;
}
