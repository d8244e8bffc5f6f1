/** Plans of whole configurations: what they choose, and what holds for random policies and configurations. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import type { Analysis } from "../../server/src/analysis/analysis.ts";
import type { Finding } from "../../server/src/analysis/finding.ts";
import type { Access } from "../../server/src/nginx/access.ts";
import type { Plan } from "../../server/src/fixes/plan/plan.ts";
import { isNeverOffered } from "../../server/src/fixes/purpose.ts";
import { accessAfter } from "../../server/src/offers/accessAfter.ts";
import { modulePlanOf, planOf, plannedFix } from "../../server/src/offers/planAnalysis.ts";
import type { Change, Policy } from "../../server/src/selinux/policy.ts";
import { releases } from "../support/bundledPolicies.ts";
import { analysed, site } from "../support/planned.ts";
import { bundled, configuration, tiny } from "../support/randomConfigurations.ts";
import { tinyPolicy } from "../support/tinyPolicy.ts";
import { release } from "./situation.ts";

/** The changes in a few words each. */
function brief(plan: Plan): readonly string[] {
  return plan.steps.map(({ change }) => words(change));
}

function words(change: Change): string {
  switch (change.kind) {
    case "port":
      return `${change.protocol} ${change.low}${change.high === change.low ? "" : `-${change.high}`} ${change.type}`;
    case "boolean":
      return `${change.name}=${change.value ? "on" : "off"}`;
    case "fileContext":
      return `${change.spec} ${change.type}`;
    case "allow":
      return `allow ${change.target} ${change.cls} ${change.permission}`;
    case "label":
    case "restore":
      return `${change.kind} ${change.path}`;
  }
}

async function planFor(policy: Policy, text: string): Promise<readonly string[]> {
  return brief(planOf(await analysed(policy, text)));
}

test("ports without a service share the one boolean that their label needs, and neighbours share a record", async () => {
  const backends = ["127.0.0.1:4811", "127.0.0.1:4812", "127.0.0.1:4813", "127.0.0.1:5173"];
  assert.deepEqual(await planFor(release("rhel9"), site(backends)), [
    "tcp 4811-4813 http_port_t",
    "tcp 5173 http_port_t",
    "httpd_graceful_shutdown=on",
  ]);
});

test("on RHEL 7 the label is enough", async () => {
  assert.deepEqual(await planFor(release("rhel7"), site(["127.0.0.1:4000"])), ["tcp 4000 http_port_t"]);
});

test("a boolean that is needed anyway takes the place of others, and of labels of ports that it opens", async () => {
  const backends = ["127.0.0.1:8080", "127.0.0.1:443", "127.0.0.1:45000", "127.0.0.1:4000"];
  assert.deepEqual(await planFor(release("rhel9"), site(backends)), [
    "tcp 4000 http_port_t",
    "httpd_can_network_relay=on",
  ]);
});

test("what opens everything is not in a plan where narrow commands will do", async () => {
  for (const name of releases) {
    const plan = await planFor(release(name), site(["127.0.0.1:3000", "127.0.0.1:5432", "127.0.0.1:8081"]));
    assert.ok(!plan.includes("httpd_can_network_connect=on"), plan.join());
  }
});

test("a listen and a connection share the label of a port; a range holds the ports inside it", async () => {
  const text = site(["127.0.0.1:8205"], "    listen 8200-8210;");
  assert.deepEqual(await planFor(release("rhel9"), text.replace("8200-8210", "127.0.0.1:8200-8210")), [
    "tcp 8200-8210 http_port_t",
    "httpd_graceful_shutdown=on",
  ]);
});

test("a directory inside another one with the same label needs no spec of its own", async () => {
  const plan = planOf(await analysed(release("rhel9"), site(["unix:/run/app/a.sock", "unix:/run/app/run/b.sock"])));
  assert.deepEqual(
    brief(plan).filter((line) => line.startsWith("/")),
    ["/var/run/app(/.*)? httpd_var_run_t"],
  );
  assert.deepEqual(plan.restore, ["/run/app"]);
});

test("what no lasting command clears is listed with the reason", async () => {
  const plan = planOf(await analysed(release("rhel9"), site(["unix:/run/top.sock"])));
  const [label] = plan.uncleared;
  assert.match(label?.title ?? "", /unix socket \/run\/top\.sock \(\/etc\/nginx\/nginx\.conf:5\)/);
  assert.match(label?.reason ?? "", /does not last\. .*RuntimeDirectory/);
});

test("a directory gets one label, also where files and a socket in it are asked for", async () => {
  const text = site(["unix:/srv/run/a.sock"], "    location /files { root /srv/run; }");
  for (const name of releases) {
    const analysis = await analysed(release(name), text);
    const plan = planOf(analysis);
    const specs = plan.steps.flatMap(({ change }) => (change.kind === "fileContext" ? [change.spec] : []));
    assert.ok(specs.length > 0);
    assert.equal(new Set(specs).size, specs.length, brief(plan).join());
    const left = stillRefused(analysis, release(name).with(plan.steps.map(({ change }) => change)));
    assert.equal(left.length, plan.uncleared.length, left.join());
  }
});

