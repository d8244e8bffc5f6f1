import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { ConditionError } from "../../../server/src/selinux/conditions.ts";
import { policyOf } from "../../../server/src/selinux/model.ts";
import type { PolicyFacts } from "../../../server/src/selinux/policy.ts";
import {
  SnapshotError,
  distancesOf,
  snapshotFacts,
  snapshotFormat,
  snapshotVersion,
  writeTypes,
} from "../../../server/src/selinux/files/snapshot.ts";
import type { SnapshotFile } from "../../../server/src/selinux/files/snapshot.ts";
import { bundledText, releases } from "../../support/bundledPolicies.ts";

const types = ["docker_t", "http_port_t", "httpd_t", "ntop_port_t", "port_t", "var_run_t", "worker_t"];
const at = (name: string): number => types.indexOf(name);

/** A snapshot of a host as `nginx-selinux snapshot` would write it: two domains, exact labels. */
const host: SnapshotFile = {
  format: snapshotFormat,
  version: snapshotVersion,
  name: "web1",
  title: "web1.example.com",
  provenance: "policy.33 of 2026-11-01",
  domain: "httpd_t",
  permissive: ["worker_t"],
  types: writeTypes(types),
  allTypes: true,
  noTypes: [],
  aliases: [["phpfpm_t", at("httpd_t")]],
  ports: [
    ["tcp", 80, 80, at("http_port_t")],
    ["tcp", 3000, 3001, at("ntop_port_t")],
  ],
  defaultPortType: at("port_t"),
  booleans: { network: false, relay: true },
  since: { relay: "RHEL 8.9" },
  conditions: ["", "network", "network || !relay"],
  rules: {
    httpd_t: {
      "tcp_socket name_connect": [
        [0, distancesOf([at("http_port_t")])],
        [2, distancesOf([at("http_port_t"), at("ntop_port_t"), at("port_t")])],
      ],
    },
    worker_t: { "tcp_socket name_connect": [[1, distancesOf([at("port_t")])]] },
  },
  fileTransitions: [["httpd_t", at("var_run_t"), "sock_file", at("docker_t")]],
  processTransitions: [["httpd_t", at("docker_t"), "worker_t"]],
  equivalences: [["/run", "/var/run"]],
  localEquivalences: [["/mine", "/run"]],
  exactLabels: true,
  fileContexts: [
    ["/var/run(/.*)?", "", at("var_run_t")],
    ["/var/run/docker\\.sock", "-s", at("docker_t")],
    ["/tmp/.*", "", -1],
  ],
  definedFileContexts: [],
};

test("a snapshot answers with what it holds", () => {
  const facts = snapshotFacts(JSON.stringify(host), "snapshot");
  assert.deepEqual(facts.info, {
    source: "snapshot",
    name: "web1",
    title: "web1.example.com",
    provenance: "policy.33 of 2026-11-01",
    mode: "assumed",
    exactLabels: true,
  });
  assert.deepEqual(facts.domains, ["httpd_t", "worker_t"]);
  assert.equal(facts.domain, "httpd_t");
  assert.deepEqual(facts.ports, [
    { protocol: "tcp", low: 80, high: 80, type: "http_port_t" },
    { protocol: "tcp", low: 3000, high: 3001, type: "ntop_port_t" },
  ]);
  assert.equal(facts.defaultPortType, "port_t");
  assert.deepEqual(
    [...facts.booleans],
    [
      ["network", false],
      ["relay", true],
    ],
  );
  assert.deepEqual([...facts.booleanSince], [["relay", "RHEL 8.9"]]);
  assert.deepEqual([facts.isPermissive("worker_t"), facts.isPermissive("httpd_t")], [true, false]);
  assert.deepEqual(
    ["httpd_t", "phpfpm_t", "httpd_sock_t"].map((name) => facts.resolveType(name)),
    ["httpd_t", "httpd_t", undefined],
  );
  assert.deepEqual(facts.label("/run/docker.sock", "sock"), {
    type: "docker_t",
    exact: true,
    spec: "/var/run/docker\\.sock",
  });
  assert.deepEqual(facts.label("/mine/x", "sock"), { type: "var_run_t", exact: true, spec: "/var/run(/.*)?" });
  assert.deepEqual(facts.label("/tmp/x", "sock"), { type: null, exact: true, spec: "/tmp/.*" });
  assert.deepEqual(facts.label("/srv", "dir"), { type: null, exact: true, spec: null });
  assert.deepEqual(
    ["/var/run(/.*)?", "/run(/.*)?", "/var/run/docker\\.sock"].map((spec) => facts.definesFileContext(spec)),
    [true, false, false],
  );
});

