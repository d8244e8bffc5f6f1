import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { test } from "node:test";
import { exampleOf, pageSource, pagesModule, ruleDocs } from "../../scripts/ruleDocs.ts";
import { ruleInfos } from "../../server/src/rules/index.ts";
import { pageOf } from "../../server/src/rules/pages.ts";

const generated = new URL("../../docs/rules/", import.meta.url);
const rules = new URL("../../server/src/rules/", import.meta.url);

test("docs/rules and pages.ts are what scripts/generate-rule-docs.ts writes", async () => {
  const pages = ruleDocs();
  assert.deepEqual((await readdir(generated)).sort(), [...pages.keys()].sort());
  for (const [name, text] of pages) {
    assert.equal(await readFile(new URL(name, generated), "utf8"), text, `${name} is stale`);
  }
  assert.equal(await readFile(new URL("pages.ts", rules), "utf8"), await pagesModule(), "pages.ts is stale");
});

test("rules have distinct ids in order", () => {
  const ids = ruleInfos.map((rule) => rule.id);
  assert.deepEqual(ids, [...new Set(ids)].sort());
  for (const id of ids) assert.match(id, /^[a-z]+(-[a-z]+)+$/);
});

test("every rule has an example, but those that need more than a configuration and labels", () => {
  const without = ruleInfos.flatMap(({ id }) => (exampleOf(id) === null ? [id] : []));
  assert.deepEqual(without, ["container-mount", "denied-in-audit-log", "not-confined", "unix-permissions"]);
});

test("every rule has a page, in the form that a page has, and no page is without a rule", async () => {
  const pages = await readdir(new URL("docs/", rules));
  assert.deepEqual(
    pages.sort(),
    ruleInfos.map(({ id }) => `${id}.md`),
  );
  for (const { id } of ruleInfos) {
    const text = await readFile(new URL(`docs/${id}.md`, rules), "utf8");
    assert.deepEqual(
      [...text.matchAll(/^## (.*)$/gm)].map(([, title]) => title),
      ["What you see", "What to do", "Why", "Evidence", "How to verify", "Common wrong advice"],
      id,
    );
    for (const section of text.split(/^## .*$/m).slice(1))
      assert.notEqual(section.trim(), "", `${id} has an empty part`);
    assert.equal(pageOf(id), pageSource({ id }).trimEnd());
  }
  assert.equal(pageOf("no-such-rule"), null);
});
