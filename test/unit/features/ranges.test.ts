import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { TreeView } from "../../../server/src/features/fileView.ts";
import { foldingRangesOf } from "../../../server/src/features/foldingRanges.ts";
import { selectionRangesAt } from "../../../server/src/features/selectionRanges.ts";
import { semanticTokensOf, tokensLegend } from "../../../server/src/features/semanticTokens.ts";
import { marked } from "../../support/marked.ts";
import { parse } from "../../../server/src/nginx/tree/parse.ts";
import type { SelectionRange } from "vscode-languageserver";

const treeOf = (text: string): ReturnType<typeof parse> => parse(new TextEncoder().encode(text));
const viewOf = async (text: string): Promise<TreeView> => (await marked({ "/nginx.conf": `${text}|` })).view;

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
  test("grows from a word to its statement, its blocks and the file", async () => {
    const text = "http {\n server {\n  listen 80;\n }\n}\n";
    const [range] = selectionRangesAt(await viewOf(text), [{ line: 2, character: 10 }]);
    const texts: string[] = [];
    for (let at: SelectionRange | undefined = range; at !== undefined; at = at.parent) {
      const { start, end } = at.range;
      texts.push(`${start.line}:${start.character}-${end.line}:${end.character}`);
    }
    assert.deepEqual(texts, ["2:9-2:11", "2:2-2:12", "1:1-3:2", "0:0-4:1", "0:0-5:0"]);
  });

  test("between statements it is the block, in an empty file the file", async () => {
    const [inside] = selectionRangesAt(await viewOf("http {\n\n}\n"), [{ line: 1, character: 0 }]);
    assert.deepEqual(inside?.range, { start: { line: 0, character: 0 }, end: { line: 2, character: 1 } });
    assert.equal(selectionRangesAt(await viewOf(""), [{ line: 0, character: 0 }]).length, 1);
  });
});

suite("semantic tokens", () => {
  test("name the upstreams of the configuration and unix sockets, and leave the rest to the grammar", async () => {
    const text =
      "events {}\nhttp {\n upstream app { server unix:/run/a.sock; server 10.0.0.1:80; }\n server { listen unix:/run/b.sock; location /ä { proxy_pass http://app; } location /x { proxy_pass http://localhost; } location /y { proxy_pass http://unix:/run/c.sock:/p; } }\n|}\n";
    const { view } = await marked({ "/etc/nginx/nginx.conf": text });
    const lines = text.replace("|", "").split("\n");
    const { data } = semanticTokensOf(view);
    const found: string[] = [];
    let [line, character] = [0, 0];
    for (let i = 0; i < data.length; i += 5) {
      const [lower = 0, further = 0, length = 0, type = 0, modifiers = 0] = data.slice(i, i + 5);
      character = lower === 0 ? character + further : further;
      line += lower;
      const name = `${tokensLegend.tokenTypes[type]}${modifiers === 1 ? "!" : ""}`;
      found.push(`${name} ${lines[line]?.slice(character, character + length)}`);
    }
    assert.deepEqual(found, [
      "namespace! app",
      "string unix:/run/a.sock",
      "string unix:/run/b.sock",
      "namespace app",
      "string unix:/run/c.sock",
    ]);
  });
});
