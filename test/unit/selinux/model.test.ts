import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { directorySpec, escapePath } from "../../../server/src/fixes/regex.ts";
import { policyOf } from "../../../server/src/selinux/model.ts";
import type { Change, PortRecord } from "../../../server/src/selinux/policy.ts";
import { bundledFacts } from "../../support/bundledPolicies.ts";
import { tinyFacts, tinyPolicy } from "../../support/tinyPolicy.ts";

const port = (low: number, high: number, type: string): Change => ({ kind: "port", protocol: "tcp", low, high, type });

test("the first port record that contains a port decides, whatever its width", () => {
  const policy = tinyPolicy({ ports: ["tcp 8000-8100 wide_port_t", "tcp 8080 narrow_port_t", "udp 8080 udp_port_t"] });
  assert.equal(policy.portType("tcp", 8080), "wide_port_t");
  assert.equal(policy.portType("udp", 8080), "udp_port_t");
  assert.equal(policy.portType("tcp", 9), "port_t");
  assert.equal(policy.portRecord("tcp", 9), null);
  assert.deepEqual(policy.portRecord("tcp", 8100), { protocol: "tcp", low: 8000, high: 8100, type: "wide_port_t" });
});

test("port lookup equals a search through the records in order", () => {
  const record = fc
    .tuple(fc.constantFrom("tcp", "udp", "sctp"), fc.nat(65535), fc.nat(300), fc.nat(9))
    .map(([protocol, low, width, type]) => `${protocol} ${low}-${Math.min(low + width, 65535)} t${type}_t`);
  fc.assert(
    fc.property(fc.array(record, { maxLength: 40 }), fc.array(fc.nat(65535), { maxLength: 50 }), (ports, asked) => {
      const policy = tinyPolicy({ ports });
      const edges = policy.facts.ports.flatMap(({ low, high }) => [low - 1, low, high, high + 1]);
      for (const port of [...asked, 0, 65535, ...edges.filter((edge) => edge >= 0 && edge <= 65535)]) {
        for (const protocol of ["tcp", "udp"] as const) {
          const expected = policy.facts.ports.find(
            (item) => item.protocol === protocol && item.low <= port && port <= item.high,
          );
          assert.equal(policy.portRecord(protocol, port), expected ?? null);
        }
      }
    }),
    { numRuns: 60 },
  );
});

test("records that all cover every port are looked up without being painted one over the other", () => {
  const ports = Array.from({ length: 60_000 }, (_, index) => `tcp 0-65535 t${index}_t`);
  assert.equal(tinyPolicy({ ports }).portType("tcp", 65535), "t0_t");
});

test("local port labels are in front of the policy's, the newest first", () => {
  const policy = tinyPolicy({ ports: ["tcp 8080 http_cache_port_t"] });
  const once = policy.with([port(8000, 8100, "a_port_t")]);
  const twice = once.with([port(8080, 8090, "b_port_t")]);
  assert.equal(once.portType("tcp", 8080), "a_port_t");
  assert.equal(twice.portType("tcp", 8080), "b_port_t");
  assert.equal(twice.portType("tcp", 8000), "a_port_t");
  assert.equal(policy.portType("tcp", 8080), "http_cache_port_t");
  const many = policy.with(Array.from({ length: 100 }, (_, index) => port(9000 - index, 9000 + index, `n${index}_t`)));
  assert.equal(many.portType("tcp", 9000), "n99_t");
  assert.equal(many.portType("tcp", 8080), "http_cache_port_t");
});

test("a port is defined only by a record of exactly that range and protocol", () => {
  const policy = tinyPolicy({ ports: ["tcp 3000-3001 ntop_port_t", "tcp 8080 http_cache_port_t"] });
  assert.ok(policy.definesPort("tcp", 8080, 8080));
  assert.ok(!policy.definesPort("udp", 8080, 8080));
  assert.ok(!policy.definesPort("tcp", 3000, 3000));
  assert.ok(policy.definesPort("tcp", 3000, 3001));
  assert.ok(!policy.definesPort("tcp", 3000, 3002));
  assert.ok(policy.with([port(3000, 3000, "http_port_t")]).definesPort("tcp", 3000, 3000));
});

