/** Looks at a page of the embedded VS Code as a user would. */
import { openBrowser } from "./host/browser.ts";
import type { EditorHost } from "./host/install.ts";

/** Opens the address and waits for squiggles in the editor. Returns how many are seen; 0 when none came in a minute. */
export async function showsSquiggles(host: EditorHost, url: string): Promise<number> {
  const browser = await openBrowser(host);
  try {
    await browser.page.goto(url);
    const squiggles = browser.page.locator(".monaco-editor .squiggly-error, .monaco-editor .squiggly-warning");
    await squiggles.first().waitFor({ state: "attached", timeout: 60_000 });
    return await squiggles.count();
  } catch {
    return 0;
  } finally {
    await browser.stop();
  }
}
