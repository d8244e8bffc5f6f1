import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { projectSchema, schemaPath, withSettings, withSettingsTable } from "../../scripts/generated-settings.ts";

const root = join(import.meta.dirname, "..", "..");
const read = (name: string): string => readFileSync(join(root, name), "utf8");

test("package.json has the settings of settings.ts (npm run generate writes them)", async () => {
  assert.equal(read("package.json"), await withSettings(read("package.json")));
});

test("the schema of project files is that of projectFile.ts (npm run generate writes it)", async () => {
  assert.equal(read(schemaPath), await projectSchema());
});

test("docs/settings.md has the settings of settings.ts (npm run generate writes them)", async () => {
  assert.equal(read("docs/settings.md"), await withSettingsTable(read("docs/settings.md")));
});

test("settings that name a path are restricted in an untrusted workspace; of a policy the server ignores paths", async () => {
  const manifest: unknown = JSON.parse(await withSettings(read("package.json")));
  const text = JSON.stringify(manifest, ["capabilities", "untrustedWorkspaces", "restrictedConfigurations"]);
  for (const name of ["mainFile", "root", "denials"]) assert.ok(text.includes(`"nginxSelinux.${name}"`), name);
  assert.ok(!text.includes('"nginxSelinux.policy"'));
});
