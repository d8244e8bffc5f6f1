/** `npm run bench`: every benchmark in one run, one table. `-- --write` puts it into docs/speed.md. */
import { readFile, writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { format } from "prettier";
import { between } from "../../scripts/generated-readme.ts";
import { benchCheck } from "./check.ts";
import { benchEdit } from "./edit.ts";
import { benchEditor } from "./editor.ts";
import { benchFlip } from "./flip.ts";
import { benchLogs } from "./logs.ts";
import { benchParse } from "./parse.ts";
import { benchPolicy } from "./policy.ts";
import { table } from "./table.ts";

console.error("text to tree ...");
const parsed = benchParse(100_000);
console.error("check, in processes of its own ...");
const checked = await benchCheck([1000, 10_000, 100_000]);
console.error("100 MB of log ...");
const logged = await benchLogs(100);
console.error("edit to diagnostics ...");
const edited = await benchEdit(500, 300);
console.error("boolean flip to diagnostics ...");
const flipped = await benchFlip(10_000, 15);
console.error("the language server, over its standard input and output ...");
const served = await benchEditor(10_000, 100);
console.error("policy file, beside setools and semanage ...");
const asked = benchPolicy();

const text = `${table([...parsed, ...checked, ...logged, ...edited, ...flipped, ...served, ...asked])}\n\nNode ${process.version}, ${cpus().length} × ${cpus()[0]?.model.trim() ?? "unknown processor"}.`;
console.log(text);
if (process.argv.includes("--write")) {
  const path = new URL("../../docs/speed.md", import.meta.url);
  const readme = between(await readFile(path, "utf8"), "bench", text);
  await writeFile(path, await format(readme, { filepath: "speed.md", printWidth: 120 }));
}
