/** What the page of a rule tells the reader to run is what its finding offers, word for word. */
import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { test } from "node:test";
import type { Fix } from "../../server/src/fixes/fix.ts";
import { isNeverOffered } from "../../server/src/fixes/purpose.ts";
import { offersOf } from "../../server/src/offers/offeredFixes.ts";
import { releases } from "../support/bundledPolicies.ts";
import { analysed } from "../support/planned.ts";
import { release } from "./situation.ts";

const pages = new URL("../../server/src/rules/docs/", import.meta.url);

/** Configurations that have the findings which the pages show. */
const examples = [
  "http { server { listen 80; location / { proxy_pass http://127.0.0.1:3000; } } }",
  "http { server { listen 80; location / { proxy_pass http://127.0.0.1:8080; } } }",
  "http { server { listen 8888; listen 443 quic; location / { proxy_pass http://unix:/run/myapp/app.sock; } } }",
  "http { server { listen 80; root /data/www; location /app { root /srv/app; } } }",
  "http { server { listen 443 ssl; ssl_certificate /root/ssl/site.pem; ssl_certificate_key /root/ssl/site.key; } }",
  "http { proxy_cache_path /data/cache keys_zone=a:1m; server { listen unix:/srv/app/nginx.sock; } }",
  "http { server { listen 80; location / { proxy_bind $remote_addr transparent; proxy_pass http://127.0.0.1:53; } } }",
  "worker_rlimit_nofile 65535;",
];

/** Everything that is offered for them, on every release. */
async function offered(): Promise<readonly Fix[]> {
  const fixes: Fix[] = [];
  for (const on of releases)
    for (const example of examples) {
      const analysis = await analysed(release(on), `events {} ${example}`);
      const offers = offersOf(analysis);
      for (const finding of analysis.findings) fixes.push(...offers(finding).map(({ fix }) => fix));
    }
  return fixes;
}

/** The text of each page below a heading. */
async function parts(heading: string): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const name of await readdir(pages)) {
    const text = await readFile(new URL(name, pages), "utf8");
    found.set(name, new RegExp(`^## ${heading}$([\\s\\S]*?)(?=^## )`, "mu").exec(text)?.[1] ?? "");
  }
  return found;
}

/** Commands that change something for good: in blocks, and among the words. `NAME` and `PATH` stand for any. */
function commandsIn(text: string): readonly string[] {
  const all = [
    ...text.matchAll(/^\s*((?:sudo|printf) .*?)(?:\s{2,}#.*)?$|`((?:sudo )?(?:semanage|setsebool|semodule) [^`]*)`/gmu),
  ];
  return all
    .map(([, line, words]) => (line ?? words ?? "").trim())
    .filter((command) => /^(?:sudo )?(?:semanage|setsebool -P|semodule|install|printf)\b/u.test(command))
    .filter((command) => !/\b(?:NAME|PATH)\b|^semanage port -m$/u.test(command));
}

test("a command that a page tells to run is one that a finding offers", async () => {
  const commands = new Set((await offered()).flatMap((fix) => fix.commands.map((each) => each.replace(/^sudo /u, ""))));
  let seen = 0;
  for (const [page, text] of await parts("What to do"))
    for (const command of commandsIn(text)) {
      // The page says of both that they are no fix, or one for a host whose units are seen.
      if (/httpd_execmem|httpd_exec_t/u.test(command)) continue;
      seen++;
      assert.ok(commands.has(command.replace(/^sudo /u, "")), `${page}: ${command}`);
    }
  assert.ok(seen >= 9, `${seen} commands`);
});

test("no page tells to turn on what is never offered, nor names a type or a boolean that no release has", async () => {
  const facts = releases.map((on) => release(on).facts);
  for (const [page, text] of await parts("What to do")) {
    for (const [, name = ""] of text.matchAll(/setsebool (?:-P )?([a-z]\w+)/gu)) {
      assert.ok(
        facts.some(({ booleans }) => booleans.has(name)),
        `${page}: ${name}`,
      );
      assert.ok(!isNeverOffered(name) || name === "httpd_execmem", `${page}: ${name}`);
    }
    for (const [, type = ""] of text.matchAll(/ -t ([a-z]\w+_t)\b/gu))
      assert.ok(
        facts.some((each) => typeof each.resolveType(type) === "string"),
        `${page}: ${type}`,
      );
  }
});
