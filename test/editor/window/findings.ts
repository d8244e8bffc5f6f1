/** Steps of the window test: from the squiggle to the commands in a terminal. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { openQuickFixes, picture, pictureEditor, textOnDisk, visible, type Hands } from "./hands.ts";

/** Tall enough for a hover without a scroll bar: the editor gives one a quarter of its height. */
const tall = 1500;

/** `upstreams.conf` of the sample is open. */
export async function checkFindings({ page, site, pictures, results, check }: Hands): Promise<void> {
  const squiggles = page.locator(".monaco-editor .squiggly-error");
  const problem = page.locator(".markers-panel .monaco-list-row", { hasText: "3000" }).first();

  await check(page, "the upstream server is underlined", () => squiggles.first().waitFor({ state: "attached" }));
  await check(page, "the status bar names the policy, and its menu has what can be done", async () => {
    await page.locator(".statusbar-item", { hasText: "SELinux: RHEL 9" }).first().click();
    await page.locator(".quick-input-list .monaco-list-row", { hasText: "Choose Policy" }).first().waitFor();
    await picture(page, join(pictures, "status.png"));
    await page.keyboard.press("Escape");
  });
  await check(page, "a hover has the verdict, the commands and links", async () => {
    // Room for the menu; and a picture that is about the file.
    await page.keyboard.press("Control+B");
    await page.locator(".part.sidebar").waitFor({ state: "hidden" });
    const size = page.viewportSize();
    assert.ok(size !== null);
    await page.setViewportSize({ ...size, height: tall });
    await page.locator(".view-line", { hasText: "127.0.0.1:3000" }).getByText("3000").hover();
    const hover = page.locator(".monaco-hover", { hasText: "Refused by RHEL 9" }).first();
    await hover.getByRole("link", { name: "Copy" }).waitFor();
    const box = await hover.boundingBox();
    assert.ok(box !== null);
    await pictureEditor(page, join(pictures, "hover.png"), box.y + box.height + 8);
    await page.mouse.move(5, 5);
    await page.keyboard.press("Escape");
    await page.setViewportSize(size);
  });
  await check(page, "the Problems view has an entry for it", async () => {
    await page.keyboard.press("Control+Shift+M");
    await problem.waitFor();
    assert.match(visible(await problem.innerText()), /connect-port/);
  });
  await check(page, "its quick fixes are offered", async () => {
    await problem.dblclick();
    await openQuickFixes(page);
    await pictureEditor(page, join(pictures, "editor.png"));
  });
  await check(page, "choosing the first one and saving writes the commands to the file", async () => {
    await page.locator(".action-widget .monaco-list-row.action").first().click();
    await page
      .locator(".view-line", { hasText: /#\s+sudo\s+semanage/ })
      .first()
      .waitFor();
    await page.keyboard.press("Control+S");
    const text = await textOnDisk(join(site, "nginx", "conf.d", "upstreams.conf"), /sudo semanage/);
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
    assert.equal(typed.match(/semanage/g)?.length, 1, typed);
    await pictureEditor(page, join(results, "terminal.png"));
  });
}
