/** A document root `public` whose program lies in the directory above. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { planOf } from "../../server/src/offers/planAnalysis.ts";
import { releases } from "../support/bundledPolicies.ts";
import { analysed } from "../support/planned.ts";
import { release } from "./situation.ts";

const site = (root: string, location: string): string =>
  `events {}\nhttp { server { listen 80; root ${root}; location ~ \\.php$ { ${location} } } }\n`;

test("beside php-fpm the directory of the program is labelled; where nginx serves files alone, public is", async () => {
  const fpm = "fastcgi_pass unix:/run/php-fpm/www.sock;";
  const cases = [
    ["/srv/shop/public", fpm, "/srv/shop(/.*)?"],
    ["/srv/shop/public", "", "/srv/shop/public(/.*)?"],
    // The directory above holds other sites as well.
    ["/srv/public", fpm, "/srv/public(/.*)?"],
  ] as const;
  for (const name of releases) {
    for (const [root, location, spec] of cases) {
      const { steps } = planOf(await analysed(release(name), site(root, location)));
      assert.deepEqual(
        steps.flatMap(({ change }) => (change.kind === "fileContext" ? [[change.spec, change.type]] : [])),
        [[spec, "httpd_sys_content_t"]],
        `${name} ${root}`,
      );
    }
  }
});
