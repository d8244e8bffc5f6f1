/** Keys and certificates in homes: the copy comes first, in every form that a plan takes. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Analysis } from "../../../server/src/analysis/analysis.ts";
import { offersOf, type OfferedFix } from "../../../server/src/offers/offeredFixes.ts";
import { modulePlanOf, planOf } from "../../../server/src/offers/planAnalysis.ts";
import { releases } from "../../support/bundledPolicies.ts";
import { analysed, textOfPlan } from "../../support/planned.ts";
import { release } from "../../rules/situation.ts";

const tls = (...lines: readonly string[]): string =>
  `events {}\nhttp { server {\nlisten 443 ssl; return 204;\n${lines.join("\n")}\n} }\n`;

/** What is offered for each refused file, by its path. */
function offered(analysis: Analysis): ReadonlyMap<string, readonly OfferedFix[]> {
  const offers = offersOf(analysis);
  return new Map(
    analysis.findings.flatMap((finding) => {
      const { access } = finding;
      return access?.protocol === "file" && access.path !== null ? [[access.path, offers(finding)]] : [];
    }),
  );
}

const ids = (offers: readonly OfferedFix[] = []): readonly string[] => offers.map(({ fix }) => fix.id);

test("a key in a home is copied first, labelled second, and never opened with all homes, on every release", async () => {
  const text = tls("ssl_certificate /home/al/app/ssl/cert.pem;", "ssl_certificate_key /home/al/app/ssl/site.key;");
  for (const name of releases) {
    const offers = offered(await analysed(release(name), text));
    const key = offers.get("/home/al/app/ssl/site.key");
    assert.deepEqual(ids(key), ["copy", "label-directory", "chcon"], name);
    assert.deepEqual(
      key?.map(({ preferred }) => preferred),
      [true, false, false],
    );
    assert.deepEqual(key?.[0]?.fix.commands, [
      "sudo install -D -b -m 600 /home/al/app/ssl/site.key /etc/pki/tls/private/site.key",
      "sudo restorecon -v /etc/pki/tls/private/site.key",
    ]);
    assert.deepEqual(
      key?.[0]?.edits.map((edit) => edit.text),
      ["/etc/pki/tls/private/site.key"],
    );
    const [certificate] = offers.get("/home/al/app/ssl/cert.pem") ?? [];
    assert.equal(
      certificate?.fix.commands[0],
      "sudo install -D -b -m 600 /home/al/app/ssl/cert.pem /etc/pki/tls/certs/app-cert.pem",
    );
  }
});

test("of an ACME client's directory below /root the copy comes first, the label of the directory second", async () => {
  const directory = "/root/.acme.sh/shop.example_ecc";
  const text = tls(
    `ssl_certificate ${directory}/fullchain.cer;`,
    `ssl_certificate_key ${directory}/shop.example.key;`,
    "ssl_dhparam /root/dh.pem;",
  );
  for (const name of releases) {
    const offers = offered(await analysed(release(name), text));
    const key = offers.get(`${directory}/shop.example.key`);
    assert.deepEqual(ids(key), ["copy", "label-directory", "chcon"], name);
    assert.match(key?.[0]?.fix.opens ?? "", /acme\.sh --install-cert/u);
    assert.deepEqual(ids(offers.get("/root/dh.pem")), ["label-file", "chcon"], "its name says nothing of whose it is");
  }
});

test("one file that is certificate and key is copied once, as a key, and named at every place", async () => {
  const text = tls("ssl_certificate /root/site.pem;", "ssl_certificate_key /root/site.pem;");
  const analysis = await analysed(release("rhel9"), text);
  const [first] = offered(analysis).get("/root/site.pem") ?? [];
  assert.equal(first?.fix.copy?.to, "/etc/pki/tls/private/site.pem");
  assert.equal(first?.edits.length, 2);
  assert.deepEqual(
    planOf(analysis).copies.map(({ copy, places }) => [copy.isSecret, places.map(({ line }) => line)]),
    [[true, [4, 5]]],
  );
});

test("two files of one name get places of their own, and none that the configuration uses", async () => {
  const text = tls(
    "ssl_certificate /etc/pki/tls/certs/a.pem;",
    "ssl_certificate_key /root/one/a.key;",
    "} server { listen 444 ssl; return 204;",
    "ssl_certificate /root/two/a.pem;",
    "ssl_certificate_key /root/two/a.key;",
  );
  const plan = planOf(await analysed(release("rhel9"), text));
  assert.deepEqual(plan.copies.map(({ copy }) => copy.to).toSorted(), [
    "/etc/pki/tls/certs/two-a.pem",
    "/etc/pki/tls/private/a.key",
    "/etc/pki/tls/private/two-a.key",
  ]);
});

test("no copy is offered of a file that a worker reads as well", async () => {
  for (const text of [
    tls("ssl_certificate_key /root/a/site.key;", "location / { auth_jwt_key_file /root/a/site.key; }"),
    tls("auth_jwt_key_file /root/a/site.key;"),
  ]) {
    const analysis = await analysed(release("rhel9"), text);
    const offers = offered(analysis).get("/root/a/site.key");
    assert.ok(offers !== undefined && offers.length > 0 && !ids(offers).includes("copy"));
  }
});

test("script and playbook copy and name the directive; role and module list the copy as left", async () => {
  const analysis = await analysed(release("rhel9"), tls("ssl_certificate_key /root/a/site.key;"));
  const place = "/etc/nginx/nginx.conf:4 /root/a/site.key becomes /etc/pki/tls/private/site.key";
  const script = textOfPlan("script", analysis);
  assert.match(script, /^ {2}copy 600 \/root\/a\/site\.key \/etc\/pki\/tls\/private\/site\.key$/mu);
  assert.ok(script.includes(`# - at ${place}\n`));
  const playbook = textOfPlan("ansible", analysis);
  assert.match(playbook, /ansible\.builtin\.copy:\n +src: "\/root\/a\/site\.key"\n(?: .*\n)*? +mode: "0600"/u);
  assert.ok(playbook.includes(`- "at ${place}"\n`));
  for (const format of ["ansible-role", "cil"] as const) {
    const text = textOfPlan(format, analysis);
    assert.match(text, /copies no file\. Copy .* \/etc\/pki\/tls\/private\/site\.key/u);
    assert.doesNotMatch(text, /Nothing has to be changed/u);
  }
  assert.deepEqual(modulePlanOf(analysis).rules, []);
});

test("a socket that no command helps is listed with its move: the commands first, then the place", async () => {
  const text = "events {}\nhttp { server { location / { proxy_pass http://unix:/run/blog.sock; } } }\n";
  const [left] = planOf(await analysed(release("rhel9"), text)).uncleared;
  assert.match(
    left?.reason ?? "",
    /Move the socket to \/run\/blog\/blog\.sock .*; first run: sudo semanage fcontext .*; sudo restorecon -Rv \/run\/blog; at \/etc\/nginx\/nginx\.conf:2 unix:\/run\/blog\.sock becomes unix:\/run\/blog\/blog\.sock/u,
  );
});
