/** Steps of the window test: the report beside the file, a line of a log, and the command line of the extension. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { runToEnd } from "../host/processes.ts";
import { openFile, openQuickFixes, pictureEditor, runFromPalette, visible, type Hands } from "./hands.ts";

/** As nginx writes it when SELinux refuses the port of an upstream. */
export const refusalInLog = `2026/01/21 10:02:01 [notice] 31#31: start worker process 32
2026/01/21 10:02:03 [crit] 32#32: *7 connect() to 127.0.0.1:3000 failed (13: Permission denied) while connecting to upstream, client: 192.0.2.1, server: shop.example.com, request: "GET / HTTP/1.1", upstream: "http://127.0.0.1:3000/", host: "shop.example.com"
`;

/** `error.log` of the folder has `refusalInLog`. */
export async function checkReportAndLog({ page, home, site, pictures, results, check }: Hands): Promise<void> {
  await check(page, "the report opens beside the file, and a place in it opens its line", async () => {
    await runFromPalette(page, "Show Report");
    const report = page.frameLocator("iframe.webview").frameLocator("#active-frame");
    const place = report.locator(".cause .place", { hasText: "conf.d/shop.conf" }).first();
    await place.waitFor();
    await pictureEditor(page, join(results, "report-in-editor.png"));
    await place.click();
    const tab = page.locator(".tab.active", { hasText: "shop.conf" }).first();
    await tab.waitFor();
    await page.locator(".line-numbers.active-line-number", { hasText: /^11$/ }).first().waitFor();
    // The click in the page may take the keys back: the next step needs them in the editor.
    await page
      .locator(".view-line", { hasText: /listen\s443\squic/ })
      .first()
      .click();
    await page
      .locator(".statusbar-item", { hasText: /Ln 11, Col/ })
      .first()
      .waitFor();
  });
  await check(page, "a line of an open log is explained beside it, with its place and its fix", async () => {
    // The terminal and the report leave their room to the answer.
    await runFromPalette(page, "View: Close Editors in Other Groups");
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
    await pictureEditor(page, join(pictures, "denial-action.png"), 200);
    await page.locator(".action-widget .monaco-list-row.action", { hasText: "Explain this denial" }).first().click();
    // The answer is the newest of the pages.
    const answer = page.frameLocator("iframe.webview.ready").last().frameLocator("iframe#active-frame");
    const said = visible(await answer.locator("body", { hasText: "Fixes, the best first" }).innerText());
    assert.match(said, /tcp port 3000/);
    assert.match(said, /upstreams\.conf/);
    assert.match(said, /sudo semanage port -a -t http_port_t -p tcp 3000/);
    // It ends between a paragraph and a block of code.
    await pictureEditor(page, join(pictures, "denial.png"), 560);
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
}
