/** Steps of the window test: a folder without trust, and trust that is given. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { picture, type Hands } from "./hands.ts";

/**
 * A workspace whose own settings point at a running host, which is permissive. Without trust the host is not asked: a
 * bundled release finds errors. With trust the host answers, for which they are information, and nothing is reloaded.
 */
export async function checkRestricted({ page, pictures, check }: Hands): Promise<void> {
  const errors = page.locator(".monaco-editor .squiggly-error");
  await check(page, "an untrusted workspace is restricted, and still answered from the bundled policies", async () => {
    await page.locator(".statusbar-item", { hasText: "Restricted Mode" }).first().waitFor();
    await errors.first().waitFor({ state: "attached" });
    const question = page.locator(".notification-toast", { hasText: "RHEL 9 is assumed. Which release is it?" });
    await question.locator(".monaco-button", { hasText: "Keep RHEL 9" }).first().click();
    await question.waitFor({ state: "hidden" });
    await page
      .locator(".statusbar-item", { hasText: /SELinux: RHEL 9/ })
      .first()
      .hover();
    await page.locator(".monaco-hover", { hasText: "the workspace is not trusted" }).first().waitFor();
    await picture(page, join(pictures, "restricted.png"));
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
