/** What every package is made of, and where it is written. */
import { readdirSync, readFileSync, statSync, writeFileSync, mkdirSync } from "node:fs";
import { createHash } from "node:crypto";
import { dirname, join } from "node:path";
import { runToEnd } from "../../test/editor/host/processes.ts";
import { withProgress } from "../progress.mjs";

export const root = join(import.meta.dirname, "../..");
/** Where packages are written. */
export const out = join(root, "out");

export const manifest: Readonly<Record<string, unknown>> = readManifest();
export const version = String(manifest["version"]);

/** The file of each package. */
export const packages = {
  vsix: join(out, `nginx-selinux-${version}.vsix`),
  npm: join(out, `nginx-selinux-${version}.tgz`),
  rpm: join(out, `nginx-selinux-${version}-1.noarch.rpm`),
} as const;
export type PackageName = keyof typeof packages;

function readManifest(): Readonly<Record<string, unknown>> {
  const parsed: unknown = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  if (typeof parsed !== "object" || parsed === null) throw new Error("package.json holds no object");
  return Object.fromEntries(Object.entries(parsed));
}

/** What the packages are made from, relative to the root. */
const sources = [
  ".vscodeignore",
  "CHANGELOG.md",
  "LICENSE",
  "README.md",
  "client/src",
  "images",
  "language-configuration.json",
  "package-lock.json",
  "package.json",
  "packaging",
  "scripts",
  "schemas",
  "server",
  "syntaxes",
];

const program = join(root, "dist", "cli.cjs");
/** Says from which sources dist was built for shipping. */
const stamp = join(root, ".cache", "dist.sha256");

/** Builds dist as it is shipped, if it is not built from these sources already. */
export async function buildProduct(): Promise<void> {
  if (readText(stamp) === fingerprint()) return;
  await withProgress("Building the extension and the command line", () =>
    runToEnd(process.execPath, [join(root, "scripts", "build.ts"), "--production"], { cwd: root }),
  );
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, fingerprint());
}

/** True where a package exists and is of these sources: it is newer than dist, which is up to date. */
export function isMade(name: PackageName): boolean {
  const [made, built] = [changedAt(packages[name]), changedAt(program)];
  return made !== null && built !== null && made > built && readText(stamp) === fingerprint();
}

/** Of the names, sizes and times of all sources, and of the built program. */
function fingerprint(): string {
  const hash = createHash("sha256").update(String(changedAt(program)));
  for (const source of sources)
    for (const path of filesBelow(join(root, source))) {
      const { size, mtimeMs } = statSync(path);
      hash.update(`${path}\0${size}\0${mtimeMs}\n`);
    }
  return hash.digest("hex");
}

function filesBelow(path: string): readonly string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
}

function changedAt(path: string): number | null {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? null;
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}

/** `3.2 s`, since a `performance.now()`. */
export function seconds(since: number): string {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`;
}
