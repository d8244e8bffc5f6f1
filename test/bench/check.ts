/**
 * The command line on generated configurations: time and memory of a process of its own, and whether both grow with
 * the size only. Run it alone with `node test/bench/check.ts [SERVERS...]`. Needs `npm run build`.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { generateConfiguration } from "./generate.ts";
import { measure } from "./measure.ts";
import { table, type Row } from "./table.ts";

/** Checks configurations of these sizes, every port drawn from the whole range, on rhel9: most of them are denied. */
export async function benchCheck(sizes: readonly number[]): Promise<Row[]> {
  const directory = mkdtempSync(join(tmpdir(), "nginx-selinux-bench-"));
  try {
    const rows: Row[] = [];
    for (const servers of sizes) {
      const file = join(directory, `${servers}.conf`);
      const bytes = generateConfiguration(servers);
      writeFileSync(file, bytes);
      for (const format of ["text", "json"]) {
        const { milliseconds, memory, output } = await measure([
          "check",
          file,
          "--policy",
          "rhel9",
          "--format",
          format,
        ]);
        const megabytes = bytes.length / 1e6;
        const each = `${((1000 * milliseconds) / servers).toFixed(0)} µs a server`;
        rows.push({
          what: `check --format ${format}, ${servers.toLocaleString("en")} servers`,
          milliseconds,
          megabytes,
          note: `${megabytes.toFixed(1)} MB, ${each}, ${(memory / 1e6).toFixed(0)} MB of memory, ${(output / 1e6).toFixed(0)} MB printed`,
        });
      }
    }
    return rows;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const sizes = process.argv.slice(2).map(Number);
  console.log(table(await benchCheck(sizes.length === 0 ? [1000, 10_000, 100_000] : sizes)));
}
