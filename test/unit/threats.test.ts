import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

test("each threat of SECURITY.md names a test that exists", () => {
  const rows = [...read("SECURITY.md").matchAll(/\| `(test\/[^`]+)`: (.*?) *\|$/gmu)];
  assert.ok(rows.length >= 14, `${rows.length} threats`);
  for (const [, file = "", title = ""] of rows) {
    const isThere = read(file).includes(`test("${title}"`);
    assert.ok(isThere, `${file} has no test "${title}"`);
  }
});