const web = tinyFacts({
  allow: {
    "tcp_socket name_connect": {
      always: ["dns_port_t"],
      network: ["http_port_t", "port_t"],
      "a && !b": ["http_port_t"],
    },
  },
  booleans: { on: true },
  aliases: { web_port_t: "http_port_t", phpfpm_t: "httpd_t" },
});
const connect = (type: string, changes: readonly Change[] = []) =>
  policyOf(web, changes).check("httpd_t", type, "tcp_socket", "name_connect");
const set = (name: string, value: boolean): Change => ({ kind: "boolean", name, value });

test("a permission is allowed where a condition holds, and by which", () => {
  assert.deepEqual(connect("dns_port_t"), { verdict: "allowed", by: [{ op: "true" }] });
  assert.deepEqual(connect("port_t", [set("network", true)]), {
    verdict: "allowed",
    by: [{ op: "bool", name: "network" }],
  });
  assert.equal(connect("http_port_t", [set("a", true)]).verdict, "allowed");
  assert.equal(connect("http_port_t", [set("a", true), set("b", true)]).verdict, "denied");
  assert.equal(connect("http_port_t", [set("a", true), set("a", false)]).verdict, "denied");
});

test("a denied permission names every condition that would allow it", () => {
  const result = connect("http_port_t");
  assert.equal(result.verdict, "denied");
  assert.equal(result.verdict === "denied" && result.conditions.length, 2);
  assert.deepEqual(connect("httpd_t"), { verdict: "denied", conditions: [] });
});

test("what is no type of the policy is unknown and not denied", () => {
  assert.deepEqual(connect("other_port_t"), { verdict: "unknown", reason: "the policy has no type other_port_t" });
});

test("a class and permission that the table does not have, or a foreign domain, is unknown and not denied", () => {
  const policy = policyOf(web);
  assert.equal(policy.check("httpd_t", "http_port_t", "tcp_socket", "name_bind").verdict, "unknown");
  assert.equal(policy.check("sshd_t", "http_port_t", "tcp_socket", "name_connect").verdict, "unknown");
});

test("aliases stand for their types as source, as target and in changes", () => {
  const policy = policyOf(web, [set("network", true)]);
  assert.equal(policy.check("phpfpm_t", "web_port_t", "tcp_socket", "name_connect").verdict, "allowed");
  const labelled = policy.with([port(3000, 3000, "web_port_t")]);
  assert.equal(labelled.portType("tcp", 3000), "http_port_t");
});

test("an allow rule of a module counts for its own four words only", () => {
  const rule: Change = {
    kind: "allow",
    source: "httpd_t",
    target: "ntop_port_t",
    cls: "tcp_socket",
    permission: "name_connect",
  };
  assert.equal(connect("ntop_port_t", [rule]).verdict, "allowed");
  assert.equal(connect("http_port_t", [rule]).verdict, "denied");
  assert.equal(
    policyOf(web, [{ ...rule, cls: "file", permission: "read" }]).check("httpd_t", "ntop_port_t", "file", "read")
      .verdict,
    "allowed",
  );
});

test("a boolean that the policy does not have changes nothing", () => {
  const policy = policyOf(web, [set("no_such", true)]);
  assert.deepEqual([...policy.booleans], [...web.booleans]);
});

test("equal values of the booleans are one object, by which what the rules come to is known", () => {
  const policy = policyOf(web);
  const turned = policy.with([set("network", true)]);
  assert.equal(policy.with([port(1, 1, "dns_port_t"), set("network", true)]).booleans, turned.booleans);
  assert.equal(policy.with([port(1, 1, "dns_port_t")]).booleans, policy.booleans);
  assert.notEqual(policy.with([set("network", false)]).booleans, turned.booleans);
  assert.equal(policy.with([set("network", false)]).booleans.get("network"), false);
});

