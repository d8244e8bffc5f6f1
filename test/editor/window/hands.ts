/** The hands of a user at a window of the editor: keys, menus, files and pictures. */
import assert from "node:assert/strict";
import { watch } from "node:fs";
import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Locator, Page } from "playwright-core";

/** Pictures are read over slow links, too. */
export const pictureLimit = 150 * 1024;
/** Milliseconds for a step on a busy machine; no step is expected to take this long. */
export const patience = 120_000;

/** One step as a user would name it. Throws on, so that the steps after it are not tried. */
export type Check = (page: Page, name: string, body: () => Promise<void>) => Promise<void>;

/** A window that is open, and the folder in it. */
export interface Hands {
  readonly page: Page;
  /** The home directory of whoever works in the window. */
  readonly home: string;
  /** The folder that is open in the window: a copy of the sample. */
  readonly site: string;
  /** Where the pictures of the documentation go. */
  readonly pictures: string;
  /** Where other pictures go. */
  readonly results: string;
  readonly check: Check;
}

export async function openFile(page: Page, name: string): Promise<void> {
  await page.keyboard.press("Control+P");
  await page.locator(".quick-input-widget input").first().fill(name);
  await page.locator(".quick-input-list .monaco-list-row", { hasText: name }).first().click();
}

export async function runFromPalette(page: Page, title: string): Promise<void> {
  await page.keyboard.press("F1");
  await page.locator(".quick-input-widget input").first().fill(`>${title}`);
  await page.locator(".quick-input-list .monaco-list-row", { hasText: title }).first().click();
}

/** Presses Ctrl+. until the menu is there: while the editor starts, the key may be lost. */
export async function openQuickFixes(page: Page): Promise<void> {
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

/** Writes the settings of the folder that is open. */
export async function setInWorkspace(site: string, settings: Readonly<Record<string, string>>): Promise<void> {
  await mkdir(join(site, ".vscode"), { recursive: true });
  await writeFile(join(site, ".vscode", "settings.json"), JSON.stringify(settings));
}

/** The editor shows no-break spaces where the text has spaces. */
export function visible(text: string): string {
  return text.replaceAll("\u00a0", " ");
}

/** The file's text, as soon as it matches. */
export async function textOnDisk(path: string, wanted: RegExp): Promise<string> {
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

/** Pictures the window without its bars: the editor, with the panel where that is shown. `height`: only so many of its pixels. */
export async function pictureEditor(page: Page, path: string, height = Infinity): Promise<void> {
  const editor = await page.locator(".part.editor").first().boundingBox();
  assert.ok(editor !== null);
  const { x, y, width } = editor;
  const panel = page.locator(".part.panel").first();
  const lowest = (await panel.isVisible()) ? await panel.boundingBox() : editor;
  assert.ok(lowest !== null);
  await picture(page, path, { x, y, width, height: Math.min(height, lowest.y + lowest.height - y) });
}

/** Pictures the whole window, status bar included, or a part of it. */
export async function picture(page: Page, path: string, clip?: Clip): Promise<void> {
  await page.screenshot({ path, animations: "disabled", caret: "hide", ...(clip === undefined ? {} : { clip }) });
  const { size } = await stat(path);
  assert.ok(size <= pictureLimit, `${path} has ${size} bytes`);
}

interface Clip {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}