test("a configuration that is allowed everything needs no change", async () => {
  const plan = planOf(
    await analysed(release("rhel9"), site(["unix:/run/php-fpm/www.sock"]).replace("proxy", "fastcgi")),
  );
  assert.deepEqual(
    [plan.uncleared, plan.restore, brief(plan)].flat().filter((each) => !String(each).startsWith("allow")),
    [],
  );
});

test("a change that would take away what is allowed now is not made", async () => {
  const policy = tinyPolicy({
    ports: ["tcp 80 http_port_t", "tcp 7000 cluster_port_t"],
    allow: {
      "tcp_socket name_bind": { always: ["cluster_port_t"] },
      "tcp_socket name_connect": { always: ["http_port_t"] },
      "udp_socket name_bind": {},
    },
  });
  const plan = planOf(
    await analysed(policy, "events {} stream { server { listen 7000; proxy_pass 127.0.0.1:7000; } }"),
  );
  assert.deepEqual(brief(plan), ["allow cluster_port_t tcp_socket name_connect"]);
  assert.deepEqual(plan.uncleared, []);
});

test("a module gives types of its own to unowned ports and leaves services their ports", async () => {
  const text = site(["127.0.0.1:4000", "127.0.0.1:5432", "127.0.0.1:443"], "    listen 8888;");
  const plan = modulePlanOf(await analysed(release("rhel9"), text));
  assert.deepEqual(plan.labels.map(words), ["tcp 8888 nginx_site_listen_port_t", "tcp 4000 nginx_site_port_t"]);
  assert.deepEqual(plan.rules.map(words), [
    "allow http_port_t tcp_socket name_connect",
    "allow nginx_site_listen_port_t tcp_socket name_bind",
    "allow nginx_site_port_t tcp_socket name_connect",
    "allow postgresql_port_t tcp_socket name_connect",
  ]);
  assert.deepEqual(plan.commands, []);
  assert.deepEqual(plan.uncleared, []);
});

test("a port that is listened on already may still be when a module labels it", async () => {
  const text = "events {} stream { server { listen 9990; proxy_pass 127.0.0.1:9990; } }";
  const plan = modulePlanOf(await analysed(release("rhel9"), text));
  assert.deepEqual(plan.uncleared, []);
});

/** What the rules still refuse under a policy of what they refused, each target once; the copies of the plan are made. */
function stillRefused(analysis: Analysis, policy: Policy): readonly string[] {
  return refusedAfter(analysis, policy, (access, { verdict }) => {
    const edit = verdict === null ? undefined : plannedFix(analysis, verdict)?.edit;
    return edit === undefined ? access : accessAfter(access, edit);
  });
}

/** The same of the accesses that `edited` makes of those that were refused. */
function refusedAfter(
  analysis: Analysis,
  policy: Policy,
  edited: (access: Access, finding: Finding) => Access,
): readonly string[] {
  const after = analysis.evaluator.under(policy);
  const seen = new Set<unknown>();
  return analysis.findings.flatMap((finding) => {
    const { rules, access, verdict, message } = finding;
    if (access === null || verdict?.decision?.verdict !== "denied" || seen.has(verdict)) return [];
    seen.add(verdict);
    return after.refusal(edited(access, finding), rules) === null ? [] : [message];
  });
}

/** The configuration once it names the copies of a plan. */
function withCopies(text: string, { copies }: Plan): string {
  const lines = text.split("\n");
  for (const { line, before, after } of copies.flatMap(({ places }) => places)) {
    const now = lines[line - 1] ?? "";
    assert.ok(now.includes(before));
    lines[line - 1] = now.replace(before, after);
  }
  return lines.join("\n");
}

test("a plan clears every refusal but those that it lists, and takes nothing away", async () => {
  let steps = 0;
  await fc.assert(
    fc.asyncProperty(fc.oneof(bundled, tiny), configuration, async (policy, text) => {
      const analysis = await analysed(policy, text);
      const plan = planOf(analysis);
      steps += plan.steps.length;
      const after = policy.with(plan.steps.map(({ change }) => change));
      const left = stillRefused(analysis, after);
      assert.ok(left.length <= plan.uncleared.length, `${left.join("\n")}\nlisted: ${JSON.stringify(plan.uncleared)}`);
      for (const { change } of plan.steps) {
        assert.ok(change.kind !== "boolean" || !isNeverOffered(change.name));
        assert.notEqual(change.kind, "label");
      }
      const again = await analysed(after, withCopies(text, plan));
      assert.equal(stillRefused(again, after).length, left.length, "something new is refused");
    }),
    { numRuns: 400 },
  );
  assert.ok(steps > 400);
});