test("a snapshot may answer for several domains, each with its own rules", () => {
  const policy = policyOf(snapshotFacts(host, "snapshot"));
  const connects = (source: string, type: string): string =>
    policy.check(source, type, "tcp_socket", "name_connect").verdict;
  assert.equal(connects("httpd_t", "http_port_t"), "allowed");
  assert.equal(connects("httpd_t", "port_t"), "denied");
  assert.equal(connects("worker_t", "http_port_t"), "denied");
  assert.equal(connects("sshd_t", "http_port_t"), "unknown");
});

test("targets lists for every type the conditions that open it", () => {
  const targets = snapshotFacts(host, "snapshot").targets("httpd_t", "tcp_socket", "name_connect");
  assert.deepEqual([...targets.keys()], ["http_port_t", "ntop_port_t", "port_t"]);
  assert.equal(targets.get("http_port_t")?.length, 2);
  assert.equal(snapshotFacts(host, "snapshot").targets("httpd_t", "file", "read").size, 0);
});

test("a table without every type cannot tell that a type is missing, except where it says so", () => {
  const facts = snapshotFacts({ ...host, allTypes: false, noTypes: ["httpd_sock_t"] }, "snapshot");
  assert.equal(facts.resolveType("httpd_sock_t"), undefined);
  assert.equal(facts.resolveType("another_t"), null);
});

test("type names and positions read back as they were written", () => {
  const name = fc.array(fc.constantFrom("a", "b", "cd", "", "x9"), { minLength: 1, maxLength: 14 });
  const names = fc.uniqueArray(
    name.map((words) => `t${words.join("_")}`),
    { minLength: 1, maxLength: 30 },
  );
  fc.assert(
    fc.property(names, (list) => {
      const sorted = list.toSorted();
      const facts = snapshotFacts(
        {
          ...host,
          types: writeTypes(sorted),
          aliases: [],
          ports: [],
          defaultPortType: 0,
          rules: { httpd_t: { "a b": [[0, distancesOf([...sorted.keys()])]] } },
          fileTransitions: [],
          processTransitions: [],
          fileContexts: [],
        },
        "snapshot",
      );
      assert.deepEqual([...facts.targets("httpd_t", "a", "b").keys()], sorted);
    }),
  );
});

const damages: readonly [what: string, value: unknown][] = [
  ["no JSON", "{"],
  ["an empty text", ""],
  ["another value", "null"],
  ["a list", []],
  ["no format", { ...host, format: undefined }],
  ["another version", { ...host, version: 2 }],
  ["no types", { ...host, types: "" }],
  ["types that share more words than there are", { ...host, types: "0a_t 7b_t" }],
  ["types that are not sorted", { ...host, types: "0b_t 0a_t" }],
  ["endless type names", { ...host, types: `0${"a".repeat(5000)}_t` }],
  ["a type out of range", { ...host, defaultPortType: 99 }],
  ["a negative type", { ...host, defaultPortType: -1 }],
  ["a type that is no number", { ...host, defaultPortType: "0" }],
  ["a port that is none", { ...host, ports: [["tcp", 0, 65536, 0]] }],
  ["a port range out of order", { ...host, ports: [["tcp", 9, 8, 0]] }],
  ["a short port record", { ...host, ports: [["tcp", 8, 9]] }],
  ["a boolean that is a text", { ...host, booleans: { network: "off" } }],
  ["a condition with an unknown boolean", { ...host, conditions: ["", "network", "stranger"] }],
  ["a condition that is none", { ...host, conditions: ["", "network", "network &&"] }],
  ["a rule under no condition", { ...host, rules: { httpd_t: { "a b": [[3, [0]]] } } }],
  ["a rule about no type", { ...host, rules: { httpd_t: { "a b": [[0, [5, 5]]] } } }],
  ["no rules of its domain", { ...host, rules: {} }],
  ["a kind that is none", { ...host, fileContexts: [["/a", "-z", 0]] }],
  ["endless equivalences", { ...host, equivalences: Array.from({ length: 2000 }, () => ["/a", "/b"]) }],
  ["endless file contexts", { ...host, fileContexts: Array.from({ length: 100_001 }, () => ["/a.*", "", 0]) }],
  ["an equivalence that is no pair", { ...host, equivalences: [["/a"]] }],
  ["a defined file context out of range", { ...host, exactLabels: false, definedFileContexts: [3] }],
  ["a transition to no type", { ...host, fileTransitions: [["httpd_t", 0, "file", 70]] }],
];
for (const [what, value] of damages) {
  test(`a snapshot with ${what} is refused`, () => {
    assert.throws(() => snapshotFacts(value, "snapshot"), SnapshotError);
  });
}

