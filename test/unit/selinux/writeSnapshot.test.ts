import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { binaryFacts } from "../../../server/src/selinux/binary/binaryFacts.ts";
import { renderCondition } from "../../../server/src/selinux/conditions.ts";
import { hostLabels } from "../../../server/src/selinux/hostLabels.ts";
import { policyOf } from "../../../server/src/selinux/model.ts";
import type { PolicyFacts, RuleAnswer } from "../../../server/src/selinux/policy.ts";
import type { FileKind } from "../../../server/src/selinux/fileContextLists.ts";
import { SnapshotError, snapshotFacts } from "../../../server/src/selinux/files/snapshot.ts";
import { writeSnapshot } from "../../../server/src/selinux/files/writeSnapshot.ts";
import { encodePolicy } from "../../support/policies/encoder.ts";
import { webPolicy } from "../../support/policies/webPolicy.ts";

const labels = hostLabels({
  base: [
    "/.* system_u:object_r:content_t:s0",
    "/var/run(/.*)? system_u:object_r:run_t:s0",
    "/var/run/x -s system_u:object_r:nginx_t:s0",
    "/tmp(/.*)? <<none>>",
  ].join("\n"),
  homedirs: "/home/[^/]+(/.*)? system_u:object_r:secret_t:s0",
  local: "/srv/app(/.*)? system_u:object_r:httpd_tmp_t:s0",
  subs: "/opt/app /srv/app",
  subsDist: "/run /var/run",
});
const info = { source: "binary", name: "x", title: "X", provenance: "p", mode: "assumed", exactLabels: true } as const;
const names = { name: "shop", title: "The shop's host", provenance: "selinux-policy-1.2.3" };
const paths = ["/", "/run/x", "/var/run/y", "/tmp/z", "/home/me/site", "/srv/app/s", "/opt/app/s", "/opt/other"];
const kinds: readonly FileKind[] = ["file", "dir", "sock"];

function factsOf(version: number): PolicyFacts & ReturnType<typeof binaryFacts> {
  return binaryFacts(encodePolicy(webPolicy(version)), info, labels);
}

function answer(rules: RuleAnswer): unknown {
  return rules.known ? rules.conditions.map(renderCondition).toSorted() : "unknown";
}

for (const version of [25, 30, 33, 35]) {
  test(`a snapshot of a policy of version ${version} gives the same answers`, () => {
    const facts = factsOf(version);
    const written = writeSnapshot(facts, ["httpd_t", "child_t"], names);
    const read = snapshotFacts(JSON.stringify(written), "snapshot");
    assert.deepEqual(read.domains, ["httpd_t", "child_t"]);
    assert.equal(read.domain, "httpd_t");
    assert.deepEqual(read.booleans, facts.booleans);
    const [ours, theirs] = [policyOf(read), policyOf(facts)];
    for (const protocol of ["tcp", "udp"] as const) {
      for (let port = 0; port <= 65535; port += 7)
        assert.equal(ours.portType(protocol, port), theirs.portType(protocol, port));
    }
    let asked = 0;
    for (const key of Object.keys(written.rules["httpd_t"] ?? {})) {
      const [cls = "", permission = ""] = key.split(" ");
      for (const source of ["httpd_t", "child_t"]) {
        for (const type of facts.types) {
          const mine = read.rules(source, type, cls, permission);
          const its = facts.rules(source, type, cls, permission);
          assert.deepEqual(answer(mine), answer(its), `${source} ${type} ${key}`);
          asked++;
        }
      }
    }
    assert.ok(asked > 500);
    for (const path of paths) {
      assert.equal(read.canonicalPath(path), facts.canonicalPath(path));
      for (const kind of kinds) assert.deepEqual(read.label(path, kind), facts.label(path, kind), `${kind} ${path}`);
    }
    for (const spec of ["/srv/app(/.*)?", "/var/run(/.*)?", "/home/[^/]+(/.*)?", "/var/run/x", "/none"])
      assert.equal(read.definesFileContext(spec), facts.definesFileContext(spec), spec);
    for (const type of [...facts.types, ...facts.aliases.keys(), "no_such_t"]) {
      assert.equal(read.resolveType(type), facts.resolveType(type), type);
      assert.equal(read.isPermissive(type), facts.isPermissive(type), type);
      assert.equal(read.processTransition("init_t", type), facts.processTransition("init_t", type), type);
      for (const cls of ["file", "dir", "sock_file"]) {
        for (const name of [undefined, "web.sock", "db.sock", "other"]) {
          assert.equal(
            read.fileTransition("httpd_t", type, cls, name),
            facts.fileTransition("httpd_t", type, cls, name),
            `${type} ${cls} ${name}`,
          );
        }
      }
    }
  });
}

test("a snapshot carries its names, and its labels are certain", () => {
  const read = snapshotFacts(writeSnapshot(factsOf(33), ["httpd_t"], names), "snapshot");
  assert.deepEqual(read.info, { source: "snapshot", ...names, mode: "assumed", exactLabels: true });
});

test("a policy file without file contexts gives a snapshot that knows no label", () => {
  const facts = binaryFacts(encodePolicy(webPolicy(33)), { ...info, exactLabels: false });
  const read = snapshotFacts(writeSnapshot(facts, ["httpd_t"], names), "snapshot");
  assert.deepEqual(read.label("/run/x", "sock"), { type: null, exact: false, spec: null });
});

test("a snapshot that version 0.1 wrote is read; what it lacks is unknown", () => {
  const text = readFileSync(new URL("../../fixtures/policies/snapshot-0.1.json", import.meta.url), "utf8");
  const facts = snapshotFacts(text, "snapshot");
  const policy = policyOf(facts);
  assert.equal(facts.info.provenance, "written by version 0.1");
  assert.equal(policy.check("httpd_t", "http_port_t", "tcp_socket", "name_bind").verdict, "allowed");
  assert.equal(policy.check("httpd_t", "secret_t", "file", "read").verdict, "denied");
  assert.deepEqual(facts.label("/run/x", "sock"), { type: "run_t", exact: true, spec: "/var/run(/.*)?" });
  assert.deepEqual(facts.label("/opt/app/x", "file"), { type: "httpd_tmp_t", exact: true, spec: "/srv/app(/.*)?" });
  assert.ok(facts.definesFileContext("/srv/app(/.*)?"));
  // Today's snapshots answer this one: it is a dontaudit rule of that policy.
  assert.equal(policyOf(factsOf(33)).dontaudit("httpd_t", "secret_t", "file", "read").verdict, "silent");
  assert.deepEqual(policy.dontaudit("httpd_t", "secret_t", "file", "read"), {
    verdict: "unknown",
    reason: "The shop's host has no dontaudit rules",
  });
  assert.equal(policy.check("httpd_t", "httpd_t", "process", "execmem").verdict, "unknown");
});

test("what cannot be listed, and a domain that the policy lacks, are refused", () => {
  const snapshot = snapshotFacts(writeSnapshot(factsOf(33), ["httpd_t"], names), "snapshot");
  assert.throws(() => writeSnapshot(snapshot, ["httpd_t"], names), SnapshotError);
  assert.throws(() => writeSnapshot(factsOf(33), ["no_such_t"], names), /no type no_such_t/);
  assert.throws(() => writeSnapshot(factsOf(33), [], names), SnapshotError);
});
