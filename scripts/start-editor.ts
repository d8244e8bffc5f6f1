/**
 * `npm start [-- PATH] [--exit-after-ready]`: prints the check of a configuration, then opens it in a real VS Code with the
 * extension in it: a desktop one where one is there, otherwise the embedded one, whose address is printed. Where neither can
 * be had it says how the extension is installed.
 *
 * PATH: a configuration or a folder that has one; the bundled sample without it. Runs until Ctrl-C, and leaves nothing running.
 */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startCodeServer } from "../test/editor/host/codeServer.ts";
import { embeddedEditorPossible, ensureEditorHost, type EditorHost } from "../test/editor/host/install.ts";
import { stopOnSignal } from "../test/editor/host/processes.ts";
import { buildProduct, isMade, packages, root } from "./packages/product.ts";
import { writeVsix } from "./packages/vsix.ts";
import { withProgress } from "./progress.mjs";
import { desktopArguments, editorNames, findDesktop, type Desktop } from "./start/desktop.ts";
import { chooseTarget, settingsFor, StartError, type Target } from "./start/target.ts";
import { MissingPackagesError } from "./systemPackages.ts";

const args = process.argv.slice(2);
const exitAfterReady = args.includes("--exit-after-ready");
const log = (line: string): void => console.log(line);

const temporary = await mkdtemp(join(tmpdir(), "nginx-selinux-start-"));
const stops: (() => Promise<void>)[] = [() => rm(temporary, { recursive: true, force: true })];
const stopAll = stopOnSignal(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop();
}, 0);
try {
  process.exitCode = await main();
} catch (error) {
  const expected = error instanceof StartError || error instanceof MissingPackagesError;
  console.error(expected ? error.message : error);
  process.exitCode = 2;
} finally {
  await stopAll();
}

async function main(): Promise<number> {
  const target = await chooseTarget(
    args.find((arg) => !arg.startsWith("--")),
    temporary,
  );
  await buildProduct();
  printCheck(target.checked);
  const desktop = exitAfterReady ? null : findDesktop(process.env, process.platform);
  if (desktop !== null) return openDesktop(desktop, target);
  if (!isMade("vsix")) await withProgress("Packing the extension", writeVsix);
  const embedded = await embeddedEditor();
  return typeof embedded === "string" ? sayHowToInstall(embedded, target) : openEmbedded(embedded, target);
}

function printCheck(file: string): void {
  const sample = file.startsWith(join(root, "sample"));
  const check = ["check", file, ...(sample ? ["--policy", "rhel9"] : [])];
  log(`\n$ nginx-selinux ${check.join(" ")}`);
  spawnSync(process.execPath, [join(root, "dist", "cli.cjs"), ...check], { stdio: ["ignore", "inherit", "inherit"] });
  log("");
}

async function openDesktop(desktop: Desktop, target: Target): Promise<number> {
  const { program } = desktop;
  const userData = join(temporary, "user-data");
  log(`Opening ${program} with the extension in it. Close the window, or press Ctrl-C, to end it.`);
  await mkdir(join(userData, "User"), { recursive: true });
  await writeFile(join(userData, "User", "settings.json"), JSON.stringify(settingsFor(target)));
  const asRoot = process.getuid?.() === 0;
  const child = spawn(program, desktopArguments(desktop, { extension: root, userData, target, asRoot }), {
    stdio: "inherit",
    shell: process.platform === "win32",
  });
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

/** The embedded editor, or why it cannot be had here. */
async function embeddedEditor(): Promise<EditorHost | string> {
  if (!embeddedEditorPossible()) return "The embedded VS Code is for Linux on x86-64 only.";
  try {
    return await ensureEditorHost(exitAfterReady);
  } catch (error) {
    if (!(error instanceof MissingPackagesError) || exitAfterReady) throw error;
    return `The embedded VS Code cannot be built here. ${error.message}`;
  }
}

/** The check was printed; the rest is the user's own editor. */
function sayHowToInstall(reason: string, { lasting }: Target): number {
  log(`No editor that could be opened here is on the PATH (${editorNames.join(", ")}).\n${reason}\n`);
  log("To have the extension in an editor of your own, run these two commands where it is installed:");
  log(`  code --install-extension ${shellWord(packages.vsix)}\n  code ${shellWord(lasting)}`);
  return 0;
}

function shellWord(path: string): string {
  return /^[\w./@%+=:,-]+$/.test(path) ? path : `'${path.replaceAll("'", String.raw`'\''`)}'`;
}

async function openEmbedded(host: EditorHost, target: Target): Promise<number> {
  const server = await withProgress("Starting the embedded VS Code", () =>
    startCodeServer(host, { vsix: packages.vsix, settings: settingsFor(target) }),
  );
  stops.push(() => server.stop());
  const url = server.pageUrl({ folder: target.folder, file: target.file });
  if (exitAfterReady) {
    const { showsSquiggles } = await import("../test/editor/squiggles.ts");
    const shown = await showsSquiggles(host, url);
    log(shown === 0 ? "The page shows no squiggle." : `The page shows ${shown} squiggles.`);
    return shown === 0 ? 1 : 0;
  }
  log(`VS Code with SELinux for nginx in it: ${url}\nOpen the address in a browser. Ctrl-C ends it.`);
  await new Promise<never>(() => {
    // A pending promise keeps no process alive; this does, until a signal comes.
    setInterval(() => undefined, 1 << 30);
  });
  return 0;
}