test("a policy under changes leaves the one that it came from as it was", () => {
  const policy = policyOf(web);
  const changed = policy.with([set("network", true)]).with([port(1, 1, "dns_port_t")]);
  assert.equal(policy.booleans.get("network"), false);
  assert.equal(changed.booleans.get("network"), true);
  assert.equal(changed.changes.length, 2);
  assert.equal(policy.portType("tcp", 1), "port_t");
});

const labelled = {
  labels: ["/.* default_t", "/var/run(/.*)? var_run_t", "/var/run/docker\\.sock -s docker_t"],
  equivalences: ["/run /var/run"],
};
const context = (spec: string, type: string): Change => ({ kind: "fileContext", spec, fileKind: "any", type });

test("a local file context counts in the form that the equivalences lead to, and only there", () => {
  const policy = tinyPolicy(labelled);
  assert.deepEqual(policy.label("/run/app/a.sock", "sock"), { type: "var_run_t", exact: true, spec: "/var/run(/.*)?" });
  const right = policy.with([context("/var/run/app(/.*)?", "web_t")]);
  assert.deepEqual(right.label("/run/app/a.sock", "sock"), { type: "web_t", exact: true, spec: "/var/run/app(/.*)?" });
  assert.equal(policy.with([context("/run/app(/.*)?", "web_t")]).label("/run/app/a.sock", "sock").type, "var_run_t");
});

test("a local regex does not beat a literal spec of the policy, and a local literal does", () => {
  const policy = tinyPolicy(labelled);
  assert.equal(policy.with([context("/var/run/.*", "web_t")]).label("/run/docker.sock", "sock").type, "docker_t");
  assert.equal(
    policy.with([context("/var/run/docker\\.sock", "web_t")]).label("/run/docker.sock", "sock").type,
    "web_t",
  );
});

test("where the policy's own specs are not known, a local file context is taken to count", () => {
  const policy = tinyPolicy({ ...labelled, exactLabels: false }, [context("/var/run/.*", "web_t")]);
  assert.deepEqual(policy.label("/run/docker.sock", "sock"), { type: "web_t", exact: true, spec: "/var/run/.*" });
  assert.equal(policy.label("/srv", "dir").exact, false);
});

test("of several local file contexts the last matching one counts", () => {
  const policy = tinyPolicy(labelled, [context("/srv/a(/.*)?", "one_t"), context("/srv(/.*)?", "two_t")]);
  assert.equal(policy.label("/srv/a/x", "file").type, "two_t");
});

test("chcon counts for that one object until a file context with restorecon takes it back", () => {
  const chcon: Change = { kind: "label", path: "/run/app/a.sock", type: "web_t" };
  const policy = tinyPolicy(labelled, [chcon]);
  assert.deepEqual(policy.label("/var/run/app/a.sock", "sock"), { type: "web_t", exact: true, spec: null });
  assert.equal(policy.label("/run/app/b.sock", "sock").type, "var_run_t");
  assert.equal(policy.with([context("/srv(/.*)?", "x_t")]).label("/run/app/a.sock", "sock").type, "web_t");
  assert.equal(policy.with([context("/var/run/app(/.*)?", "x_t")]).label("/run/app/a.sock", "sock").type, "x_t");
  assert.equal(
    tinyPolicy(labelled, [context("/var/run/app(/.*)?", "x_t"), chcon]).label("/run/app/a.sock", "sock").type,
    "web_t",
  );
});

test("<<none>> is a label that is not there", () => {
  const policy = tinyPolicy({ labels: ["/tmp/.* <<none>>"] });
  assert.deepEqual(policy.label("/tmp/x", "file"), { type: null, exact: true, spec: "/tmp/.*" });
  assert.deepEqual(policy.label("/srv", "file"), { type: null, exact: true, spec: null });
});

test("a table answers with its records as they are, so that evidence can point at them", () => {
  const facts = tinyFacts({ ports: ["tcp 1-2 one_t"] });
  const record: PortRecord | null = policyOf(facts).portRecord("tcp", 2);
  assert.equal(record, facts.ports[0]);
});

