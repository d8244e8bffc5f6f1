import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { isReleased, sectionOf } from "../../../scripts/packages/changelog.ts";
import { root, version } from "../../../scripts/packages/product.ts";

const changelog = "# Changelog\n\n## 1.1.0\n\n- New.\n\n## 1.0.0 - 2026-01-31\n\n- First.\n- Second.\n";

test("a release needs a dated section", () => {
  assert.equal(isReleased(changelog, "1.0.0"), true);
  assert.equal(isReleased(changelog, "1.1.0"), false);
  assert.equal(isReleased(changelog, "1.0"), false);
  assert.equal(isReleased("## 1.0.0 - soon", "1.0.0"), false);
});

test("the notes of a release are its section", () => {
  assert.equal(sectionOf(changelog, "1.1.0"), "- New.");
  assert.equal(sectionOf(changelog, "1.0.0"), "- First.\n- Second.");
  assert.equal(sectionOf(changelog, "2.0.0"), null);
});

test("the changelog has a section for the version of package.json", () => {
  assert.notEqual(sectionOf(readFileSync(join(root, "CHANGELOG.md"), "utf8"), version), null);
});
