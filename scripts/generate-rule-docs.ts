/** Writes docs/rules and server/src/rules/pages.ts. A test holds both to server/src/rules/docs. */
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { pagesModule, ruleDocs } from "./ruleDocs.ts";

const directory = new URL("../docs/rules/", import.meta.url);
const pages = ruleDocs();

await mkdir(directory, { recursive: true });
for (const name of await readdir(directory)) {
  if (!pages.has(name)) await rm(new URL(name, directory));
}
for (const [name, text] of pages) await writeFile(new URL(name, directory), text);
await writeFile(new URL("../server/src/rules/pages.ts", import.meta.url), await pagesModule());