for (const directory of ["données", "数据", "𝄞 (1)"]) {
  test(`/srv/${directory} has the label of what is above it, and one that a fix gives it`, () => {
    const path = `/srv/${directory}/x`;
    const policy = policyOf(bundledFacts("rhel9"));
    assert.equal(policy.label(path, "file").type, "var_t");
    const spec = directorySpec(policy.facts.canonicalPath(`/srv/${directory}`));
    const fixed = policy.with([context(spec, "httpd_sys_content_t")]);
    assert.deepEqual(fixed.label(path, "file"), { type: "httpd_sys_content_t", exact: true, spec });
    assert.equal(fixed.label(`/srv/${directory}x`, "file").type, "var_t");
    const one = policy.with([context(escapePath(path), "httpd_sys_content_t")]);
    assert.equal(one.label(path, "file").type, "httpd_sys_content_t");
  });
}

test("changes in steps answer as the same changes at once", () => {
  const path = fc.constantFrom("/srv", "/srv/a", "/srv/a/b", "/srv/ab", "/run/x", "/");
  const type = fc.constantFrom("a_t", "b_t", "c_t");
  const spec = fc.constantFrom("/srv(/.*)?", "/srv/a", "/srv/a(/.*)?", "/run/.*", "/srv/[ab]");
  const change = fc.oneof(
    fc.tuple(path, type).map(([at, label]): Change => ({ kind: "label", path: at, type: label })),
    path.map((at): Change => ({ kind: "restore", path: at })),
    fc
      .tuple(spec, type)
      .map(([regex, label]): Change => ({ kind: "fileContext", spec: regex, fileKind: "any", type: label })),
    fc.tuple(fc.integer({ min: 79, max: 82 }), type).map(([at, label]) => port(at, 81, label)),
    type.map((target): Change => ({ kind: "allow", source: "httpd_t", target, cls: "file", permission: "read" })),
    fc.boolean().map((value): Change => ({ kind: "boolean", name: "a_boolean", value })),
  );
  fc.assert(
    fc.property(fc.array(fc.array(change, { maxLength: 6 }), { maxLength: 8 }), (steps) => {
      const start = tinyPolicy({ booleans: { a_boolean: false }, labels: ["/srv(/.*)? var_t"] });
      const stepwise = steps.reduce((policy, changes) => policy.with(changes), start);
      const atOnce = policyOf(start.facts, steps.flat());
      assert.deepEqual(stepwise.changes, steps.flat());
      assert.deepEqual([...stepwise.booleans], [...atOnce.booleans]);
      for (const at of ["/srv", "/srv/a", "/srv/a/b", "/srv/ab", "/run/x", "/"])
        assert.deepEqual(stepwise.label(at, "file"), atOnce.label(at, "file"), at);
      for (const at of [79, 80, 81, 82]) assert.deepEqual(stepwise.portRecord("tcp", at), atOnce.portRecord("tcp", at));
      assert.equal(stepwise.definesPort("tcp", 80, 81), atOnce.definesPort("tcp", 80, 81));
      for (const target of ["a_t", "b_t", "c_t"])
        assert.deepEqual(
          stepwise.check("httpd_t", target, "file", "read"),
          atOnce.check("httpd_t", target, "file", "read"),
        );
    }),
    { numRuns: 300 },
  );
});

test("a replay over the labels of thousands of paths looks at its own changes alone", (context) => {
  const facts = tinyFacts({});
  const resolved = context.mock.method(facts, "resolveType").mock;
  const label = (i: number, type: string): Change => ({ kind: "label", path: `/srv/${i}`, type });
  const host = policyOf(
    facts,
    Array.from({ length: 10_000 }, (_, i) => label(i, "var_t")),
  );
  const before = resolved.callCount();
  assert.ok(before >= 10_000);
  for (let i = 0; i < 1000; i++) {
    const after = host.with([label(i, "httpd_sys_content_t")]);
    assert.equal(after.label(`/srv/${i}`, "dir").type, "httpd_sys_content_t");
    assert.equal(after.label(`/srv/${i + 1}`, "dir").type, "var_t");
  }
  assert.equal(resolved.callCount() - before, 1000);
});
