/** Steps of the window test: the types that the editor shows and completes, and its words about files that it does not check. */
import { join } from "node:path";
import assert from "node:assert/strict";
import { crashLanguageServer } from "./languageServer.ts";
import { openFile, picture, pictureEditor, runFromPalette, setInWorkspace, visible, type Hands } from "./hands.ts";

/** Pixels of an editor that end with a line. */
const wholeLines = 567;

/** A part of a configuration whose name says nothing: `apps/shop.example.com` of the folder. */
export const lonely = "server {\n    location / {\n        proxy_pass http://127.0.0.1:3000;\n    }\n}\n";

/** `apps/shop.example.com` of the folder has `lonely`, `blog.example.com` beside it the same with port 3001. Leaves no document that is not saved. */
export async function checkTypesAndNotices({ page, home, site, pictures, results, check }: Hands): Promise<void> {
  await check(page, "types stand behind ports, and what is refused above its block", async () => {
    await setInWorkspace(site, { "nginxSelinux.inlayHints": "all", "nginxSelinux.policy": "rhel9" });
    await page.mouse.move(5, 5);
    await runFromPalette(page, "View: Close All Editors");
    await runFromPalette(page, "Notifications: Clear All Notifications");
    await openFile(page, "shop.conf");
    await page.locator(".monaco-editor.focused").first().waitFor();
    await page.keyboard.press("Control+Home");
    await page.locator(".view-line", { hasText: "reserved_port_t" }).first().waitFor();
    await page.locator(".codelens-decoration a", { hasText: "1 refused: show plan" }).first().waitFor();
    await pictureEditor(page, join(pictures, "types-and-lenses.png"), 396);
  });
  await check(page, "a port that nginx may use is completed, with its type", async () => {
    await page.keyboard.press("Control+G");
    await page.locator(".quick-input-widget input").first().fill(":10");
    await page.keyboard.press("Enter");
    await page.locator(".monaco-editor.focused").first().waitFor();
    await page.keyboard.press("End");
    await page.keyboard.press("Enter");
    await page.keyboard.type("listen 8");
    await page.keyboard.press("Control+Space");
    await page.locator(".suggest-widget .monaco-list-row", { hasText: "8443" }).first().waitFor();
    await pictureEditor(page, join(pictures, "completion.png"), wholeLines);
    await page.keyboard.press("Escape");
    await runFromPalette(page, "Revert File");
  });
  await check(page, "Check... says how much was found, and by which policy", async () => {
    await runFromPalette(page, "SELinux for nginx: Check...");
    const said = page.locator(".notification-toast", { hasText: "1 warning in its configuration (RHEL 9)." }).first();
    await said.waitFor();
    assert.match(visible(await said.innerText()), /shop\.conf: 2 errors, 1 warning/);
    await runFromPalette(page, "Notifications: Clear All Notifications");
  });
  await check(page, "a file that is nginx's by its text alone is offered to be checked, and checked", async () => {
    await openFile(page, "shop.example.com");
    const offer = page.locator(".notification-toast", {
      hasText: "shop.example.com looks like an nginx configuration",
    });
    await offer.locator(".monaco-button", { hasText: "Treat as nginx" }).first().click();
    await page.locator(".monaco-editor .squiggly-error").first().waitFor({ state: "attached" });
    // Once for the folder.
    await openFile(page, "blog.example.com");
    await page.locator(".monaco-editor .view-line", { hasText: "3001" }).first().waitFor();
    await page.locator(".monaco-editor .squiggly-error").first().waitFor({ state: "attached" });
    assert.equal(await page.locator(".notification-toast").count(), 0);
    await openFile(page, "shop.example.com");
  });
  await check(page, "a policy that does not exist is said, and stays in the status bar", async () => {
    // A button under the pointer shows a text of its own.
    await page.mouse.move(5, 5);
    await setInWorkspace(site, { "nginxSelinux.policy": "[rhel99](command:workbench.action.quit)" });
    const hostile = page.locator(".notification-toast", { hasText: "[rhel99] (command:" }).first();
    await hostile.waitFor();
    assert.equal(await hostile.locator(".notification-list-item-message a").count(), 0);
    await runFromPalette(page, "Notifications: Clear All Notifications");
    await setInWorkspace(site, { "nginxSelinux.policy": "rhel99" });
    await page.locator(".notification-toast", { hasText: "is not checked against SELinux" }).first().waitFor();
    await page.locator(".statusbar-item", { hasText: "SELinux: not checked" }).first().waitFor();
    await page.locator(".codelens-decoration a").first().waitFor({ state: "hidden" });
    await picture(page, join(pictures, "failed-policy.png"));
    await setInWorkspace(site, { "nginxSelinux.policy": "rhel9" });
    await page.locator(".statusbar-item", { hasText: "SELinux: RHEL 9" }).first().waitFor();
  });
  await check(page, "a server that keeps ending is said, stays in the status bar, and is started again", async () => {
    await runFromPalette(page, "Notifications: Clear All Notifications");
    for (let times = 0; times < 4; times++) await crashLanguageServer(home);
    const said = page.locator(".notification-toast", { hasText: "ended 4 times in three minutes" });
    const restart = said.locator(".monaco-button", { hasText: "Restart Server" }).first();
    await restart.waitFor();
    await page.locator(".statusbar-item", { hasText: "SELinux: not running" }).first().waitFor();
    await picture(page, join(results, "failed-server.png"));
    await restart.click();
    await page.locator(".statusbar-item", { hasText: "SELinux: RHEL 9" }).first().waitFor();
  });
  await check(page, "the walkthrough leads from the release to the verified fix", async () => {
    await runFromPalette(page, "Notifications: Clear All Notifications");
    await page.setViewportSize({ width: 1180, height: 720 });
    await runFromPalette(page, "Open Walkthrough...");
    await page.locator(".quick-input-list .monaco-list-row", { hasText: "SELinux for nginx" }).first().click();
    await page.locator(".gettingStartedContainer .step-title", { hasText: "Verify it" }).first().waitFor();
    const media = page.frameLocator("iframe.webview.ready").last().frameLocator("iframe#active-frame");
    await media.locator("body", { hasText: "SELinux: RHEL 9 (assumed)" }).waitFor();
    await picture(page, join(pictures, "walkthrough.png"));
    // From the walkthrough, the configuration that was in front last is meant.
    await page.locator(".gettingStartedContainer .step-title", { hasText: "Run a fix" }).first().click();
    await page.locator(".gettingStartedContainer .monaco-button", { hasText: "Collect Every Fix" }).first().click();
    await page
      .locator(".view-line", { hasText: /Label\stcp\sport\s3000/ })
      .first()
      .waitFor();
  });
}
