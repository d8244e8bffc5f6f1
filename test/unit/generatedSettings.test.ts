import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { repositoryUrl } from "../../server/src/base/project.ts";
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

test("the pages name the repository of project.ts, and pictures that are in it", () => {
  const { pathname } = new URL(repositoryUrl);
  for (const name of ["client/README.md", "SECURITY.md", "packaging/nginx-selinux.spec"]) {
    const addresses = [...read(name).matchAll(/https:\/\/(?:raw\.githubusercontent|github)\.com[\w./-]+/g)];
    assert.ok(addresses.length > 0, name);
    for (const [address] of addresses) assert.ok(new URL(address).pathname.startsWith(pathname), `${name}: ${address}`);
  }
  const pictures = [...read("client/README.md").matchAll(/!\[[^\]]+\]\(([^)]+)\)/g)].map(([, address = ""]) => address);
  assert.ok(pictures.length > 0);
  for (const address of pictures) {
    const [, path = ""] = new URL(address).pathname.split(`${pathname}/main/`);
    assert.ok(read(path).length > 1000, address);
  }
});

test("settings that name a path are restricted in an untrusted workspace; of a policy the server ignores paths", async () => {
  const manifest: unknown = JSON.parse(await withSettings(read("package.json")));
  const text = JSON.stringify(manifest, ["capabilities", "untrustedWorkspaces", "restrictedConfigurations"]);
  for (const name of ["mainFile", "root", "denials"]) assert.ok(text.includes(`"nginxSelinux.${name}"`), name);
  assert.ok(!text.includes('"nginxSelinux.policy"'));
});
