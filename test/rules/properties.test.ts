/** What holds for every port, path, release and state of the booleans. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import * as fc from "fast-check";
import { isNeverOffered, isServiceType } from "../../server/src/fixes/purpose.ts";
import type { Access } from "../../server/src/nginx/access.ts";
import { decide } from "../../server/src/selinux/decide.ts";
import type { Change, Policy } from "../../server/src/selinux/policy.ts";
import type { Query } from "../../server/src/selinux/query.ts";
import { releases } from "../support/bundledPolicies.ts";
import { contextOf, file, judge, listen, release, tcp, unix } from "./situation.ts";
import type { Said } from "./situation.ts";

const booleans = [
  "httpd_can_network_connect",
  "httpd_can_network_relay",
  "httpd_graceful_shutdown",
  "httpd_can_network_redis",
  "httpd_can_network_connect_db",
  "httpd_use_openstack",
  "nis_enabled",
  "kerberos_enabled",
];
const commandsSeen = new Set<string>();

const changes: fc.Arbitrary<readonly Change[]> = fc.uniqueArray(
  fc.record({ kind: fc.constant("boolean" as const), name: fc.constantFrom(...booleans), value: fc.boolean() }),
  { selector: (change) => change.name, maxLength: 3 },
);
const policies = fc.tuple(fc.constantFrom(...releases), changes).map(([name, state]) => release(name, ...state));
const ports = fc.oneof(fc.integer({ min: 1, max: 65535 }), fc.constantFrom(22, 80, 443, 3000, 6379, 8080, 8081, 50051));

test("every fix for a connection clears it, and offers nothing that must not be offered", () => {
  fc.assert(
    fc.property(policies, ports, (policy, port) => {
      const query: Query = { kind: "connect-port", source: "httpd_t", protocol: "tcp", port };
      holds(policy, judge(policy, tcp(port)), [query], "connect-port");
    }),
    { numRuns: 1500 },
  );
});

test("every fix for a listen clears every port of it, with labels or a rule on the type of its one port", () => {
  const ranges = fc.tuple(ports, fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 300 })));
  fc.assert(
    fc.property(policies, fc.constantFrom("tcp" as const, "udp" as const), ranges, (policy, protocol, [low, more]) => {
      const high = Math.min(low + more, 65535);
      const queries: Query[] = [];
      for (let port = low; port <= high; port++) queries.push({ kind: "bind-port", source: "httpd_t", protocol, port });
      const said = judge(policy, listen(protocol, low, high));
      holds(policy, said, queries, "listen-port");
      for (const change of said.flatMap(({ fixes }) => fixes).flatMap(({ changes }) => changes)) {
        if (change.kind !== "allow") assert.equal(change.kind, "port");
        else {
          const own = queries.some(
            (query) => query.kind === "bind-port" && policy.portType(protocol, query.port) === change.target,
          );
          assert.ok(own && change.permission === "name_bind", change.target);
        }
      }
    }),
    { numRuns: 500 },
  );
});

const names = fc.oneof(
  fc.constantFrom(
    "run",
    "var",
    "tmp",
    "srv",
    "opt",
    "home",
    "cache",
    "nginx",
    "php-fpm",
    "redis",
    "sockets",
    "app",
    "..",
  ),
  fc.string({ unit: "grapheme", minLength: 1, maxLength: 8 }).filter((name) => !name.includes("/") && name !== "."),
  fc.string({ unit: fc.constantFrom(..."'\"\\$`*?[](){}|&;<> #~-\n\t\uFFFD".split("")), minLength: 1, maxLength: 6 }),
);
const paths = fc.array(names, { minLength: 1, maxLength: 5 }).map((parts) => `/${parts.join("/")}`);

test("every fix for a socket clears it, with labels or a rule on another service's own type", () => {
  fc.assert(
    fc.property(policies, paths, (policy, path) => {
      const said = judge(policy, unix(path));
      holds(policy, said, [{ kind: "connect-socket", source: "httpd_t", path }], "connect-socket");
      for (const { fixes } of said.filter(({ rule }) => rule === "connect-socket")) {
        for (const change of fixes.flatMap(({ changes }) => changes)) {
          if (change.kind === "allow") assert.ok(isServiceType(change.target), change.target);
          else assert.ok(change.kind === "fileContext" || change.kind === "label", change.kind);
        }
        assert.ok(fixes.every((fix) => fix.durable === (fix.id !== "chcon")));
      }
    }),
    { numRuns: 1500 },
  );
});

test("messages and evidence are single lines without control characters", () => {
  fc.assert(
    fc.property(policies, paths, (policy, path) => {
      const accesses: readonly Access[] = [
        unix(path),
        tcp(3000, { certainty: "one-of", reason: path }),
        tcp(null, { reason: path }),
      ];
      for (const said of accesses.flatMap((access) => judge(policy, access))) {
        for (const text of [said.message, ...said.because, ...said.fixes.flatMap((fix) => [fix.title, fix.opens])]) {
          assert.doesNotMatch(text, /[\p{Cc}\p{Zl}\p{Zp}]/u);
        }
      }
    }),
    { numRuns: 300 },
  );
});

/** The findings agree with the policy, and each of their fixes does what it says. */
function holds(policy: Policy, said: readonly Said[], queries: readonly Query[], rule: string): void {
  const context = contextOf(policy);
  const verdicts = queries.map((query) => decide(policy, query, context).verdict);
  const found = said.filter((each) => each.rule === rule);
  assert.equal(found.length, verdicts.includes("denied") ? 1 : 0);
  for (const { fixes } of found) {
    assert.equal(new Set(fixes.map((fix) => fix.id)).size, fixes.length);
    for (const fix of fixes) {
      const after = policy.with(fix.changes);
      for (const query of queries)
        assert.equal(decide(after, query, context).verdict, "allowed", fix.commands.join("\n"));
      for (const change of fix.changes) changeIsMeant(policy, change, fix.commands);
      if (fix.id === "broad-boolean") assert.equal(fix, fixes.at(-1));
      for (const command of [...fix.commands, ...fix.undo]) commandsSeen.add(command);
    }
  }
}

