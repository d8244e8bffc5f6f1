/**
 * The packaged extension in a real window, with mouse and keyboard: squiggle, Problems, quick fix, text on disk, terminal;
 * and the pages of the report.
 * Pictures go to test-results/; the README's goes to docs/images/ with UPDATE_SCREENSHOTS=1. Exit code 2 where the editor cannot be had.
 */
import assert from "node:assert/strict";
import { watch } from "node:fs";
import { cp, mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Locator, Page } from "playwright-core";
import { packages } from "../../scripts/packages/product.ts";
import { MissingPackagesError } from "../../scripts/systemPackages.ts";
import { writeLiveTree } from "../support/liveDirectory.ts";
import { webPolicy } from "../support/policies/webPolicy.ts";
import { openBrowser } from "./host/browser.ts";
import { startCodeServer } from "./host/codeServer.ts";
import { embeddedEditorPossible, ensureEditorHost, type EditorHost } from "./host/install.ts";
import { runToEnd, stopOnSignal } from "./host/processes.ts";
import { checkReportPages } from "./reportPages.ts";

const root = join(import.meta.dirname, "..", "..");
const results = join(root, "test-results");
const pictures = process.env["UPDATE_SCREENSHOTS"] === "1" ? join(root, "docs", "images") : results;
/** Pictures are read over slow links, too. */
const pictureLimit = 150 * 1024;
/** For what a window needs on a busy machine; nothing is expected to take this long. */
const patience = 120_000;

/** As nginx writes it when SELinux refuses the port of an upstream. */
const LOG = `2026/01/21 10:02:01 [notice] 31#31: start worker process 32
2026/01/21 10:02:03 [crit] 32#32: *7 connect() to 127.0.0.1:3000 failed (13: Permission denied) while connecting to upstream, client: 192.0.2.1, server: shop.example.com, request: "GET / HTTP/1.1", upstream: "http://127.0.0.1:3000/", host: "shop.example.com"
`;

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
    await checkReportPages({ host, pictures, results, pictureLimit, check });
    await trustedWindow(host);
    await restrictedWindow(host);
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

interface Opened {
  readonly page: Page;
  /** The home directory of whoever works in the window. */
  readonly home: string;
}

async function openWindow(host: EditorHost, site: string, file: string, workspaceTrust: boolean): Promise<Opened> {
  const settings = {
    "editor.minimap.enabled": false,
    "security.workspace.trust.startupPrompt": "never",
    "workbench.colorTheme": "Default Light Modern",
  };
  const server = await startCodeServer(host, { vsix: packages.vsix, workspaceTrust, settings });
  stops.push(() => server.stop());
  const browser = await openBrowser(host, { width: 1060, height: 640 });
  stops.push(() => browser.stop());
  browser.page.setDefaultTimeout(patience);
  await browser.page.goto(server.pageUrl({ folder: site, file }));
  return { page: browser.page, home: server.home };
}

