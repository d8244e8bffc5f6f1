/**
 * The pages that `check --format html` writes, in a real Chromium: they filter, sort, copy and print, ask the network for
 * nothing, and a name in a configuration stays text.
 */
import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Page } from "playwright-core";
import { version } from "../../../scripts/packages/product.ts";
import { runCli } from "../../support/commandLine.ts";
import { serverTrees } from "../../support/serverTrees.ts";
import { openBrowser } from "../host/browser.ts";
import type { EditorHost } from "../host/install.ts";

const root = join(import.meta.dirname, "..", "..", "..");

export interface PagesOptions {
  readonly host: Pick<EditorHost, "chromium">;
  /** Where pictures go; the README's is `report.png`. */
  readonly pictures: string;
  /** Where other files for a look go. */
  readonly results: string;
  /** Bytes of the README's picture. */
  readonly pictureLimit: number;
  /** Runs one step that is named as a user would. */
  check(page: Page, name: string, body: () => Promise<void>): Promise<void>;
}

/** Leaves no browser and no file behind, whether it resolves or rejects. */
export async function checkReportPages(options: PagesOptions): Promise<void> {
  const work = await mkdtemp(join(tmpdir(), "nginx-selinux-pages-"));
  try {
    const sample = await written(work, "sample.html", join(root, "sample", "nginx"));
    const server = await written(work, "server.html", await serverOf36Files(work));
    const hostile = await written(work, "hostile.html", await hostileServer(work));
    const browser = await openBrowser(options.host, { width: 1060, height: 760 });
    const { page } = browser;
    const asked: string[] = [];
    const complaints: string[] = [];
    page.on("request", (request) => void asked.push(request.url()));
    page.on("console", (message) => void complaints.push(message.text()));
    page.on("pageerror", (error) => void complaints.push(error.message));
    page.on("dialog", (dialog) => void complaints.push(`a dialog: ${dialog.message()}`));
    try {
      await samplePage(page, sample, options);
      await serverPage(page, server, options);
      await options.check(page, "names of a hostile configuration stay text in the report's page", async () => {
        await page.goto(hostile);
        await page.locator("#accesses").waitFor();
        assert.equal(await page.locator("body img, body iframe, #injected").count(), 0);
        assert.match(await page.locator("tbody").innerText(), /<img src=x onerror=/);
      });
      await options.check(page, "no request leaves the report's pages, and nothing in them fails", async () => {
        assert.deepEqual([...new Set(asked)].toSorted(), [hostile, sample, server].toSorted());
        assert.deepEqual(complaints, []);
      });
    } finally {
      await browser.stop();
    }
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Writes the page of a configuration's directory; resolves to its address. */
async function written(work: string, name: string, directory: string): Promise<string> {
  const output = join(work, name);
  const args = ["check", "--policy", "rhel9", "--format", "html", "-o", output, "nginx.conf"];
  const { err } = await runCli(directory, args, version);
  assert.ok((await stat(output)).size > 0, err);
  return pathToFileURL(output).href;
}

async function serverOf36Files(work: string): Promise<string> {
  const tree = serverTrees.find(({ files }) => files.size === 36);
  assert.ok(tree !== undefined);
  const directory = join(work, "server");
  for (const [path, text] of tree.files) {
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await writeFile(join(directory, path), text);
  }
  return directory;
}

async function hostileServer(work: string): Promise<string> {
  const directory = join(work, "hostile");
  const name = `</code></script><script id=injected>alert(1)</script><img src=x onerror=alert(2)>`;
  await mkdir(directory);
  await writeFile(
    join(directory, "nginx.conf"),
    `events {}\nhttp {\n  upstream "${name}" { server 127.0.0.1:3000; }\n  server {\n    server_name "${name}";\n` +
      `    root "/srv/${name}";\n    location / { proxy_pass "http://unix:/run/${name}.sock"; }\n  }\n}\n`,
  );
  return directory;
}

async function samplePage(page: Page, address: string, options: PagesOptions): Promise<void> {
  await options.check(page, "the report's page of the sample shows its causes, and copies their commands", async () => {
    await page.goto(address);
    assert.equal(await page.locator(".cause").count(), 3);
    const cause = page.locator(".cause", { hasText: "tcp port 3000" });
    await cause.locator("button.copy").first().click();
    await cause.getByRole("button", { name: "Copied" }).waitFor();
    await page.locator("#filter").click();
    await page.keyboard.press("Control+V");
    assert.match(
      await page.locator("#filter").inputValue(),
      /^sudo semanage port -a -t http_port_t -p tcp 3000 ?sudo setsebool/,
    );
    await page.locator("#filter").fill("");
  });
  await options.check(
    page,
    "it is readable in light, in dark and without colours, with names for a screen reader",
    async () => {
      await page.evaluate("scrollTo(0, 0)");
      const picture = join(options.pictures, "report.png");
      // It ends between two causes.
      const second = await page.locator(".cause").nth(1).boundingBox();
      assert.ok(second !== null);
      await page.screenshot({ path: picture, clip: { x: 0, y: 0, width: 1060, height: Math.round(second.y) - 6 } });
      assert.ok((await stat(picture)).size <= options.pictureLimit, "the picture is too large");
      await page.emulateMedia({ colorScheme: "dark" });
      await page.screenshot({ path: join(options.results, "report-dark.png") });
      await page.emulateMedia({ colorScheme: "light" });
      await page.getByRole("img", { name: /^Sites on the left/ }).waitFor();
      await page.getByRole("heading", { name: "The policy that answered" }).waitFor();
      const verdicts = await page.locator("svg text").allTextContents();
      assert.ok(
        verdicts.some((text) => text.includes("refused:")),
        verdicts.join("\n"),
      );
    },
  );
}

async function serverPage(page: Page, address: string, options: PagesOptions): Promise<void> {
  await options.check(page, "the report's page of a server of 36 files filters its table and sorts it", async () => {
    await page.goto(address);
    const all = (await column(page, 3)).length;
    await page.locator("#filter").fill("9113");
    const some = (await column(page, 3)).length;
    assert.ok(some > 0 && some < all, `${some} of ${all}`);
    assert.equal(await page.locator("#shown").innerText(), `${some} of ${all}`);
    await page.locator("#filter").fill("");
    await page.locator("#verdict").selectOption({ label: "refused" });
    assert.deepEqual([...new Set(await column(page, 1))], ["refused"]);
    await page.locator("#verdict").selectOption({ label: "all" });
    await page.getByRole("button", { name: "Target" }).click();
    const targets = await column(page, 3);
    assert.deepEqual(
      targets,
      targets.toSorted((a, b) => a.localeCompare(b, "en", { numeric: true })),
    );
    assert.equal(await page.locator("th").nth(2).getAttribute("aria-sort"), "ascending");
    await page.locator("#map").scrollIntoViewIfNeeded();
    await page.screenshot({ path: join(options.results, "report-server.png") });
  });
  await options.check(page, "it prints, with the parts that are closed on the screen", async () => {
    const pdf = await page.pdf({ path: join(options.results, "report.pdf"), format: "A4", printBackground: true });
    assert.match(pdf.subarray(0, 8).toString("latin1"), /^%PDF-/);
    await page.emulateMedia({ media: "print" });
    const undo = await page.locator(".cause details .commands").first().boundingBox();
    assert.ok(undo !== null && undo.height > 0, "the undo is printed");
    assert.equal(await page.locator("button.copy").first().isVisible(), false);
    await page.emulateMedia({ media: "screen" });
    assert.equal(await page.locator("details[open]").count(), 0);
  });
}

/** The texts of a column of the table, of the rows that are shown. One-based. */
function column(page: Page, number: number): Promise<readonly string[]> {
  return page.locator(`tbody tr:not([hidden]) td:nth-child(${number})`).allTextContents();
}
