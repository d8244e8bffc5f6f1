import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { test } from "node:test";
import { ruleDocs } from "../../scripts/ruleDocs.ts";
import { ruleInfos } from "../../server/src/rules/index.ts";

const directory = new URL("../../docs/rules/", import.meta.url);

test("docs/rules is what scripts/generate-rule-docs.ts writes", async () => {
  const pages = ruleDocs();
  assert.deepEqual((await readdir(directory)).sort(), [...pages.keys()].sort());
  for (const [name, text] of pages) {
    assert.equal(await readFile(new URL(name, directory), "utf8"), text, `${name} is stale`);
  }
});

test("rules have distinct ids in order, and every part of their page", () => {
  const ids = ruleInfos.map((rule) => rule.id);
  assert.deepEqual(ids, [...new Set(ids)].sort());
  for (const rule of ruleInfos) {
    for (const [part, text] of Object.entries(rule.docs)) assert.notEqual(text.trim(), "", `${rule.id} has no ${part}`);
    assert.match(rule.id, /^[a-z]+(-[a-z]+)+$/);
  }
});