async function trustedWindow(host: EditorHost): Promise<void> {
  const site = await siteCopy();
  const file = join(site, "nginx", "conf.d", "upstreams.conf");
  await writeFile(join(site, "error.log"), LOG);
  const { page, home } = await openWindow(host, site, file, false);
  const squiggles = page.locator(".monaco-editor .squiggly-error");
  const problem = page.locator(".markers-panel .monaco-list-row", { hasText: "3000" }).first();

  await check(page, "the upstream server is underlined", () => squiggles.first().waitFor({ state: "attached" }));
  await check(page, "the Problems view has an entry for it", async () => {
    // Room for the menu; and a picture that is about the file.
    await page.keyboard.press("Control+B");
    await page.locator(".part.sidebar").waitFor({ state: "hidden" });
    await page.keyboard.press("Control+Shift+M");
    await problem.waitFor();
    assert.match(visible(await problem.innerText()), /connect-port/);
  });
  await check(page, "a hover has the verdict, the commands and links", async () => {
    await page.locator(".view-line", { hasText: "127.0.0.1:3000" }).getByText("3000").hover();
    const hover = page.locator(".monaco-hover", { hasText: "Refused by RHEL 9" }).first();
    await hover.getByRole("link", { name: "Copy" }).waitFor();
    await picture(page, join(pictures, "hover.png"));
    await page.mouse.move(5, 5);
    await page.keyboard.press("Escape");
  });
  await check(page, "its quick fixes are offered", async () => {
    await problem.dblclick();
    await openQuickFixes(page);
    await picture(page, join(pictures, "editor.png"));
  });
  await check(page, "choosing the first one and saving writes the commands to the file", async () => {
    await page.locator(".action-widget .monaco-list-row.action").first().click();
    await page
      .locator(".view-line", { hasText: /#\s+sudo\s+semanage/ })
      .first()
      .waitFor();
    await page.keyboard.press("Control+S");
    const text = await textOnDisk(file, /sudo semanage/);
    assert.match(
      text,
      /^ {4}# .*\n(?: {4}# .*\n)* {4}# {3}sudo semanage port -a -t http_port_t -p tcp 3000\n(?: {4}# .*\n)* {4}server 127\.0\.0\.1:3000;$/m,
    );
  });
  await check(page, "the commands are typed into a terminal, and wait for Enter", async () => {
    // Three lines were inserted above it.
    await problem.filter({ hasText: "Ln 7" }).dblclick();
    await openQuickFixes(page);
    await page.locator(".action-widget .monaco-list-row.action", { hasText: "Run in terminal" }).first().click();
    const rows = page.locator(".xterm-rows");
    await rows
      .filter({ hasText: /sudo\s+semanage\s+port/ })
      .first()
      .waitFor();
    const typed = visible(await rows.first().innerText());
    assert.match(typed.replaceAll("\n", ""), /sudo semanage port -a -t http_port_t -p tcp 3000 && sudo setsebool/);
    assert.doesNotMatch(typed, /not found|password/);
    await picture(page, join(results, "terminal.png"));
  });
  await check(page, "the report opens beside the file, and a place in it opens its line", async () => {
    await runFromPalette(page, "Show Report");
    const report = page.frameLocator("iframe.webview").frameLocator("#active-frame");
    const place = report.locator(".cause .place", { hasText: "conf.d/shop.conf" }).first();
    await place.waitFor();
    await picture(page, join(results, "report-in-editor.png"));
    await place.click();
    const tab = page.locator(".tab.active", { hasText: "shop.conf" }).first();
    await tab.waitFor();
    await page
      .locator(".statusbar-item", { hasText: /Ln 11, Col 12/ })
      .first()
      .waitFor();
  });
  await check(page, "a line of an open log is explained beside it, with its place and its fix", async () => {
    // The terminal leaves its room to the answer.
    await page.keyboard.press("Control+J");
    await page.locator(".part.panel").first().waitFor({ state: "hidden" });
    await openFile(page, "error.log");
    // The whole of the line is to be seen.
    await page
      .locator(".view-line", { hasText: /connect\(\)/ })
      .first()
      .click({ position: { x: 40, y: 5 } });
    await page.keyboard.press("Alt+Z");
    await openQuickFixes(page);
    await picture(page, join(pictures, "denial-action.png"));
    await page.locator(".action-widget .monaco-list-row.action", { hasText: "Explain this denial" }).first().click();
    // The report's page has the same words; the answer is the newest of the pages.
    const answer = page.frameLocator("iframe.webview.ready").last().frameLocator("iframe#active-frame");
    const said = visible(await answer.locator("body", { hasText: "Fixes, the best first" }).innerText());
    assert.match(said, /tcp port 3000/);
    assert.match(said, /upstreams\.conf/);
    assert.match(said, /sudo semanage port -a -t http_port_t -p tcp 3000/);
    await picture(page, join(pictures, "denial.png"));
    // Keys go to the editor again, not to the page.
    await page
      .locator(".view-line", { hasText: /connect\(\)/ })
      .first()
      .click({ position: { x: 40, y: 5 } });
  });
  await check(page, "the command line of the installed extension is put on the PATH, and works", async () => {
    await runFromPalette(page, "Install 'nginx-selinux' Command in PATH");
    await page.locator(".notification-toast", { hasText: "nginx-selinux is installed" }).first().waitFor();
    const program = join(home, ".local", "bin", "nginx-selinux");
    const said = await runToEnd(program, ["check", "--policy", "rhel9", join(site, "nginx", "nginx.conf")]).catch(
      String,
    );
    assert.match(said, /ended with 1\n/);
    assert.match(said, /tcp.*3000/);
  });
  console.log(`  activation, as VS Code counts it: ${await activationTime(page)}`);
}

async function openFile(page: Page, name: string): Promise<void> {
  await page.keyboard.press("Control+P");
  await page.locator(".quick-input-widget input").first().fill(name);
  await page.locator(".quick-input-list .monaco-list-row", { hasText: name }).first().click();
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

/**
 * A workspace whose own settings point at a running host, which is permissive. Without trust the host is not asked: a
 * bundled release finds errors. With trust the host answers, for which they are information, and nothing is reloaded.
 */
async function restrictedWindow(host: EditorHost): Promise<void> {
  const site = await siteCopy();
  const machine = await mkdtemp(join(tmpdir(), "nginx-selinux-host-"));
  stops.push(() => rm(machine, { recursive: true, force: true }));
  writeLiveTree(machine, { policy: webPolicy(33), enforce: "0" });
  await mkdir(join(site, ".vscode"), { recursive: true });
  await writeFile(join(site, ".vscode", "settings.json"), JSON.stringify({ "nginxSelinux.root": machine }));
  const { page } = await openWindow(host, site, join(site, "nginx", "conf.d", "shop.conf"), true);
  const errors = page.locator(".monaco-editor .squiggly-error");
  await check(page, "an untrusted workspace is restricted, and still answered from the bundled policies", async () => {
    await page.locator(".statusbar-item", { hasText: "Restricted Mode" }).first().waitFor();
    await errors.first().waitFor({ state: "attached" });
  });
  await check(page, "once it is trusted the host answers, without a reload", async () => {
    await page.evaluate("window.notReloaded = true");
    await page.locator(".statusbar-item", { hasText: "Restricted Mode" }).first().click();
    await page
      .locator(".workspace-trust-editor .monaco-button", { hasText: /^Trust$/ })
      .first()
      .click();
    await page.locator(".statusbar-item", { hasText: "Restricted Mode" }).first().waitFor({ state: "hidden" });
    await page.keyboard.press("Escape");
    await page.locator(".monaco-editor .squiggly-info").first().waitFor({ state: "attached" });
    assert.equal(await errors.count(), 0);
    assert.equal(await page.evaluate("window.notReloaded"), true);
  });
}

async function runFromPalette(page: Page, title: string): Promise<void> {
  await page.keyboard.press("F1");
  await page.locator(".quick-input-widget input").first().fill(`>${title}`);
  await page.locator(".quick-input-list .monaco-list-row", { hasText: title }).first().click();
}

/** Presses Ctrl+. until the menu is there: while the editor starts, the key may be lost. */
async function openQuickFixes(page: Page): Promise<void> {
  await page.locator(".monaco-editor.focused").first().waitFor();
  const menu = page.locator(".action-widget .monaco-list-row.action").first();
  for (let attempt = 1; ; attempt++) {
    await page.keyboard.press("Control+.");
    if (await appears(menu, 5_000)) return;
    if (attempt === 5) throw new Error("The quick fix menu did not open.");
    await page.keyboard.press("Escape");
  }
}

async function appears(locator: Locator, timeout: number): Promise<boolean> {
  return locator.waitFor({ timeout }).then(
    () => true,
    () => false,
  );
}

/** The editor shows no-break spaces where the text has spaces. */
function visible(text: string): string {
  return text.replaceAll("\u00a0", " ");
}

/** The file's text, as soon as it matches. */
async function textOnDisk(path: string, wanted: RegExp): Promise<string> {
  const signal = AbortSignal.timeout(patience);
  return new Promise((resolve, reject) => {
    const look = async (): Promise<void> => {
      const text = await readFile(path, "utf8");
      if (!wanted.test(text)) return;
      watcher.close();
      resolve(text);
    };
    const watcher = watch(path, () => void look().catch(reject));
    signal.addEventListener("abort", () => {
      watcher.close();
      reject(new Error(`${path} never matched ${String(wanted)}`));
    });
    look().catch(reject);
  });
}

/** The window without the side bar; with the panel where that is shown. */
async function picture(page: Page, path: string): Promise<void> {
  const editor = await page.locator(".part.editor").first().boundingBox();
  assert.ok(editor !== null);
  const { x, y, width } = editor;
  const panel = page.locator(".part.panel").first();
  const lowest = (await panel.isVisible()) ? await panel.boundingBox() : editor;
  assert.ok(lowest !== null);
  await page.screenshot({ path, clip: { x, y, width, height: lowest.y + lowest.height - y } });
  const { size } = await stat(path);
  assert.ok(size <= pictureLimit, `${path} has ${size} bytes`);
}
