/** Looks at a page of the embedded VS Code as a user would. */
import { openBrowser } from "./host/browser.ts";
import type { EditorHost } from "./host/install.ts";

/** Milliseconds for a window and its first squiggle on a busy machine. */
const patience = 120_000;

/** Opens the address and waits for squiggles in the editor. Returns how many are seen; 0 when none came in two minutes. */
export async function showsSquiggles(host: EditorHost, url: string): Promise<number> {
  const browser = await openBrowser(host);
  try {
    browser.page.setDefaultTimeout(patience);
    await browser.page.goto(url);
    const squiggles = browser.page.locator(".monaco-editor .squiggly-error, .monaco-editor .squiggly-warning");
    await squiggles.first().waitFor({ state: "attached", timeout: patience });
    return await squiggles.count();
  } catch {
    return 0;
  } finally {
    await browser.stop();
  }
}
