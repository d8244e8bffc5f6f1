/** Writes what the README and the pages show of the product itself. A test holds them to it. */
import { readFile, writeFile } from "node:fs/promises";
import { withMigration, withOptions, withPolicies, withProduct, withTools } from "./generated-readme.ts";

for (const [name, generate] of [
  ["README.md", withProduct],
  ["docs/policies.md", withPolicies],
  ["docs/command-line.md", withOptions],
  ["docs/migrate.md", withMigration],
  ["docs/assistants.md", withTools],
] as const) {
  const path = new URL(`../${name}`, import.meta.url);
  await writeFile(path, await generate(await readFile(path, "utf8")));
}
