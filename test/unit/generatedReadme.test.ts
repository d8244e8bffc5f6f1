import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
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

test("the README shows a part of what the check of the sample prints (npm run generate writes it)", async () => {
  const readme = readFileSync(join(import.meta.dirname, "../../README.md"), "utf8");
  assert.equal(readme, await withProduct(readme));
  assert.ok(readme.split("\n").length <= 151, "a user reads it; details belong into docs/");
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

test("the extension's own README names pictures and pages by their addresses, and is short", () => {
  const readme = readFileSync(join(import.meta.dirname, "../../client/README.md"), "utf8");
  const targets = [...readme.matchAll(/\]\(([^)]+)\)/gu)].map(([, target = ""]) => target);
  assert.ok(targets.length > 3 && targets.every((target) => target.startsWith("https://")), targets.join("\n"));
  assert.ok(readme.split("\n").length <= 60);
  for (const target of targets) {
    const [, path] = /\/nginx-selinux\/nginx-selinux\/(?:blob\/)?main\/(.*)$/u.exec(target) ?? [];
    assert.ok(path !== undefined && existsSync(join(import.meta.dirname, "../..", path)), target);
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
