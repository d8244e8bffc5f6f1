/** Writes docs/rules. Run by Node 24: `node scripts/generate-rule-docs.ts`. A test holds the pages to it. */
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { ruleDocs } from "./ruleDocs.ts";

const directory = new URL("../docs/rules/", import.meta.url);
const pages = ruleDocs();

await mkdir(directory, { recursive: true });
for (const name of await readdir(directory)) {
  if (!pages.has(name)) await rm(new URL(name, directory));
}
for (const [name, text] of pages) await writeFile(new URL(name, directory), text);