test("keys with a meaning in JavaScript are names like any other", () => {
  const text = JSON.stringify(host).replace('"network":false', '"network":false,"__proto__":true,"constructor":true');
  const facts = snapshotFacts(text, "snapshot");
  assert.equal(facts.booleans.get("__proto__"), true);
  const policy = policyOf(facts);
  assert.equal(policy.check("__proto__", "constructor", "toString", "valueOf").verdict, "unknown");
});

/** Uses everything that is worked out only when it is asked for. */
function ask(facts: PolicyFacts): void {
  const policy = policyOf(facts);
  facts.label("/run/docker.sock", "sock");
  facts.definesFileContext("/var/run(/.*)?");
  facts.targets("httpd_t", "tcp_socket", "name_connect");
  policy.portType("tcp", 3000);
  policy.check("httpd_t", "http_port_t", "tcp_socket", "name_connect");
}

/** Every place in a JSON value, as the path of keys that leads there. */
function placesIn(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== "object" || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, member]) => placesIn(member, [...path, key]))];
}

/** A copy of the value with another one at the place. */
function replaced(value: unknown, path: readonly string[], by: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return by;
  const entries = Object.entries(value ?? {}).map(([name, member]) => [
    name,
    name === key ? replaced(member, rest, by) : member,
  ]);
  return Array.isArray(value) ? entries.map(([, member]) => member) : Object.fromEntries(entries);
}

test("whatever stands in any one place, a snapshot is refused or answers", () => {
  const strange = [null, true, false, -1, 0, 1, 6, 1e9, 0.5, "", "a", "/x(", "-s", [], [0], [[]], {}, { a: 1 }];
  for (const place of placesIn(host)) {
    for (const by of strange) {
      try {
        ask(snapshotFacts(replaced(host, place, by), "snapshot"));
      } catch (error) {
        assert.ok(error instanceof SnapshotError, `${place.join(".")} = ${JSON.stringify(by)}: ${String(error)}`);
      }
    }
  }
});

test("a truncated or altered text is refused or answers", () => {
  const texts = [JSON.stringify(host), bundledText("rhel9")];
  let random = 1;
  const next = (limit: number): number => {
    random = (random * 48271) % 2147483647;
    return random % limit;
  };
  for (const text of texts) {
    for (let round = 0; round < 150; round++) {
      const place = next(text.length);
      const cut = text.slice(0, place);
      const altered = `${cut}${String.fromCharCode(32 + next(95))}${text.slice(place + 1 + next(3))}`;
      assert.throws(() => snapshotFacts(cut, "snapshot"), SnapshotError);
      try {
        ask(snapshotFacts(altered, "snapshot"));
      } catch (error) {
        assert.ok(error instanceof SnapshotError && !(error instanceof ConditionError), String(error));
      }
    }
  }
});

for (const release of releases) {
  test(`the policy of ${release} passes the checks of a snapshot, which are left out when it is read`, () => {
    assert.equal(snapshotFacts(bundledText(release), "snapshot").domain, "httpd_t");
  });
}
