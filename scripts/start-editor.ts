/**
 * `npm start [-- PATH] [--exit-after-ready]`: prints the check of a configuration, then opens it in a real VS Code with the
 * extension in it: the desktop one where `code` is there, otherwise the embedded one, whose address is printed.
 *
 * PATH: a configuration or a folder that has one; the bundled sample without it. Runs until Ctrl-C, and leaves nothing running.
 */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync, realpathSync, statSync } from "node:fs";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { startCodeServer } from "../test/editor/host/codeServer.ts";
import { embeddedEditorPossible, ensureEditorHost, MissingPackagesError } from "../test/editor/host/install.ts";
import { runToEnd, stopOnSignal } from "../test/editor/host/processes.ts";

const root = join(import.meta.dirname, "..");
const vsix = join(root, "nginx-selinux.vsix");
const args = process.argv.slice(2);
const exitAfterReady = args.includes("--exit-after-ready");
const log = (line: string): void => console.log(line);

/** What to open: the folder, the file in front, and the configuration that is checked. */
interface Target {
  readonly folder: string;
  readonly file: string;
  readonly checked: string;
}

/** The error that ends with a message and exit code 2, without a stack. */
class UsageError extends Error {}

const temporary = await mkdtemp(join(tmpdir(), "nginx-selinux-start-"));
const stops: (() => Promise<void>)[] = [() => rm(temporary, { recursive: true, force: true })];
const stopAll = stopOnSignal(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop();
}, 0);
try {
  process.exitCode = await main();
} catch (error) {
  const expected = error instanceof UsageError || error instanceof MissingPackagesError;
  console.error(expected ? error.message : error);
  process.exitCode = 2;
} finally {
  await stopAll();
}

async function main(): Promise<number> {
  const target = await chooseTarget(args.find((arg) => !arg.startsWith("--")));
  log("Building the extension ...");
  await runToEnd(process.execPath, [join(root, "scripts", "package.ts")]);
  printCheck(target.checked);
  const desktop = findDesktopCode();
  return desktop === null ? openEmbedded(target) : openDesktop(desktop, target);
}

async function chooseTarget(path: string | undefined): Promise<Target> {
  if (path === undefined) return sampleCopy();
  const absolute = resolve(path);
  if (!existsSync(absolute)) throw new UsageError(`${path}: no such file or directory`);
  if (statSync(absolute).isDirectory()) {
    const main = ["nginx.conf", "nginx/nginx.conf", "etc/nginx/nginx.conf"]
      .map((name) => join(absolute, name))
      .find((name) => existsSync(name));
    if (main === undefined) throw new UsageError(`${path}: no nginx.conf in it`);
    return { folder: absolute, file: main, checked: main };
  }
  const parent = dirname(absolute);
  // A file of conf.d is read, and checked, as a part of the configuration that it belongs to.
  const folder = [parent, dirname(parent)].find((name) => existsSync(join(name, "nginx.conf")));
  if (folder === undefined || dirname(absolute) === folder)
    return { folder: parent, file: absolute, checked: absolute };
  return { folder, file: absolute, checked: join(folder, "nginx.conf") };
}

/** A copy, so that trying a fix does not change the project. */
async function sampleCopy(): Promise<Target> {
  const folder = join(temporary, "sample");
  await cp(join(root, "sample"), folder, { recursive: true });
  const file = join(folder, "nginx", "conf.d", "upstreams.conf");
  return { folder, file, checked: join(root, "sample", "nginx", "nginx.conf") };
}

function printCheck(file: string): void {
  const sample = file.startsWith(join(root, "sample"));
  const check = ["check", file, ...(sample ? ["--policy", "rhel9"] : [])];
  log(`\n$ nginx-selinux ${check.join(" ")}`);
  spawnSync(process.execPath, [join(root, "dist", "cli.cjs"), ...check], { stdio: ["ignore", "inherit", "inherit"] });
  log("");
}

/** The `code` of a desktop, or null: the one inside a remote window, or one without a screen, cannot open a window. */
function findDesktopCode(): string | null {
  const { DISPLAY, WAYLAND_DISPLAY, VSCODE_IPC_HOOK_CLI, WSL_DISTRO_NAME } = process.env;
  if (exitAfterReady || VSCODE_IPC_HOOK_CLI !== undefined || WSL_DISTRO_NAME !== undefined) return null;
  if (process.platform === "linux" && DISPLAY === undefined && WAYLAND_DISPLAY === undefined) return null;
  const name = process.platform === "win32" ? "code.cmd" : "code";
  const folder = (process.env["PATH"] ?? "").split(delimiter).find((entry) => existsSync(join(entry, name)));
  return folder === undefined ? null : realpathSync(join(folder, name));
}

async function openDesktop(code: string, target: Target): Promise<number> {
  const userData = join(temporary, "user-data");
  log(`Opening ${code} with the extension in it. Close the window, or press Ctrl-C, to end it.`);
  const asRoot = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  const options = ["--new-window", "--wait", "--disable-workspace-trust", `--extensionDevelopmentPath=${root}`];
  const child = spawn(
    code,
    [
      ...options,
      ...asRoot,
      `--user-data-dir=${userData}`,
      `--extensions-dir=${temporary}/ext`,
      target.folder,
      target.file,
    ],
    { stdio: "inherit", shell: process.platform === "win32" },
  );
  stops.push(() => endDesktop(userData));
  const [exitCode]: unknown[] = await once(child, "exit");
  return exitCode === 0 ? 0 : 2;
}

/** `code` hands over to a process of its own; VS Code writes that one's id into its user data. */
async function endDesktop(userData: string): Promise<void> {
  try {
    process.kill(Number(readFileSync(join(userData, "code.lock"), "utf8")), "SIGTERM");
  } catch {
    // Closed already.
  }
}

async function openEmbedded(target: Target): Promise<number> {
  if (!embeddedEditorPossible()) {
    throw new UsageError("No desktop VS Code (`code`) on the PATH, and the embedded one is for Linux on x86-64 only.");
  }
  const host = await ensureEditorHost(log);
  const server = await startCodeServer(host, { vsix });
  stops.push(() => server.stop());
  const url = server.pageUrl({ folder: target.folder, file: target.file });
  if (exitAfterReady) {
    const { showsSquiggles } = await import("../test/editor/squiggles.ts");
    const shown = await showsSquiggles(host, url);
    log(shown === 0 ? "The page shows no squiggle." : `The page shows ${shown} squiggles.`);
    return shown === 0 ? 1 : 0;
  }
  log(`VS Code with SELinux for nginx in it: ${url}\nCtrl-C ends it.`);
  await new Promise<never>(() => {
    // A pending promise keeps no process alive; this does, until a signal comes.
    setInterval(() => undefined, 1 << 30);
  });
  return 0;
}
