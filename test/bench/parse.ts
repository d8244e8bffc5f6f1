/**
 * From text to tree. Run it alone with `node test/bench/parse.ts [SERVERS]`; 100,000 servers are 57 MB.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { parse as parseWithNginxConf } from "nginx-conf";
import { parse } from "../../server/src/nginx/tree/parse.ts";
import { generateConfiguration } from "./generate.ts";
import { fastest, table, type Row } from "./table.ts";

/** An extra: real files, where the checkout has them beside it. */
const corpus = new URL("../../../shared/nginx/corpus/", import.meta.url);

/** Reads every byte and counts line feeds: no parser can be faster in this language. */
function readBytes(bytes: Uint8Array): number {
  let lines = 0;
  for (let p = 0; p < bytes.length; p++) if (bytes[p] === 0x0a) lines++;
  return lines;
}

/** Measures the parser on a configuration with that many servers, a bare byte loop and another parser beside it. */
export function benchParse(servers: number): Row[] {
  const bytes = generateConfiguration(servers);
  const megabytes = bytes.length / 1e6;
  const size = `${servers.toLocaleString("en")} servers, ${megabytes.toFixed(1)} MB`;

  const first = fastest(1, () => parse(bytes));
  const again = fastest(5, () => parse(bytes));
  collectGarbage();
  const before = process.memoryUsage().arrayBuffers;
  const tree = parse(bytes);
  collectGarbage();
  const kept = process.memoryUsage().arrayBuffers - before;
  const memory = `${tree.size.toLocaleString("en")} statements, ${(kept / 1e6).toFixed(0)} MB of columns`;
  const rows: Row[] = [
    { what: "bare byte loop", milliseconds: fastest(5, () => readBytes(bytes)), megabytes, note: size },
    { what: "parse", milliseconds: again, megabytes, note: memory },
    { what: "parse, first in the process", milliseconds: first, megabytes },
    { what: "npm nginx-conf 2.1.0", milliseconds: timeNginxConf(Buffer.from(bytes).toString("utf8")), megabytes },
  ];
  return existsSync(corpus) ? [...rows, ...benchCorpus()] : rows;
}

function collectGarbage(): void {
  setFlagsFromString("--expose-gc");
  runInNewContext("gc")();
}

function timeNginxConf(text: string): number {
  return fastest(1, () => {
    parseWithNginxConf(text, (error) => {
      if (error !== null) throw error;
    });
  });
}

function benchCorpus(): Row[] {
  let slowest = 0;
  let name = "";
  let total = 0;
  let megabytes = 0;
  const files = readdirSync(corpus);
  for (const file of files) {
    const bytes = readFileSync(new URL(file, corpus));
    const milliseconds = fastest(5, () => parse(bytes));
    total += milliseconds;
    megabytes += bytes.length / 1e6;
    // Below a thousand bytes the clock is measured and not the parser.
    const per100k = (milliseconds * 1e5) / Math.max(bytes.length, 1000);
    if (per100k > slowest) [slowest, name] = [per100k, file];
  }
  return [
    { what: "parse of the corpus", milliseconds: total, megabytes, note: `${files.length} real files` },
    { what: "its slowest file, per 100 KB", milliseconds: slowest, note: name },
  ];
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  console.log(table(benchParse(Number(process.argv[2] ?? 100_000))));
