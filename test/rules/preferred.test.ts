/** The preferred fixes of a configuration are its plan, and hold in any order. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import type { Fix } from "../../server/src/fixes/fix.ts";
import { planOf } from "../../server/src/offers/planAnalysis.ts";
import { analysed, site } from "../support/planned.ts";
import { preferredFixesHold, preferredOf } from "../support/preferredFixes.ts";
import { releases } from "../support/bundledPolicies.ts";
import { bundled, configuration, tiny } from "../support/randomConfigurations.ts";
import { release } from "./situation.ts";

test("the preferred fixes are the plan, work in any order, undo nothing of each other and take nothing away", async () => {
  let seen = 0;
  let copied = 0;
  const order = fc.infiniteStream(fc.nat());
  await fc.assert(
    fc.asyncProperty(fc.oneof(bundled, tiny), configuration, order, async (policy, text, numbers) => {
      const shuffled = (fixes: readonly Fix[]): readonly Fix[] =>
        fixes
          .map((fix) => ({ fix, at: Number(numbers.next().value) }))
          .toSorted((a, b) => a.at - b.at)
          .map(({ fix }) => fix);
      const analysis = await analysed(policy, text);
      seen += preferredFixesHold(analysis, shuffled);
      copied += planOf(analysis).copies.length;
    }),
    { numRuns: 1000 },
  );
  assert.ok(seen > 1000, `${seen} fixes`);
  assert.ok(copied > 100, `${copied} copies`);
});

test(
  "a plan ends where a label that keeps an access allowed cannot be set beside the others",
  { timeout: 30_000 },
  async () => {
    const values = { httpd_can_network_connect: true, httpd_can_network_relay: true, httpd_unified: false };
    const policy = release("rhel9").with(
      Object.entries(values).map(([name, value]) => ({ kind: "boolean" as const, name, value })),
    );
    const text = `events {}
http {
server { listen 53; access_log /srv/logs/access.log; location / { root /srv/logs; } }
}
`;
    const plan = planOf(await analysed(policy, text));
    assert.ok(plan.steps.length + plan.uncleared.length > 0);
  },
);

const lone = fc.oneof(
  fc.integer({ min: 1, max: 65535 }).map((port) => `location / { proxy_pass http://127.0.0.1:${port}; }`),
  fc.integer({ min: 1, max: 65535 }).map((port) => `listen 127.0.0.1:${port};`),
  fc
    .constantFrom("/data/www", "/srv/app/public", "/home/joe/site", "/opt/app", "/var/lib/mysql/x")
    .map((path) => `root ${path};`),
  fc
    .constantFrom("/run/app/a.sock", "/run/a.sock", "/srv/app/run/a.sock")
    .map((path) => `location / { proxy_pass http://unix:${path}:/; }`),
);

test("the preferred fix of a target that is alone is the best of its fixes that last", async () => {
  let seen = 0;
  await fc.assert(
    fc.asyncProperty(bundled, lone, async (policy, line) => {
      const analysis = await analysed(policy, `events {}\nhttp { access_log off; server { ${line} } }\n`);
      const refused = analysis.findings.filter(({ verdict }) => verdict?.decision?.verdict === "denied");
      const [finding] = refused;
      if (finding === undefined || refused.length > 1) return;
      const best = finding.verdict?.fixes.find(({ durable }) => durable);
      assert.deepEqual(preferredOf(analysis)[0]?.fix.commands, best?.commands);
      seen++;
    }),
    { numRuns: 600 },
  );
  assert.ok(seen > 200, `${seen} targets`);
});

test("a port that is listened on and connected to gets one choice for both", async () => {
  const text = "events {}\nstream {\n server { listen 143; proxy_pass 127.0.0.1:143; }\n}\n";
  for (const name of releases) {
    const analysis = await analysed(release(name), text);
    const fixes = preferredOf(analysis).map(({ fix }) => fix);
    assert.deepEqual(
      fixes.map(({ id }) => id).toSorted(),
      ["boolean", "module"],
      "the rule for the listen leaves the label that the boolean is meant for",
    );
    preferredFixesHold(analysis, (all) => all.toReversed());
  }
});

test("backends that hand mail in keep their port with the mail server", async () => {
  const backends = ["127.0.0.1:587", "127.0.0.1:465", "127.0.0.1:25"];
  const listens =
    "    listen 587;\n    listen 465 ssl; ssl_certificate /etc/nginx/a.pem; ssl_certificate_key /etc/nginx/a.key;";
  for (const name of releases) {
    const analysis = await analysed(release(name), site(backends, listens));
    const changes = planOf(analysis).steps.map(({ change }) => change);
    assert.ok(changes.length >= 2);
    assert.deepEqual(
      changes.filter(({ kind }) => kind === "port"),
      [],
      "no port is taken from smtp_port_t",
    );
    preferredFixesHold(analysis, (all) => all);
  }
});

test("a directory inside of another one with another label is set together with it", async () => {
  const text = "events {}\nhttp { server { listen 80; root /srv/app; access_log /srv/app/logs/a.log; } }\n";
  const analysis = await analysed(release("rhel9"), text);
  const [first, ...more] = preferredOf(analysis).map(({ fix }) => fix);
  assert.deepEqual(more, [], "the log is allowed now, and would not be with the label of the directory alone");
  assert.equal(
    first?.title,
    "Label /srv/app and everything in it httpd_sys_content_t, /srv/app/logs and everything in it httpd_log_t",
  );
  assert.deepEqual(first?.commands, [
    "sudo semanage fcontext -a -t httpd_sys_content_t '/srv/app(/.*)?'",
    "sudo semanage fcontext -a -t httpd_log_t '/srv/app/logs(/.*)?'",
    "sudo restorecon -Rv /srv/app",
  ]);
});

test("a port inside of a range that is listened on gets the label of the range", async () => {
  const analysis = await analysed(release("rhel9"), site(["127.0.0.1:8205"], "    listen 127.0.0.1:8200-8210;"));
  assert.deepEqual(
    preferredOf(analysis).map(({ fix }) => fix.commands),
    [
      ["sudo semanage port -a -t http_port_t -p tcp 8200-8210", "sudo setsebool -P httpd_graceful_shutdown on"],
      ["sudo semanage port -a -t http_port_t -p tcp 8200-8210"],
    ],
  );
});
