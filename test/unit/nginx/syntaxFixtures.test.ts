/**
 * Files under test/fixtures/syntax: the first line says whether nginx takes the file, or where and why it stops; the second is
 * the outline of the tree that is left.
 */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { suite, test } from "node:test";
import { parse } from "../../../server/src/nginx/tree/parse.ts";
import type { Tree } from "../../../server/src/nginx/tree/tree.ts";
import { outlineOf } from "./treeText.ts";

const directory = new URL("../../fixtures/syntax/", import.meta.url);

function parseText(text: string): Tree {
  return parse(new TextEncoder().encode(text));
}

function verdict(tree: Tree): string {
  const problem = tree.problems[0];
  return problem === undefined ? "ok" : `${problem.line} ${problem.message}`;
}

for (const name of readdirSync(directory)) {
  const text = readFileSync(new URL(name, directory), "utf8");
  const [, expected, outline] = /^# expect (.*)\n# outline (.*)\n/.exec(text) ?? [];
  const tree = parseText(text);

  suite(`the file ${name}`, () => {
    test("gets the verdict that nginx gives", () => {
      assert.equal(verdict(tree), expected);
    });

    test("leaves the tree that its second line draws", () => {
      assert.equal(outlineOf(tree), outline);
    });

    test("reads the same with CRLF at the ends of its lines", () => {
      const other = parseText(text.replaceAll("\n", "\r\n"));
      assert.equal(verdict(other), expected);
      assert.equal(outlineOf(other), outline);
    });

    test("reads the same under a comment in another encoding", () => {
      const other = parse(Buffer.concat([Buffer.from("# caf\u00e9\r", "latin1"), Buffer.from(text)]));
      assert.equal(verdict(other), expected);
      assert.equal(outlineOf(other), outline);
    });
  });
}
