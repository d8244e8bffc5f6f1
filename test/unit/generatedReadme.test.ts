import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import {
  between,
  withMigration,
  withOptions,
  withPolicies,
  withProduct,
  withTools,
} from "../../scripts/generated-readme.ts";

test("the README shows what the check of the sample prints, and the commands (npm run generate writes them)", async () => {
  const readme = readFileSync(join(import.meta.dirname, "../../README.md"), "utf8");
  assert.equal(readme, await withProduct(readme));
  assert.ok(readme.split("\n").length <= 180, "a user reads it; details belong into docs/");
});

test("the pages on policies, on the command line and on assistants have their tables (npm run generate writes them)", async () => {
  for (const [name, generate] of [
    ["policies", withPolicies],
    ["command-line", withOptions],
    ["assistants", withTools],
  ] as const) {
    const page = readFileSync(join(import.meta.dirname, `../../docs/${name}.md`), "utf8");
    assert.equal(page, await generate(page));
  }
});

test("a part that the README lacks is an error, not a silent nothing", () => {
  assert.throws(() => between("no such part", "bench", "x"), /no part between/);
});

test("the page on migration shows what the comparison of the sample prints (npm run generate writes it)", async () => {
  const page = readFileSync(join(import.meta.dirname, "../../docs/migrate.md"), "utf8");
  assert.equal(page, await withMigration(page));
  assert.match(page, /^- +warning .*myapp/m);
});
