/** `npm run bench`: every benchmark in one run, one table. `-- --write` puts it into docs/benchmarks.md. */
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
import { benchShapes } from "./shapes.ts";
import { slowerRows } from "./slower.ts";
import { benchStart } from "./start.ts";
import { table } from "./table.ts";

/** The row that tells machines apart. */
const FLOOR = "bare byte loop";

console.error("text to tree ...");
const parsed = benchParse(100_000);
console.error("start ...");
const started = await benchStart(15);
console.error("check, in processes of its own ...");
const checked = await benchCheck([1000, 10_000, 100_000]);
console.error("one shape at a time ...");
const shaped = await benchShapes([1000, 10_000]);
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

const rows = [...parsed, ...started, ...checked, ...shaped, ...logged, ...edited, ...flipped, ...served, ...asked];
const text = `${table(rows)}\n\nNode ${process.version}, ${cpus().length} × ${cpus()[0]?.model.trim() ?? "unknown processor"}.`;
console.log(text);
const path = new URL("../../docs/benchmarks.md", import.meta.url);
const page = await readFile(path, "utf8");
for (const sentence of slowerRows(page, rows, FLOOR)) console.error(`warning: ${sentence}`);
if (process.argv.includes("--write")) {
  const written = between(page, "bench", text);
  await writeFile(path, await format(written, { filepath: "benchmarks.md", printWidth: 120 }));
}
