/** Writes what the README shows of the product itself. A test holds the README to it. */
import { readFile, writeFile } from "node:fs/promises";
import { withProduct } from "./generated-readme.ts";

const path = new URL("../README.md", import.meta.url);
await writeFile(path, await withProduct(await readFile(path, "utf8")));
