import assert from "node:assert/strict";
import { test } from "node:test";
import { insertionPoint } from "../../../server/src/features/commentLines.ts";
import { parse } from "../../../server/src/nginx/tree/parse.ts";

/** The text with a line `#` where a comment for the directive at `|` goes. */
function commented(marked: string): string {
  const at = marked.indexOf("|");
  const text = marked.replace("|", "");
  const { offset, indent } = insertionPoint(parse(new TextEncoder().encode(text)), at);
  return `${text.slice(0, offset)}${indent}#\n${text.slice(offset)}`;
}

test("a comment goes directly above the line of its directive, indented or not", () => {
  assert.equal(commented("listen 80;\nlisten |81;\n"), "listen 80;\n#\nlisten 81;\n");
  assert.equal(commented("http {\n\tlisten |81;\n}\n"), "http {\n\t#\n\tlisten 81;\n}\n");
  assert.equal(
    commented("events {}\nhttp { server { listen |81; } }\n"),
    "events {}\n#\nhttp { server { listen 81; } }\n",
  );
  assert.equal(commented("listen |80;"), "#\nlisten 80;");
});

test("a comment never goes into a word or Lua code that has begun on a line above", () => {
  const quoted = 'a 1;\nreturn "x\ny"; listen |81;';
  assert.equal(commented(quoted), 'a 1;\n#\nreturn "x\ny"; listen 81;');
  const lua = "a 1;\ncontent_by_lua_block {\nx = 1\n} listen |81;";
  assert.equal(commented(lua), "a 1;\n#\ncontent_by_lua_block {\nx = 1\n} listen 81;");
  assert.equal(commented("a 1;\nset $x a\\\nb; listen |81;"), "a 1;\n#\nset $x a\\\nb; listen 81;");
});
