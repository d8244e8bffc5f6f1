/**
 * The command line on 100 MB of log: time and memory of a process of its own. Run it alone with `node test/bench/logs.ts`.
 * Needs `npm run build`.
 */
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { generateLog, logShapes } from "./generateLog.ts";
import { measure } from "./measure.ts";
import { table, type Row } from "./table.ts";

const SITE = `events {}
http { server { root /srv/www; location /api { proxy_pass http://127.0.0.1:3000; } } }
`;

/** Explains logs of every shape, `megabytes` each, joined to a small configuration on rhel9. */
export async function benchLogs(megabytes: number): Promise<Row[]> {
  const directory = mkdtempSync(join(tmpdir(), "nginx-selinux-bench-"));
  try {
    const site = join(directory, "nginx.conf");
    writeFileSync(site, SITE);
    const rows: Row[] = [];
    for (const shape of logShapes) {
      const log = join(directory, "log");
      const file = openSync(log, "w");
      for (const piece of generateLog(shape, megabytes)) writeSync(file, piece);
      closeSync(file);
      const args = ["denials", log, "--config", site, "--policy", "rhel9", "--format", "json"];
      const { milliseconds, processor, memory, output } = await measure(args);
      rows.push({
        what: `denials, ${megabytes} MB: ${shape}`,
        milliseconds,
        megabytes,
        note: `${(processor / 1000).toFixed(1)} s of processor, ${(memory / 1e6).toFixed(0)} MB of memory, ${(output / 1e6).toFixed(1)} MB printed`,
      });
    }
    return rows;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  console.log(table(await benchLogs(Number(process.argv[2] ?? 100))));
