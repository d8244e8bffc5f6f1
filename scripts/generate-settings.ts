/** Writes the settings into package.json, docs/settings.md and the schema of project files. A test holds all of them to it. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { projectSchema, schemaPath, withSettings, withSettingsTable } from "./generated-settings.ts";

const pathOf = (name: string): URL => new URL(`../${name}`, import.meta.url);

for (const [name, generate] of [
  ["package.json", withSettings],
  ["docs/settings.md", withSettingsTable],
] as const) {
  await writeFile(pathOf(name), await generate(await readFile(pathOf(name), "utf8")));
}
await mkdir(pathOf("schemas"), { recursive: true });
await writeFile(pathOf(schemaPath), await projectSchema());
