/**
 * The packaged extension in a real window, with mouse and keyboard: squiggle, Problems, quick fix, text on disk, terminal;
 * and the pages of the report.
 * Pictures go to test-results/; those of the documentation go to docs/images/ with UPDATE_SCREENSHOTS=1. Exit code 2 where the editor cannot be had.
 */
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { packages } from "../../scripts/packages/product.ts";
import { MissingPackagesError } from "../../scripts/systemPackages.ts";
import { writeLiveTree } from "../support/liveDirectory.ts";
import { webPolicy } from "../support/policies/webPolicy.ts";
import { openBrowser } from "./host/browser.ts";
import { startCodeServer } from "./host/codeServer.ts";
import { embeddedEditorPossible, ensureEditorHost, type EditorHost } from "./host/install.ts";
import { stopOnSignal } from "./host/processes.ts";
import { checkFindings } from "./window/findings.ts";
import { patience, pictureLimit, runFromPalette, setInWorkspace, visible, type Hands } from "./window/hands.ts";
import { checkReportAndLog, refusalInLog } from "./window/reportAndLog.ts";
import { checkReportPages } from "./window/reportPages.ts";
import { checkRestricted } from "./window/restricted.ts";
import { checkTypesAndNotices, lonely } from "./window/typesAndNotices.ts";

const root = join(import.meta.dirname, "..", "..");
const results = join(root, "test-results");
const pictures = process.env["UPDATE_SCREENSHOTS"] === "1" ? join(root, "docs", "images") : results;
/** `node test/editor/window.ts PART...` runs some of them. */
const parts: Readonly<Record<string, (host: EditorHost) => Promise<void>>> = {
  pages: (host) => checkReportPages({ host, pictures, results, pictureLimit, check }),
  trusted: trustedWindow,
  restricted: restrictedWindow,
};
const chosen = process.argv.slice(2);

const stops: (() => Promise<void>)[] = [];
const stopAll = stopOnSignal(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop();
}, 130);
const counts = { passed: 0, failed: 0 };
try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof MissingPackagesError ? error.message : error);
  process.exitCode = error instanceof MissingPackagesError ? 2 : 1;
} finally {
  await stopAll();
}

async function main(): Promise<number> {
  if (!embeddedEditorPossible()) {
    console.error("The window test needs the embedded editor, which is for Linux on x86-64.");
    return 2;
  }
  const host = await ensureEditorHost();
  await mkdir(results, { recursive: true });
  await mkdir(pictures, { recursive: true });
  try {
    for (const [name, run] of Object.entries(parts)) if (chosen.length === 0 || chosen.includes(name)) await run(host);
  } catch (error) {
    // Said by `check` already, if a step failed; what follows it has no ground to stand on.
    if (counts.failed === 0) throw error;
  }
  console.log(`# window: ${counts.passed} passed, ${counts.failed} failed`);
  return counts.failed === 0 ? 0 : 1;
}

/** One step as a user would name it. Throws on, so that the steps after it are not tried. */
async function check(page: Page, name: string, body: () => Promise<void>): Promise<void> {
  const started = performance.now();
  try {
    await body();
    counts.passed += 1;
    console.log(`  ok: ${name} (${((performance.now() - started) / 1000).toFixed(1)} s)`);
  } catch (error) {
    counts.failed += 1;
    console.log(`  FAILED: ${name}`);
    console.error(error);
    await page.screenshot({ path: join(results, "failure.png") });
    throw error;
  }
}

async function siteCopy(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "nginx-selinux-window-"));
  stops.push(() => rm(folder, { recursive: true, force: true }));
  const site = join(folder, "shop");
  await cp(join(root, "sample"), site, { recursive: true });
  return site;
}

async function openWindow(host: EditorHost, site: string, file: string, workspaceTrust: boolean): Promise<Hands> {
  const settings = {
    "editor.minimap.enabled": false,
    "workbench.reduceMotion": "on",
    "security.workspace.trust.startupPrompt": "never",
    "workbench.colorTheme": "Default Light Modern",
  };
  const server = await startCodeServer(host, { vsix: packages.vsix, workspaceTrust, settings });
  stops.push(() => server.stop());
  const browser = await openBrowser(host, { width: 1060, height: 640 });
  stops.push(() => browser.stop());
  browser.page.setDefaultTimeout(patience);
  await browser.page.goto(server.pageUrl({ folder: site, file }));
  return { page: browser.page, home: server.home, site, pictures, results, check };
}

async function trustedWindow(host: EditorHost): Promise<void> {
  const site = await siteCopy();
  await writeFile(join(site, "error.log"), refusalInLog);
  await mkdir(join(site, "apps"));
  await writeFile(join(site, "apps", "shop.example.com"), lonely);
  await writeFile(join(site, "apps", "blog.example.com"), lonely.replace("3000", "3001"));
  const hands = await openWindow(host, site, join(site, "nginx", "conf.d", "upstreams.conf"), false);
  await checkFindings(hands);
  await checkReportAndLog(hands);
  await checkTypesAndNotices(hands);
  console.log(`  activation, as VS Code counts it: ${await activationTime(hands.page)}`);
}

/** Its own settings name the files of a running host that is permissive. */
async function restrictedWindow(host: EditorHost): Promise<void> {
  const site = await siteCopy();
  const machine = await mkdtemp(join(tmpdir(), "nginx-selinux-host-"));
  stops.push(() => rm(machine, { recursive: true, force: true }));
  writeLiveTree(machine, { policy: webPolicy(33), enforce: "0" });
  await setInWorkspace(site, { "nginxSelinux.root": machine });
  await checkRestricted(await openWindow(host, site, join(site, "nginx", "conf.d", "shop.conf"), true));
}

/** What "Show Running Extensions" says of ours. It counts the waiting for other extensions' code, too. */
async function activationTime(page: Page): Promise<string> {
  await runFromPalette(page, "Show Running Extensions");
  const rows = page.locator(".runtime-extensions-editor .monaco-list-row");
  await rows.first().click();
  // The list shows only what fits, the slowest first.
  for (let pages = 0; pages < 10; pages++) {
    const ours = rows.filter({ hasText: "SELinux for nginx" });
    if ((await ours.count()) > 0) return /\d+\s*ms/.exec(visible(await ours.first().innerText()))?.[0] ?? "not shown";
    await page.keyboard.press("PageDown");
  }
  return "not shown";
}
