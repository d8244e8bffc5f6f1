import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { suite, test } from "node:test";
import { createLanguageService } from "../../../server/src/languageService.ts";
import { causesOf } from "../../../server/src/report/causes.ts";
import { htmlPage, type PageAbout } from "../../../server/src/report/htmlPage.ts";
import { PAGE_SCRIPT, PAGE_SCRIPT_HASH } from "../../../server/src/report/htmlScript.ts";
import { PAGE_STYLE, PAGE_STYLE_HASH } from "../../../server/src/report/htmlStyle.ts";
import type { Report } from "../../../server/src/report/report.ts";
import { defaultSettings } from "../../../server/src/shared/settings.ts";
import { plainSurroundings } from "../../../server/src/workspace/surroundings.ts";
import { bundledText } from "../../support/bundledPolicies.ts";
import { printedReport } from "../../support/printedReport.ts";
import { createMemoryHost } from "../../support/memoryHost.ts";

const main = "/etc/nginx/nginx.conf";
const about: PageAbout = {
  main,
  date: "2026-01-15",
  version: "0.2.0",
  rulePage: (rule) => `https://pages.example/${rule}`,
  nameOf: (path) => path,
};

/** The report of a configuration under RHEL 9. `path`: where the main file lies. */
async function reportOf(text: string, path = main): Promise<Report> {
  const host = createMemoryHost({ [path]: text }, (name) => (name === "rhel9" ? bundledText("rhel9") : undefined));
  const settings = { ...defaultSettings, policy: "rhel9" };
  return printedReport(createLanguageService(host, { ...plainSurroundings, settingsFor: () => settings }), path, true);
}

const site = (text: string): string => `events {}\nhttp {\n server {\n  ${text}\n }\n}\n`;

suite("causes", () => {
  test("places of one target are one cause, whatever address they name", async () => {
    const text = site(
      "listen 8081; listen [::]:8081; location / { proxy_pass http://127.0.0.1:3000; } location /b { proxy_pass http://127.0.0.2:3000; }",
    );
    const causes = causesOf(await reportOf(text));
    assert.deepEqual(causes.map(({ rule, places }) => [rule, places.length]).toSorted(), [
      ["connect-port", 2],
      ["listen-port", 2],
    ]);
  });

  test("a reader finds what is worst first", async () => {
    const causes = causesOf(
      await reportOf(
        site(
          "listen 80; location / { proxy_pass http://unix:/run/a/b.sock; } location /p { proxy_pass http://127.0.0.1:3000; }",
        ),
      ),
    );
    assert.deepEqual(
      causes.map(({ severity }) => severity),
      ["error", "warning"],
    );
  });
});

suite("the page", () => {
  test("allows its own style and script by their hashes, and nothing else", async () => {
    const hash = (text: string): string => createHash("sha256").update(text).digest("base64");
    assert.equal(PAGE_STYLE_HASH, hash(PAGE_STYLE));
    assert.equal(PAGE_SCRIPT_HASH, hash(PAGE_SCRIPT));
    const page = htmlPage(await reportOf(site("listen 80;")), about);
    assert.match(
      page,
      /default-src &#39;none&#39;; style-src &#39;sha256-[^;]+&#39;; script-src &#39;sha256-[^;]+&#39;; base-uri &#39;none&#39;; form-action &#39;none&#39;"/,
    );
    assert.ok(page.includes(`<style>${PAGE_STYLE}</style>`) && page.includes(`<script>${PAGE_SCRIPT}</script>`));
    assert.doesNotMatch(page, /<(?:link|img|iframe|object|form)\b|\ssrc=|url\(|@import/i);
  });

  test("shows each cause with its commands, and every access", async () => {
    const page = htmlPage(await reportOf(site("listen 80; location / { proxy_pass http://127.0.0.1:3000; }")), about);
    assert.ok(
      page.includes("sudo semanage port -a -t http_port_t -p tcp 3000\nsudo setsebool -P httpd_graceful_shutdown on"),
    );
    assert.ok(page.includes(`${main}:4:45`));
    assert.equal(page.match(/<tr class="denied">/g)?.length, 1);
  });

  test("says that nothing is refused where that is so", async () => {
    assert.ok(
      htmlPage(await reportOf(site("listen 80;")), about).includes(
        "SELinux refuses nothing that this configuration needs.",
      ),
    );
  });

  test("names out of a configuration stay text", async () => {
    const hostile = `"</title><script>alert(1)</script><img src=x onerror=alert(2)>\u001b[31m\u202e'&"`;
    const text = site(
      `listen 80; root ${hostile}; access_log ${hostile}; location / { proxy_pass http://unix:/run/${hostile.slice(1, -1).replaceAll(" ", "")}; }`,
    );
    const page = htmlPage(await reportOf(text, "/srv/<b>/nginx.conf"), { ...about, main: "/srv/<b>/nginx.conf" });
    const outside = page.replace(`<script>${PAGE_SCRIPT}</script>`, "");
    assert.doesNotMatch(outside, /<script>|<img|<b>\/|alert\(1\)<\/script>|\u001b|\u202e/);
    assert.equal(
      page.match(/<\/title>/g)?.length,
      1 + (page.match(/<svg/g)?.length ?? 0) * (page.match(/<g>/g)?.length ?? 0),
    );
  });
});
