/** Places that are the web server's to label, though they lie in a tree of the system; and which label they get. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { offersOf } from "../../server/src/offers/offeredFixes.ts";
import { planOf } from "../../server/src/offers/planAnalysis.ts";
import { releases, type Release } from "../support/bundledPolicies.ts";
import { analysed } from "../support/planned.ts";
import { release } from "./situation.ts";

/** The file contexts that the preferred fix of each finding sets, and those of the plan. */
async function labels(on: Release, text: string): Promise<readonly (readonly string[])[]> {
  const analysis = await analysed(release(on), `events {} http { ${text} }`);
  const offers = offersOf(analysis);
  const preferred = analysis.findings.flatMap((finding) => offers(finding).filter((offer) => offer.preferred));
  const specs = preferred.flatMap(({ fix }) =>
    fix.changes.flatMap((change) => (change.kind === "fileContext" ? [[change.spec, change.type]] : [])),
  );
  const planned = planOf(analysis).steps.flatMap(({ change }) =>
    change.kind === "fileContext" ? [[change.spec, change.type]] : [],
  );
  const text_ = (all: readonly (readonly string[])[]): readonly string[] => [...new Set(all.map(String))].sort();
  assert.deepEqual(text_(specs), text_(planned), `${on}: a finding's fix is its part of the plan`);
  return planned;
}

test("a file or directory below root's home gets a label that lasts", async () => {
  for (const on of releases) {
    assert.deepEqual(await labels(on, "js_import main from /root/main.js;"), [
      ["/root/main\\.js", "httpd_sys_content_t"],
    ]);
    assert.deepEqual(await labels(on, "server { listen 80; root /root/site; }"), [
      ["/root/site(/.*)?", "httpd_sys_content_t"],
    ]);
    // Keys to log in with are no web pages.
    assert.deepEqual(await labels(on, "server { listen 80; root /root/.ssh; }"), []);
  }
});

test("a directory in which nginx alone writes may lie in /usr/share or /usr/local", async () => {
  for (const on of releases) {
    for (const [text, spec] of [
      ["passenger_temp_path /usr/share/nginx/passenger_temp;", "/usr/share/nginx/passenger_temp(/.*)?"],
      ["proxy_cache_path /usr/local/shop/cache keys_zone=a:1m;", "/usr/local/shop/cache(/.*)?"],
    ] as const)
      assert.deepEqual(await labels(on, text), [[spec, "httpd_cache_t"]], on);
    // Programs of the system, and a directory of every package.
    for (const path of ["/usr/lib/nginx/cache", "/usr/bin", "/usr/share/cache"])
      assert.deepEqual(await labels(on, `proxy_cache_path ${path} keys_zone=a:1m;`), [], `${on} ${path}`);
  }
});

test("a document root in which WebDAV writes gets one label for reading and writing, in the finding as in the plan", async () => {
  for (const on of releases) {
    for (const methods of ["PUT DELETE", "PUT DELETE MKCOL COPY MOVE"]) {
      const text = `server { listen 80; location /dav/ { root /srv/dav; dav_methods ${methods}; } }`;
      assert.deepEqual(await labels(on, text), [["/srv/dav(/.*)?", "httpd_sys_rw_content_t"]], `${on} ${methods}`);
    }
  }
});