test("without any change of a plan something is refused again: nothing in it is superfluous", async () => {
  await fc.assert(
    fc.asyncProperty(bundled, configuration, async (policy, text) => {
      const analysis = await analysed(policy, text);
      const changes = planOf(analysis).steps.map(({ change }) => change);
      const left = new Set(stillRefused(analysis, policy.with(changes)));
      for (const change of changes) {
        // A key has a label of its own even where something else needs the boolean that opens all homes.
        if (change.kind === "fileContext" && change.type === "cert_t") continue;
        // A directory keeps the label of its purpose inside of another one whose label would do too.
        if (change.kind === "fileContext" && changes.some((each) => isInside(change, each))) continue;
        const without = policy.with(changes.filter((each) => each !== change));
        assert.ok(
          // Not how many: where two targets exclude each other, the other one may be cleared instead.
          stillRefused(analysis, without).some((message) => !left.has(message)) || isNeededAlone(analysis, change),
          `${words(change)} of ${changes.map(words).join(", ")}`,
        );
      }
    }),
    { numRuns: 150 },
  );
});

/**
 * True where a finding's own fix has the change, or a part of it: each fix clears its finding alone, whatever else is
 * done, so two findings may each need a change that both together would not.
 */
function isNeededAlone(analysis: Analysis, change: Change): boolean {
  const { policy } = analysis.context;
  return analysis.findings.some(({ verdict, access, rules }) => {
    const fix = verdict === null ? undefined : plannedFix(analysis, verdict);
    if (fix === undefined || access === null) return false;
    const without = fix.changes.filter((each) => !isSamePart(each, change));
    if (without.length === fix.changes.length) return false;
    return analysis.evaluator.under(policy.with(without)).refusal(access, rules) !== null;
  });
}

/** True for equal changes, and for the label of a port inside of a range that gets it. */
function isSamePart(part: Change, whole: Change): boolean {
  if (part.kind !== "port" || whole.kind !== "port") return words(part) === words(whole);
  return part.protocol === whole.protocol && part.low <= whole.high && whole.low <= part.high;
}

function isInside(inner: Change, outer: Change): boolean {
  if (inner.kind !== "fileContext" || outer.kind !== "fileContext") return false;
  const top = outer.spec.replace("(/.*)?", "");
  return inner.spec.startsWith(`${top}/`) && inner.type !== outer.type;
}

test("the records of a plan do not overlap: semanage would refuse them", async () => {
  await fc.assert(
    fc.asyncProperty(fc.oneof(bundled, tiny), configuration, async (policy, text) => {
      const analysis = await analysed(policy, text);
      const module = modulePlanOf(analysis);
      for (const changes of [
        planOf(analysis).steps.map(({ change }) => change),
        [...module.labels, ...module.commands],
      ]) {
        const records = changes.flatMap((change) => (change.kind === "port" ? [change] : []));
        for (const [index, record] of records.entries())
          for (const other of records.slice(index + 1))
            assert.ok(
              record.protocol !== other.protocol || record.high < other.low || other.high < record.low,
              `${words(record)}, ${words(other)}`,
            );
      }
    }),
    { numRuns: 100 },
  );
});

test("a module clears every refusal but those that it lists, with labels, rules and the commands beside it", async () => {
  let cleared = 0;
  await fc.assert(
    fc.asyncProperty(fc.oneof(bundled, tiny), configuration, async (policy, text) => {
      const analysis = await analysed(policy, text);
      const plan = modulePlanOf(analysis);
      const after = policy.with([...plan.labels, ...plan.commands, ...plan.fileContexts, ...plan.rules]);
      const left = refusedAfter(analysis, after, (access) => access);
      cleared += refusedAfter(analysis, policy, (access) => access).length - left.length;
      assert.ok(left.length <= plan.uncleared.length, left.join("\n"));
      const allowed = new Set(plan.rules.map(({ target, cls, permission }) => `${target} ${cls} ${permission}`));
      for (const { verdict, access } of analysis.findings) {
        if (verdict?.decision?.verdict !== "denied" || access === null || !("port" in access)) continue;
        const { port: first, protocol, kind } = access;
        const type = [...plan.labels, ...plan.commands].find((record) => {
          return record.protocol === protocol && record.low <= (first ?? 0) && (first ?? 0) <= record.high;
        })?.type;
        const permission = kind === "bind" ? "name_bind" : "name_connect";
        if (type !== undefined) assert.ok(allowed.has(`${type} ${protocol}_socket ${permission}`), type);
      }
      for (const record of plan.labels) assert.ok(!policy.definesPort(record.protocol, record.low, record.high));
      assert.ok(plan.rules.every(({ target }) => !/^(un)?reserved_port_t$|^ephemeral_port_t$/u.test(target)));
    }),
    { numRuns: 200 },
  );
  assert.ok(cleared > 200);
});

test("the plan of every port is made in about the time of the analysis", async () => {
  const backends = Array.from({ length: 20_000 }, (_, index) => `127.0.0.1:${1024 + index * 3}`);
  const analysis = await analysed(release("rhel9"), site(backends));
  const plan = planOf(analysis);
  assert.deepEqual(plan.uncleared, []);
  assert.ok(plan.steps.length > 1000);
});
