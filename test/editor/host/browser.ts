/** Debian's Chromium as the window of the embedded VS Code. */
import { chromium, type BrowserContext, type Page } from "playwright-core";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EditorHost } from "./install.ts";

export interface BrowserWindow {
  readonly context: BrowserContext;
  readonly page: Page;
  stop(): Promise<void>;
}

/** Works as root and in containers, and opens no connection of its own. */
const chromiumFlags =
  "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking " +
  "--disable-component-update --disable-sync --disable-dev-shm-usage";

/** Opens an empty page in a fresh profile. */
export async function openBrowser(
  host: Pick<EditorHost, "chromium">,
  size = { width: 1280, height: 800 },
): Promise<BrowserWindow> {
  const profile = await mkdtemp(join(tmpdir(), "nginx-selinux-browser-"));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: host.chromium,
    headless: true,
    viewport: size,
    args: chromiumFlags.split(" "),
  });
  const stop = async (): Promise<void> => {
    await context.close();
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  };
  return { context, page: context.pages()[0] ?? (await context.newPage()), stop };
}
