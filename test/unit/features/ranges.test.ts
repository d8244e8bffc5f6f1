import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { foldingRangesOf } from "../../../server/src/features/foldingRanges.ts";
import { selectionRangesAt } from "../../../server/src/features/selectionRanges.ts";
import { parse } from "../../../server/src/nginx/tree/parse.ts";
import type { SelectionRange } from "vscode-languageserver";

const treeOf = (text: string): ReturnType<typeof parse> => parse(new TextEncoder().encode(text));

suite("folding", () => {
  test("blocks, Lua blocks and runs of comments fold; what is on one line does not", () => {
    const text =
      "# one\n# two\nhttp {\n server { listen 80; }\n location / {\n  content_by_lua_block {\n   ngx.say(1)\n  }\n }\n}\n# alone\n";
    assert.deepEqual(
      foldingRangesOf(treeOf(text)).map(({ startLine, endLine, kind }) => [startLine, endLine, kind ?? "block"]),
      [
        [0, 1, "comment"],
        [2, 8, "block"],
        [4, 7, "block"],
        [5, 6, "block"],
      ],
    );
  });

  test("a text that ends in comments, and one with an unfinished block", () => {
    assert.deepEqual(foldingRangesOf(treeOf("# a\n# b")), [{ startLine: 0, endLine: 1, kind: "comment" }]);
    assert.equal(foldingRangesOf(treeOf("http {\n server {\n  listen 80;\n")).length, 2);
  });
});

suite("selection", () => {
  test("grows from a word to its statement, its blocks and the file", () => {
    const text = "http {\n server {\n  listen 80;\n }\n}\n";
    const tree = treeOf(text);
    const [range] = selectionRangesAt(tree, [{ line: 2, character: 10 }]);
    const texts: string[] = [];
    for (let at: SelectionRange | undefined = range; at !== undefined; at = at.parent) {
      const { start, end } = at.range;
      texts.push(`${start.line}:${start.character}-${end.line}:${end.character}`);
    }
    assert.deepEqual(texts, ["2:9-2:11", "2:2-2:12", "1:1-3:2", "0:0-4:1", "0:0-5:0"]);
  });

  test("between statements it is the block, in an empty file the file", () => {
    const [inside] = selectionRangesAt(treeOf("http {\n\n}\n"), [{ line: 1, character: 0 }]);
    assert.deepEqual(inside?.range, { start: { line: 0, character: 0 }, end: { line: 2, character: 1 } });
    assert.equal(selectionRangesAt(treeOf(""), [{ line: 0, character: 0 }]).length, 1);
  });
});
