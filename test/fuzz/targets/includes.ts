/** Trees of includes: cycles, stars, links, thousands of files, and names of any bytes. */
import { collectAccesses } from "../../../server/src/nginx/collectAccesses.ts";
import { loadConfiguration } from "../../../server/src/nginx/load/loadConfiguration.ts";
import { createWorkspace } from "../../../server/src/workspace/workspace.ts";
import { createMemoryHost, type MemoryEntry } from "../../support/memoryHost.ts";
import { memoryReader } from "../../support/memoryReader.ts";
import type { Random } from "../random.ts";
import { since, slow, type Failure, type FuzzTarget } from "../target.ts";

/** Small trees of a round. */
const COUNT = 200;

const DIRECTORY = "/etc/nginx";

const names = [
  "nginx.conf",
  ..."a.conf b.conf c conf.d/a.conf conf.d/b.conf conf.d/sub/x.conf .hidden mime.types up.conf".split(" "),
  "é.conf",
  "\u{1f600}",
  "new\nline.conf",
  "quo\"te'.conf",
  "star*.conf",
  "\u001b[31m.conf",
  "\uFFFD.conf",
  "a".repeat(255),
] as const;

const patterns = [
  ..."* */* */*/* *.conf conf.d/* ? [a-c]* [!a] ../nginx/* /etc/nginx/* ./././* .* **/* */../* / // . ..".split(" "),
  "conf.d/../conf.d/./*.conf",
  "$var/*",
  "{a,b}",
  `${"*/".repeat(20)}x`,
  "[".repeat(20),
] as const;

const lines = [
  "events {}",
  "http {",
  "server {",
  "}",
  "listen 8081;",
  "location / { proxy_pass http://127.0.0.1:3000; }",
  "map $a $b { include NAME; }",
  "types { include NAME; }",
  "upstream u { include NAME; }",
] as const;

function quoted(name: string): string {
  return `"${name.replaceAll(/["\\]/g, "\\$&")}"`;
}

function textOf(random: Random): string {
  const target = (): string => quoted(random.below(2) === 0 ? random.pick(names) : random.pick(["*", ...patterns]));
  return Array.from({ length: random.below(6) }, () =>
    random.below(2) === 0 ? `include ${target()};` : random.pick(lines).replace("NAME", target()),
  ).join("\n");
}

/** Files, directories, links to either and to nothing, and refusals. */
function treeOf(random: Random): Readonly<Record<string, MemoryEntry>> {
  const entries: Record<string, MemoryEntry> = {};
  for (let count = random.below(12); count >= 0; count--) {
    const path = `${DIRECTORY}/${random.pick(names)}`;
    const kind = random.below(12);
    if (kind === 0) entries[path] = { link: `${DIRECTORY}/${random.pick(names)}` };
    else if (kind === 1) entries[path] = { link: random.pick([DIRECTORY, "/", "..", "/nowhere", path]) };
    else if (kind === 2) entries[path] = { error: "EACCES" };
    else entries[path] = textOf(random);
  }
  entries[`${DIRECTORY}/nginx.conf`] = textOf(random);
  return entries;
}

async function tryTree(entries: Readonly<Record<string, MemoryEntry>>, random: Random): Promise<void> {
  const within = random.below(2) === 0 ? null : [`${DIRECTORY}/conf.d`, DIRECTORY];
  const cancellation = { aborted: false };
  const reader = createWorkspace(createMemoryHost(entries)).reader({
    limit: 4096,
    total: 65_536,
    within,
    cancellation,
  });
  const configuration = await loadConfiguration(`${DIRECTORY}/nginx.conf`, reader);
  const { accesses } = collectAccesses(configuration);
  for (const { file, span } of accesses) {
    const size = configuration.files[file]?.tree.bytes.length ?? -1;
    if (span.start < 0 || span.end < span.start || span.end > size) throw new Error(`a place outside: ${span.start}`);
  }
  for (const { message } of [...configuration.problems, ...configuration.notes])
    if (message.length > 20_000) throw new Error(`a message of ${message.length} characters`);
}

/** 10,000 files that include each other: by a star, in a chain, in pairs, or at random. */
function largeTree(random: Random): Readonly<Record<string, string>> {
  const count = 10_000;
  const shape = random.below(4);
  const next = (index: number): string => {
    if (shape === 0) return "";
    if (shape === 1) return `include f${(index + 1) % count}.conf;`;
    if (shape === 2) return `include f${index * 2 + 1}.conf; include f${index * 2 + 2}.conf;`;
    return `include f${random.below(count)}.conf;`;
  };
  const files = Array.from({ length: count }, (_, index): [string, string] => [
    `${DIRECTORY}/f${index}.conf`,
    `# ${index}\n${next(index)}`,
  ]);
  const first = shape === 0 ? "include *.conf;" : "include f0.conf;";
  return Object.fromEntries([[`${DIRECTORY}/nginx.conf`, `events {}\nhttp { ${first} }`], ...files]);
}

async function* round(random: Random): AsyncGenerator<Failure, number> {
  for (let i = 0; i < COUNT; i++) {
    const entries = treeOf(random);
    const before = process.cpuUsage();
    try {
      await tryTree(entries, random);
      yield* slow(JSON.stringify(entries), since(before));
    } catch (error) {
      yield { input: JSON.stringify(entries), error };
    }
  }
  const large = largeTree(random);
  const before = process.cpuUsage();
  try {
    collectAccesses(await loadConfiguration(`${DIRECTORY}/nginx.conf`, memoryReader(large)));
    yield* slow(`10,000 files: ${large[`${DIRECTORY}/f0.conf`]}`, since(before));
  } catch (error) {
    yield { input: `10,000 files: ${large[`${DIRECTORY}/f0.conf`]}`, error };
  }
  return COUNT + 1;
}

/** 200 small trees and one of 10,000 files a round. */
export const includes: FuzzTarget = { name: "includes", round };
