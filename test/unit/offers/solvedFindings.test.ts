import assert from "node:assert/strict";
import { test } from "node:test";
import type { Evaluator } from "../../../server/src/analysis/evaluator.ts";
import { createSolver } from "../../../server/src/offers/solvedFindings.ts";
import { policyOf } from "../../../server/src/selinux/model.ts";
import { analysed } from "../../support/planned.ts";
import { createLanguageService } from "../../../server/src/languageService.ts";
import { plainSurroundings } from "../../../server/src/workspace/surroundings.ts";
import { defaultSettings } from "../../../server/src/shared/settings.ts";
import { printedReport } from "../../support/printedReport.ts";
import { bundledFacts, bundledText, releases } from "../../support/bundledPolicies.ts";
import { createMemoryHost } from "../../support/memoryHost.ts";

const main = "/etc/nginx/nginx.conf";

/** Of each rule's findings, by the text of their fixes: how many findings each clears. */
async function solves(text: string): Promise<Readonly<Record<string, number>>> {
  const host = createMemoryHost({ [main]: text }, (name) => {
    const release = releases.find((each) => each === name);
    return release === undefined ? undefined : bundledText(release);
  });
  const settings = { ...defaultSettings, policy: "rhel9" };
  const { findings } = await printedReport(
    createLanguageService(host, {
      ...plainSurroundings,
      settingsFor: () => settings,
    }),
    main,
  );
  return Object.fromEntries(findings.flatMap(({ fixes }) => fixes.map((fix) => [fix.commands.join("; "), fix.solves])));
}

test("a fix says how many findings of the configuration it clears", async () => {
  const counts = await solves(`events {}
http {
    server {
        listen 80;
        root /data/www;
        location /a { proxy_pass http://127.0.0.1:3000; }
        location /b { proxy_pass http://127.0.0.1:3000; }
        location /c { proxy_pass http://127.0.0.1:443; }
        location /d { proxy_pass http://127.0.0.1:8080; }
        location /e { alias /data/www/images; }
    }
}
`);
  assert.deepEqual(counts, {
    "sudo semanage port -a -t http_port_t -p tcp 3000; sudo setsebool -P httpd_graceful_shutdown on": 3,
    "sudo semanage port -a -t http_port_t -p tcp 3000; sudo setsebool -P httpd_can_network_relay on": 4,
    "printf '%s\\n' '(allow httpd_t ntop_port_t (tcp_socket (name_connect)))' > nginx_name_connect_ntop_port_t.cil; sudo semodule -i nginx_name_connect_ntop_port_t.cil": 2,
    "sudo setsebool -P httpd_can_network_connect on": 4,
    "sudo setsebool -P httpd_graceful_shutdown on": 1,
    "sudo setsebool -P httpd_can_network_relay on": 2,
    "printf '%s\\n' '(allow httpd_t http_cache_port_t (tcp_socket (name_connect)))' > nginx_name_connect_http_cache_port_t.cil; sudo semodule -i nginx_name_connect_http_cache_port_t.cil": 1,
    "sudo semanage fcontext -a -t httpd_sys_content_t '/data/www(/.*)?'; sudo restorecon -Rv /data/www": 2,
  });
});

test("a thousand sockets that share a module are counted with a few replays of each", async () => {
  const sockets = 1000;
  const servers = Array.from(
    { length: sockets },
    (_, i) => `server { listen 80; location / { proxy_pass http://unix:/run/app${i}/app.sock; } }`,
  );
  const { counts, replays } = await replaysFor(servers);
  assert.ok(counts.includes(1));
  assert.ok(replays < 10 * sockets, `${replays} replays`);
});

test("a thousand directories are not replayed for booleans that are about ports", async () => {
  const sites = 1000;
  const servers = Array.from(
    { length: sites },
    (_, i) =>
      `server { listen 80; location /f/ { alias /srv/site${i}/; } location / { proxy_pass http://127.0.0.1:${3000 + i}; } }`,
  );
  const { counts, replays } = await replaysFor(servers);
  assert.ok(counts.includes(1));
  assert.ok(replays < 2 * sites, `${replays} replays`);
});

/** What the fixes of all findings clear, and how often an access was replayed to find it. */
async function replaysFor(
  servers: readonly string[],
): Promise<{ readonly counts: readonly number[]; readonly replays: number }> {
  let replays = 0;
  const analysis = await analysed(policyOf(bundledFacts("rhel9")), `events {}\nhttp {\n${servers.join("\n")}\n}\n`);
  const { evaluator } = analysis;
  const counting: Evaluator = {
    ...evaluator,
    under: (policy) => {
      const other = evaluator.under(policy);
      return { ...other, refusal: (access, rules) => (replays++, other.refusal(access, rules)) };
    },
  };
  const solved = createSolver({ ...analysis, evaluator: counting });
  const counts = analysis.findings.flatMap(({ verdict }) => verdict?.fixes ?? []).map(solved);
  return { counts, replays };
}
