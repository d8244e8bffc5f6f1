/**
 * The command line on configurations of one shape each: how time and memory grow with the number of sites. Run it alone
 * with `node test/bench/shapes.ts [SITES...]`. Needs `npm run build`.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { findOracle, type Oracle } from "../support/oracle.ts";
import { makeHost } from "./host.ts";
import { measure } from "./measure.ts";
import { table, type Row } from "./table.ts";

/** Files by their path below the configuration's directory. */
type Files = ReadonlyMap<string, string>;

interface Shape {
  readonly name: string;
  files(sites: number): Files;
  /** The sizes in which it is measured, where they are others. */
  readonly sizes?: readonly number[];
  /** True where the configuration is that of a host, whose own policy and labels answer. */
  readonly isHost?: true;
}

/** Unprivileged ports, each as often as the others. */
const portOf = (site: number): number => 1024 + ((site * 7) % 60_000);

function http(sites: number, siteText: (site: number) => string, head = ""): Files {
  const body = Array.from({ length: sites }, (_, site) => siteText(site)).join("\n");
  return new Map([["nginx.conf", `events {}\nhttp {\n${head}${body}\n}\n`]]);
}

const shapes: readonly Shape[] = [
  {
    name: "a port each",
    files: (sites) =>
      http(sites, (site) => `server { listen 80; location / { proxy_pass http://127.0.0.1:${portOf(site)}; } }`),
  },
  {
    name: "a directory each",
    files: (sites) => http(sites, (site) => `server { listen 80; location /f/ { alias /srv/site${site}/files/; } }`),
  },
  {
    name: "a directory and a port each",
    files: (sites) =>
      http(
        sites,
        (site) =>
          `server { listen 80; location /f/ { alias /srv/site${site}/files/; } location / { proxy_pass http://127.0.0.1:${portOf(site)}; } }`,
      ),
  },
  {
    name: "a socket each",
    files: (sites) =>
      http(sites, (site) => `server { listen 80; location / { proxy_pass http://unix:/run/app${site}/app.sock; } }`),
  },
  {
    name: "a file each",
    files: (sites) =>
      new Map([
        ["nginx.conf", "events {}\nhttp {\n  include sites/*.conf;\n}\n"],
        ...Array.from({ length: sites }, (_, site): readonly [string, string] => [
          `sites/${site}.conf`,
          `server { listen 80; location / { proxy_pass http://127.0.0.1:${portOf(site)}; } }\n`,
        ]),
      ]),
  },
  {
    name: "a range of ports each",
    files: (sites) =>
      http(sites, (site) => `server { listen 127.0.0.1:${1024 + (site % 1000)}-${60_000 + (site % 5000)}; }`),
  },
  {
    name: "a root and a socket each, on a host",
    files: (sites) =>
      http(
        sites,
        (site) =>
          `server { listen 80; root /srv/site${site}; location /a/ { proxy_pass http://unix:/run/app${site}/app.sock; } }`,
      ),
    sizes: [1000, 5000],
    isHost: true,
  },
  {
    name: "a line of a map each",
    files: (sites) => http(1, () => "server { listen 80; location / { proxy_pass http://$backend; } }", mapOf(sites)),
  },
];

function mapOf(lines: number): string {
  const values = Array.from({ length: lines }, (_, line) => `h${line}.example 127.0.0.1:${portOf(line)};`);
  return `map $host $backend {\n${values.join("\n")}\n}\n`;
}

/** Each shape in each size, ascending; the note tells how time and memory grow from the size before. */
export async function benchShapes(sizes: readonly number[]): Promise<Row[]> {
  const rows: Row[] = [];
  for (const shape of shapes) {
    const { name } = shape;
    const found = shape.isHost === true ? findOracle() : { oracle: null };
    if (!("oracle" in found)) {
      console.error(`no host to measure: ${found.skip}`);
      continue;
    }
    let before: { readonly size: number; readonly processor: number } | null = null;
    for (const size of shape.sizes ?? sizes) {
      const { milliseconds, processor, memory } = await measured(shape, size, found.oracle);
      const growth =
        before === null
          ? ""
          : `, ${(processor / before.processor).toFixed(1)} times the time for ${size / before.size} times the sites`;
      rows.push({
        what: `check, ${size.toLocaleString("en")} sites with ${name}`,
        milliseconds,
        note: `${(processor / 1000).toFixed(1)} s of processor time, ${(memory / 1e6).toFixed(0)} MB of memory${growth}`,
      });
      before = { size, processor };
    }
  }
  return rows;
}

/** `oracle`: where the policy of a host comes from. */
async function measured({ files }: Shape, size: number, oracle: Oracle | null): ReturnType<typeof measure> {
  const directory = mkdtempSync(join(tmpdir(), "nginx-selinux-bench-"));
  try {
    for (const [path, text] of files(size)) {
      const file = join(directory, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
    const policy = oracle === null ? ["--policy", "rhel9"] : makeHost(directory, size, oracle);
    return await measure(["check", join(directory, "nginx.conf"), ...policy]);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const sizes = process.argv.slice(2).map(Number);
  console.log(table(await benchShapes(sizes.length === 0 ? [1000, 10_000] : sizes)));
}
