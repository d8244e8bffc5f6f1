/** Messages of every rule, on every release, mode and kind of host: their form, and that their beginnings differ. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { nginxSyntax } from "../../server/src/rules/nginxSyntax.ts";
import { deniedInLog } from "../../server/src/rules/deniedInLog.ts";
import { createEvaluator } from "../../server/src/analysis/evaluator.ts";
import type { Access } from "../../server/src/nginx/access.ts";
import { accessRules, ruleInfos } from "../../server/src/rules/index.ts";
import { shortened } from "../../server/src/rules/message.ts";
import type { RuleContext } from "../../server/src/rules/context.ts";
import { fileUses } from "../../server/src/selinux/filePermissions.ts";
import { policyOf } from "../../server/src/selinux/model.ts";
import type { Policy } from "../../server/src/selinux/policy.ts";
import { releases } from "../support/bundledPolicies.ts";
import { hostFixture } from "../support/hostFixture.ts";
import { APART, assertForm } from "../support/messageForm.ts";
import { contextOf, file, informed, judge, limit, listen, listenUnix, release, right, tcp, unix } from "./situation.ts";

const sites = ["shop", "shop-2", "a-shop", "blog.example.com", "a.very.long.name.of.a.site.example.com"];
const below = ["/home/deploy/sites", "/srv", "/data/www/customers/production", "/root", "/var/lib/app", "/mnt/share"];
const paths = [
  ...below.flatMap((directory) => sites.map((site) => `${directory}/${site}/current`)),
  "/run/app.sock",
  "/run/app/app.sock",
  "/tmp/app.sock",
  "/var/run/a b/app.sock",
  "/usr/local/nginx/conf",
  "/srv/caf\u00e9/\u0007/\u202e",
];
const ports = [22, 80, 143, 443, 3000, 3128, 5432, 6379, 7001, 8000, 8080, 8081, 9090, 27017, 50051];

const accesses: readonly Access[] = [
  ...ports.flatMap((port) => [tcp(port), listen("tcp", port), listen("udp", port)]),
  ...[7000, 8000, 8079].flatMap((low) => [listen("tcp", low, low + 9), listen("udp", low, low + 999)]),
  ...paths.flatMap((path) => [unix(path), unix(path, { socket: "dgram" }), unix(path, { directive: "fastcgi_pass" })]),
  ...paths.map((path) => listenUnix(path)),
  ...fileUses.flatMap((use) => paths.flatMap((path) => [file(use, path), file(use, null, { below: path })])),
  limit,
  { ...limit, resource: "core", directive: "worker_rlimit_core" },
  right("net_raw"),
  right("execmem"),
];

/** What tells a target from another. */
function targetOf(access: Access): string {
  if (access.protocol === "file") return access.path ?? `${access.below}/*`;
  if (access.protocol === "unix") return `${access.path}`;
  if (access.protocol === "process") return access.directive;
  return `${access.protocol} ${access.port} ${access.kind === "bind" ? access.lastPort : access.port}`;
}

const seen = new Set<string>();

/** Holds every message to the form, and equal beginnings to equal targets. */
function hold(policy: Policy, context: Partial<RuleContext>, all: readonly Access[]): void {
  const begun = new Map<string, string>();
  const evaluator = createEvaluator({ ...contextOf(policy), ...context }, accessRules);
  for (const access of all) {
    for (const { rule, verdict } of evaluator.judge(access).said) {
      const { message } = verdict;
      seen.add(rule.id);
      assertForm(message);
      const beginning = `${rule.id} ${message.slice(0, APART)}`;
      const target = targetOf(access);
      assert.equal(begun.get(beginning) ?? target, target, `two targets begin alike: ${message}`);
      begun.set(beginning, target);
    }
  }
}

suite("every message of every rule", () => {
  test("has its form on every release, and tells one target from another in its first 70 characters", () => {
    for (const name of releases) hold(release(name), {}, accesses);
    assert.ok(seen.size >= 7, [...seen].join());
  });

  test("has its form where a target is one of several, and where it is not known", () => {
    for (const certainty of ["one-of", "unknown"] as const) {
      const reason = `$backend is ${"one of the values of a map ".repeat(9)}`;
      const doubted = accesses.map((access) => ({ ...access, certainty, reason }));
      hold(release("rhel9"), {}, certainty === "one-of" ? doubted : []);
      for (const access of [tcp(null), unix(null), listen("tcp", null)])
        for (const { message } of judge(release("rhel9"), { ...access, certainty, reason })) assertForm(message);
    }
  });

  test("has its form where SELinux does not enforce", () => {
    for (const mode of ["permissive", "disabled"] as const)
      hold(informed(release("rhel9"), { mode, title: `A release with ${"a long name ".repeat(20)}` }), {}, accesses);
  });

  test("has its form on a host whose labels and services are known, and says no word of bundled labels", () => {
    const { facts } = informed(release("rhel9"), { source: "live", mode: "enforcing", exactLabels: true });
    const host = hostFixture(facts, [
      "boolean httpd_can_network_relay=on",
      ...paths.flatMap((path) => (/[^!-~]/u.test(path) ? [] : [`label ${path} user_home_t dir`])),
      "label /srv/shop httpd_sys_content_t dir",
      "label /var/www/moved user_home_t dir",
      "peer /run/app/app.sock unconfined_service_t",
    ]);
    const policy = policyOf(facts, host.changes);
    const more = [file("content", "/srv/shop"), file("content", "/var/www/moved")];
    hold(policy, { ...contextOf(policy), host }, [...accesses, ...more]);
    const [moved] = judge(policy, file("content", "/var/www/moved"), { host });
    assert.match(moved?.message ?? "", /user_home_t.*It should have httpd_sys_content_t: run restorecon\.$/u);
    for (const access of [...more, unix("/run/app.sock"), file("config", null, { below: "/srv/shop/current" })])
      for (const { message, because } of judge(policy, access, { host }))
        assert.doesNotMatch([message, ...because].join("\n"), /bundled/u);
  });

  test("is asked for above, or is held to its form with the fixtures of its rule", () => {
    const elsewhere = [
      "container-mount",
      "not-confined",
      "over-broad",
      "unix-permissions",
      nginxSyntax.id,
      deniedInLog.id,
    ];
    const rules = accessRules.map(({ id }) => id);
    assert.deepEqual(
      rules.filter((id) => !seen.has(id) && !elsewhere.includes(id)),
      [],
    );
    assert.deepEqual(
      ruleInfos.map(({ id }) => id).filter((id) => !seen.has(id) && !elsewhere.includes(id)),
      [],
    );
  });
});

test("a long path loses its middle, never its end", () => {
  assert.equal(shortened("/srv/www", 20), "/srv/www");
  assert.equal(shortened("/home/deploy/sites/shop/current/public", 24), "/home/d...current/public");
  assert.equal(shortened("\u{1f600}".repeat(30), 12), `${"\u{1f600}".repeat(3)}...${"\u{1f600}".repeat(6)}`);
});