function changeIsMeant(policy: Policy, change: Change, commands: readonly string[]): void {
  switch (change.kind) {
    case "boolean":
      assert.ok(!isNeverOffered(change.name), change.name);
      assert.equal(policy.booleans.get(change.name), false, `${change.name} is on already or does not exist`);
      assert.ok(commands.includes(`sudo setsebool -P ${change.name} on`));
      break;
    case "port": {
      assert.equal(change.type, "http_port_t");
      const verb = policy.definesPort(change.protocol, change.low, change.high) ? "-m" : "-a";
      const range = change.low === change.high ? `${change.low}` : `${change.low}-${change.high}`;
      assert.ok(commands.includes(`sudo semanage port ${verb} -t http_port_t -p ${change.protocol} ${range}`));
      break;
    }
    case "fileContext":
    case "label":
      assert.equal(change.type, "httpd_var_run_t");
      break;
    case "restore":
      assert.ok(commands.includes("sudo restorecon"));
      break;
    case "allow":
      assert.ok(commands.some((command) => command.includes(`(allow ${change.source} ${change.target} (`)));
  }
}

const uses = fc.constantFrom(
  ...(["config", "certificate", "code", "content", "listing", "dav", "log", "cache", "temp", "store", "pid"] as const),
);

const shared = ["/", "/home", "/srv", "/opt", "/var", "/var/lib", "/var/cache", "/var/log", "/run", "/var/run"];

const KEPT = /^\/(etc|usr|bin|boot|dev|proc|root|sys|tmp|var\/tmp)(\/|$)/u;

test("every fix for a file clears it, gives away no place of the system, and opens no more than it says", () => {
  let fixesSeen = 0;
  fc.assert(
    fc.property(policies, uses, paths, (policy, use, path) => {
      const access = file(use, path);
      for (const { rule, decision, fixes } of judge(policy, access)) {
        assert.equal(rule, access.kind === "read" ? "read-path" : "write-path");
        assert.equal(decision.verdict, "denied");
        for (const fix of fixes) {
          fixesSeen++;
          assert.deepEqual(judge(policy.with(fix.changes), access), [], fix.commands.join("\n"));
          for (const change of fix.changes) {
            if (change.kind === "boolean") assert.ok(!isNeverOffered(change.name));
            else if (change.kind === "allow") assert.ok(isServiceType(change.target), change.target);
            else assert.ok(change.kind === "fileContext" || change.kind === "label", change.kind);
          }
          const opened = [...policy.facts.targets("httpd_t", "file", "open").keys()].filter((type) => {
            const before = policy.check("httpd_t", type, "file", "open").verdict;
            return before !== policy.with(fix.changes).check("httpd_t", type, "file", "open").verdict;
          });
          if (opened.length > 0) assert.match(fix.opens, new RegExp(`${opened[0]}|${opened.length} types`, "u"));
          for (const command of [...fix.commands, ...fix.undo]) commandsSeen.add(command);
          if (fix.restore !== null) {
            const kept = use === "certificate" ? /^\/(etc|usr|bin|boot|dev|proc|sys|tmp|var\/tmp)(\/|$)/u : KEPT;
            assert.doesNotMatch(fix.restore, kept);
            assert.ok(!shared.includes(fix.restore), fix.restore);
          }
        }
      }
    }),
    { numRuns: 3000 },
  );
  assert.ok(fixesSeen > 300, `${fixesSeen} fixes`);
});

test("bash accepts every command that was offered above", () => {
  assert.ok(commandsSeen.size > 1000);
  const run = spawnSync("bash", ["--norc", "-n"], { input: [...commandsSeen, ""].join("\n") });
  assert.equal(run.stderr.toString(), "");
  assert.equal(run.status, 0);
});
