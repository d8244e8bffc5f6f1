/** Draws images/icon.png, which the Marketplace wants, from images/icon.svg. */
import { readFile } from "node:fs/promises";
import { openBrowser } from "../test/editor/host/browser.ts";
import { ensureEditorHost } from "../test/editor/host/install.ts";

const folder = new URL("../images/", import.meta.url);
const browser = await openBrowser(await ensureEditorHost(), { width: 128, height: 128 });
try {
  const svg = await readFile(new URL("icon.svg", folder), "utf8");
  await browser.page.setContent(`<style>body{margin:0}svg{display:block}</style>${svg}`);
  await browser.page.screenshot({ path: new URL("icon.png", folder).pathname, omitBackground: true });
} finally {
  await browser.stop();
}
