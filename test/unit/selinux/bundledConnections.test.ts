/** What nginx may connect to over TCP in the bundled releases, and which booleans and labels open the rest. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { booleansOf } from "../../../server/src/selinux/conditions.ts";
import type { Change, Protocol } from "../../../server/src/selinux/policy.ts";
import type { Decision } from "../../../server/src/selinux/query.ts";
import { ask, label, newer, on, policy, source } from "../../support/bundledAnswers.ts";
import { bundledFacts, releases } from "../../support/bundledPolicies.ts";
import type { Release } from "../../support/bundledPolicies.ts";

function connect(
  release: Release,
  port: number,
  changes: readonly Change[] = [],
  protocol: Protocol = "tcp",
): Decision {
  return ask(release, { kind: "connect-port", source, protocol, port }, changes);
}

test("a backend on 80 or 443 is connectable by default on RHEL 7 only", () => {
  for (const port of [80, 443, 8443, 9000]) {
    assert.equal(connect("rhel7", port).verdict, "allowed");
    for (const release of newer) assert.equal(connect(release, port).verdict, "denied", `${release} ${port}`);
  }
});

test("httpd_graceful_shutdown is on in RHEL 7, off later, and opens http_port_t and nothing else", () => {
  for (const release of releases) {
    assert.equal(policy(release).booleans.get("httpd_graceful_shutdown"), release === "rhel7");
    const targets = policy(release).facts.targets(source, "tcp_socket", "name_connect");
    const opened = [...targets].filter(([, conditions]) =>
      conditions.some((c) => booleansOf(c).includes("httpd_graceful_shutdown")),
    );
    assert.deepEqual(
      opened.map(([type]) => type),
      ["http_port_t"],
    );
  }
});

test("the label alone opens an arbitrary port on RHEL 7, and needs a boolean later", () => {
  const labelled = [label(3000, "http_port_t")];
  assert.equal(connect("rhel7", 3000).verdict, "denied");
  assert.equal(connect("rhel7", 3000, labelled).verdict, "allowed");
  for (const release of newer) {
    assert.equal(connect(release, 3000, labelled).verdict, "denied", release);
    assert.equal(
      connect(release, 3000, on("httpd_graceful_shutdown", "httpd_can_network_relay")).verdict,
      "denied",
      release,
    );
    for (const boolean of ["httpd_graceful_shutdown", "httpd_can_network_relay"]) {
      assert.equal(connect(release, 3000, [...labelled, ...on(boolean)]).verdict, "allowed", `${release} ${boolean}`);
    }
  }
});

const opens: readonly [boolean: string, ports: readonly number[], not: readonly number[], among: readonly Release[]][] =
  [
    ["httpd_can_network_connect", [22, 80, 3000, 5432, 8080, 50051, 65535], [], releases],
    ["httpd_can_network_relay", [80, 8080, 3128, 11211, 21, 70, 50051], [3000, 5432, 6379, 8081, 25], releases],
    ["httpd_graceful_shutdown", [80, 443, 9000], [8080, 3000, 50051], newer],
    ["httpd_can_network_connect_db", [3306, 5432, 1433, 1521, 27017, 3050], [6379, 11211], releases],
    ["httpd_can_network_memcache", [11211], [6379, 8080], releases],
    ["httpd_can_network_redis", [6379], [11211], ["rhel8", "rhel10.0", "rhel10", "fedora"]],
    ["httpd_can_connect_ldap", [389, 636], [22, 5432], releases],
    ["httpd_can_connect_zabbix", [10051], [10050], releases],
    ["httpd_can_connect_mythtv", [6543], [6542], releases],
    ["httpd_can_connect_ftp", [21], [20, 22], releases],
    ["httpd_can_sendmail", [25, 465, 110], [22, 8080], releases],
    ["nis_enabled", [50051], [3000, 8080], releases],
  ];
for (const [boolean, ports, not, among] of opens) {
  test(`${boolean} opens ${ports.join(", ")}${not.length === 0 ? "" : ` and not ${not.join(", ")}`}`, () => {
    for (const release of among) {
      const opensPort = (port: number): boolean => connect(release, port, on(boolean)).verdict === "allowed";
      for (const port of ports) assert.ok(opensPort(port), `${release} ${port}`);
      for (const port of not) assert.ok(!opensPort(port), `${release} ${port}`);
    }
  });
}

test("httpd_can_network_redis exists on 8.9 and later, 10 and Fedora, and not on 7 and 9", () => {
  const having = releases.filter((release) => bundledFacts(release).booleans.has("httpd_can_network_redis"));
  assert.deepEqual(
    having,
    releases.filter((name) => name !== "rhel7" && name !== "rhel9"),
  );
  assert.equal(bundledFacts("rhel8").booleanSince.get("httpd_can_network_redis"), "RHEL 8.9");
  assert.match(connect("rhel8", 6379).because.join("\n"), /httpd_can_network_redis .*exists from RHEL 8\.9 on/);
});

test("booleans are told by name, and nis_enabled last", () => {
  for (const release of releases) {
    const { because, flips } = connect(release, 50051);
    const told = because.flatMap((sentence) => /^(\w+) is (?:on|off) /.exec(sentence)?.[1] ?? []);
    assert.deepEqual(told, [...told.filter((name) => name !== "nis_enabled").sort(), "nis_enabled"], release);
    const names = flips.map(({ name }) => name);
    assert.deepEqual(names, [...names.filter((name) => name !== "nis_enabled").sort(), "nis_enabled"], release);
    assert.ok(names.length > 2);
  }
});

test("DNS, and with kerberos_enabled on Kerberos and OCSP, are connectable always", () => {
  for (const release of releases) {
    assert.equal(connect(release, 53).verdict, "allowed");
    assert.equal(connect(release, 88).verdict, "allowed");
    const off: Change = { kind: "boolean", name: "kerberos_enabled", value: false };
    assert.equal(connect(release, 88, [off]).verdict, "denied");
  }
});

for (const release of releases) {
  test(`${release}: a connection over UDP is never denied`, () => {
    for (const port of [1, 53, 443, 3000, 8125, 65535])
      assert.equal(connect(release, port, [], "udp").verdict, "allowed");
  });

  test(`${release}: every boolean in a rule has a value, and the release says where it comes from`, () => {
    const facts = bundledFacts(release);
    for (const [cls, permission] of [
      ["tcp_socket", "name_connect"],
      ["sock_file", "write"],
      ["file", "read"],
      ["dir", "search"],
    ] as const) {
      const targets = facts.targets(source, cls, permission);
      assert.ok(targets.size > 50, `${cls} ${permission}`);
      for (const condition of [...targets.values()].flat()) {
        for (const name of booleansOf(condition)) assert.ok(facts.booleans.has(name), name);
      }
    }
    assert.equal(facts.info.name, release);
    assert.match(facts.info.provenance, /policy/);
    assert.equal(facts.info.exactLabels, false);
    assert.equal(facts.domain, "httpd_t");
    assert.equal(facts.isPermissive("httpd_t"), false);
    assert.equal(facts.defaultPortType, "port_t");
  });
}
