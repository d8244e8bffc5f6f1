/** Writes the settings into package.json and the README. A test holds both to it. */
import { readFile, writeFile } from "node:fs/promises";
import { withSettings, withSettingsTable } from "./generated-settings.ts";

for (const [name, generate] of [
  ["package.json", withSettings],
  ["README.md", withSettingsTable],
] as const) {
  const path = new URL(`../${name}`, import.meta.url);
  await writeFile(path, await generate(await readFile(path, "utf8")));
}
