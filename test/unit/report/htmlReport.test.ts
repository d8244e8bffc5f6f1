import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { suite, test } from "node:test";
import { createLanguageService, type LanguageService } from "../../../server/src/languageService.ts";
import { causesOf } from "../../../server/src/report/causes.ts";
import { createReporter } from "../../../server/src/report/buildReport.ts";
import { pageOf } from "../../../server/src/report/htmlReport.ts";
import { PAGE_SCRIPT, PAGE_SCRIPT_HASH } from "../../../server/src/report/htmlScript.ts";
import { PAGE_STYLE, PAGE_STYLE_HASH } from "../../../server/src/report/htmlStyle.ts";
import type { Report } from "../../../server/src/report/report.ts";
import { siteLinks } from "../../../server/src/report/siteMap.ts";
import { defaultSettings } from "../../../server/src/shared/settings.ts";
import { plainSurroundings } from "../../../server/src/workspace/surroundings.ts";
import { bundledText } from "../../support/bundledPolicies.ts";
import { printedReport } from "../../support/printedReport.ts";
import { createMemoryHost } from "../../support/memoryHost.ts";

const main = "/etc/nginx/nginx.conf";

function serviceFor(text: string, path: string): LanguageService {
  const host = createMemoryHost({ [path]: text }, (name) => (name === "rhel9" ? bundledText("rhel9") : undefined));
  const settings = { ...defaultSettings, policy: "rhel9" };
  return createLanguageService(host, { ...plainSurroundings, settingsFor: () => settings });
}

/** The report of a configuration under RHEL 9. `path`: where the main file lies. */
async function reportOf(text: string, path = main): Promise<Report> {
  return printedReport(serviceFor(text, path), path, true);
}

/** Its page. */
async function pageFor(text: string, path = main): Promise<string> {
  const { analysis, chosen } = await serviceFor(text, path).analyzeFile(path);
  const about = { date: "2026-01-15", version: "0.2.0", script: "nginx-selinux check", nameOf: (name: string) => name };
  return pageOf(analysis, createReporter(analysis, chosen), about);
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
    const page = await pageFor(site("listen 80;"));
    assert.match(
      page,
      /default-src &#39;none&#39;; style-src &#39;sha256-[^;]+&#39;; script-src &#39;sha256-[^;]+&#39;; base-uri &#39;none&#39;; form-action &#39;none&#39;"/,
    );
    assert.ok(page.includes(`<style>${PAGE_STYLE}</style>`) && page.includes(`<script>${PAGE_SCRIPT}</script>`));
    assert.doesNotMatch(page, /<(?:link|img|iframe|object|form)\b|\ssrc=|url\(|@import/i);
  });

  test("shows each cause with its commands, and every access", async () => {
    const page = await pageFor(site("listen 80; location / { proxy_pass http://127.0.0.1:3000; }"));
    assert.ok(
      page.includes("sudo semanage port -a -t http_port_t -p tcp 3000\nsudo setsebool -P httpd_graceful_shutdown on"),
    );
    assert.ok(page.includes(`${main}:4:45`));
    assert.equal(page.match(/<tr class="denied">/g)?.length, 1);
  });

  test("says that nothing is refused where that is so", async () => {
    assert.ok((await pageFor(site("listen 80;"))).includes("SELinux refuses nothing that this configuration needs."));
  });

  test("names out of a configuration stay text", async () => {
    const hostile = `"</title><script>alert(1)</script><img src=x onerror=alert(2)>\u001b[31m\u202e'&"`;
    const text = site(
      `listen 80; root ${hostile}; access_log ${hostile}; location / { proxy_pass http://unix:/run/${hostile.slice(1, -1).replaceAll(" ", "")}; }`,
    );
    const page = await pageFor(text, "/srv/<b>/nginx.conf");
    const outside = page.replace(`<script>${PAGE_SCRIPT}</script>`, "");
    assert.doesNotMatch(outside, /<script>|<img|<b>\/|alert\(1\)<\/script>|\u001b|\u202e/);
    assert.equal(page.match(/<\/title>/g)?.length, 1 + (page.match(/<g[ >]/g)?.length ?? 0));
  });

  test("has the command for every fix only where there is a fix", async () => {
    const title = "Every fix in one script";
    assert.ok((await pageFor(site("listen 8888;"))).includes(title));
    assert.ok(!(await pageFor(site("listen 80;"))).includes(title));
  });
});

suite("the map", () => {
  const text = `events {}
error_log syslog:server=127.0.0.1:514;
http {
  upstream app { server 127.0.0.1:3000; server unix:/run/app/app.sock; }
  server { listen 80; server_name _ shop.example; location / { proxy_pass http://app; } }
  server { listen 8081; location / { proxy_pass http://app; } location /x { proxy_pass http://127.0.0.1:8080; } }
}
`;

  test("leads from sites through upstreams to targets, refused ones first", async () => {
    const { analysis, chosen } = await serviceFor(text, main).analyzeFile(main);
    const reporter = createReporter(analysis, chosen);
    const links = siteLinks(analysis, analysis.accesses.map(reporter.decision));
    const shown = links.map(({ site: { name, line }, upstream, access }) => [
      `${name}:${line}`,
      upstream,
      `${access.kind} ${access.path ?? access.port}`,
    ]);
    assert.deepEqual(shown.map(String).toSorted(), [
      "listen 8081:5,,bind 8081",
      "listen 8081:5,,connect 8080",
      "listen 8081:5,app,connect /run/app/app.sock",
      "listen 8081:5,app,connect 3000",
      "outside of all servers:0,,connect 514",
      "shop.example:4,,bind 80",
      "shop.example:4,app,connect /run/app/app.sock",
      "shop.example:4,app,connect 3000",
    ]);
    const verdicts = links.map(({ access }) => access.verdict);
    assert.deepEqual(
      verdicts,
      [...verdicts].toSorted((a, b) => Number(b === "denied") - Number(a === "denied")),
    );
  });

  test("says the same as a list", async () => {
    const page = await pageFor(text);
    assert.match(
      page,
      /<li>shop\.example, upstream app, connects to tcp 127\.0\.0\.1:3000 \(ntop_port_t\): refused<\/li>/,
    );
    assert.match(page, /<li>shop\.example listens on tcp 80 \(http_port_t\): allowed<\/li>/);
  });
});
