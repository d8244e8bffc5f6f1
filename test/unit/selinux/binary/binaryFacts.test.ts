import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { binaryFacts } from "../../../../server/src/selinux/binary/binaryFacts.ts";
import type { BinaryFacts } from "../../../../server/src/selinux/binary/binaryFacts.ts";
import { evaluateCondition, renderCondition } from "../../../../server/src/selinux/conditions.ts";
import { policyOf } from "../../../../server/src/selinux/model.ts";
import type { Condition } from "../../../../server/src/selinux/policy.ts";
import { encodePolicy } from "../../../support/policies/encoder.ts";
import type { SyntheticPolicy } from "../../../support/policies/encoder.ts";
import { webPolicy } from "../../../support/policies/webPolicy.ts";
import { testInfo } from "../../../support/policies/testInfo.ts";

function factsOf(policy: SyntheticPolicy): BinaryFacts {
  return binaryFacts(encodePolicy(policy), testInfo);
}

/** The answer in one line: conditions, or why it is unknown. */
function answer(facts: BinaryFacts, source: string, target: string, cls: string, permission: string): string {
  const rules = facts.rules(source, target, cls, permission);
  return rules.known ? `[${rules.conditions.map(renderCondition).join(", ")}]` : rules.reason;
}

const always = (condition: Condition): boolean => condition.op === "true";

for (let version = 24; version <= 35; version++) {
  suite(`a policy of version ${version}`, () => {
    const facts = factsOf(webPolicy(version));

    test("gives its ports in file order, with the names of their protocols, local records marked", () => {
      assert.equal(facts.version, version);
      assert.deepEqual(facts.ports, [
        { protocol: "tcp", low: 8000, high: 8100, type: "db_port_t", local: true },
        { protocol: "tcp", low: 80, high: 80, type: "http_port_t" },
        { protocol: "tcp", low: 8080, high: 8080, type: "http_port_t" },
        { protocol: "sctp", low: 5000, high: 5001, type: "unreserved_port_t" },
        { protocol: "udp", low: 1024, high: 65535, type: "unreserved_port_t" },
      ]);
      assert.equal(facts.defaultPortType, "port_t");
      const policy = policyOf(facts);
      assert.equal(policy.portType("tcp", 8080), "db_port_t", "the first record wins, not the narrowest");
      assert.equal(policy.portType("tcp", 81), "port_t");
    });

    test("resolves aliases and knows neither attributes nor unknown names as types", () => {
      assert.equal(facts.resolveType("nginx_t"), "httpd_t");
      assert.equal(facts.resolveType("httpd_t"), "httpd_t");
      assert.equal(facts.resolveType("domain"), undefined);
      assert.equal(facts.resolveType("nothing_t"), undefined);
      assert.deepEqual(
        [...facts.aliases],
        [
          ["nginx_t", "httpd_t"],
          ["www_port_t", "http_port_t"],
        ],
      );
      assert.equal(facts.types.length, 14);
      assert.deepEqual(facts.attributesOf("nginx_t"), ["domain"], "a nameless attribute is left out");
      assert.deepEqual(facts.domains, ["httpd_t", "init_t", "loose_t", "child_t"]);
    });

    test("gives booleans with their persistent states", () => {
      assert.deepEqual(
        [...facts.booleans],
        [
          ["connect_any", false],
          ["connect_db", true],
          ["maintenance", false],
        ],
      );
    });

    test("finds rules of the type itself and of attributes on both sides", () => {
      assert.equal(answer(facts, "httpd_t", "http_port_t", "tcp_socket", "name_bind"), "[always]");
      assert.equal(answer(facts, "init_t", "content_t", "file", "read"), "[always]");
      assert.equal(answer(facts, "nginx_t", "unreserved_port_t", "tcp_socket", "name_connect"), "[connect_any]");
      assert.equal(answer(facts, "init_t", "unreserved_port_t", "tcp_socket", "name_connect"), "[]");
      assert.equal(answer(facts, "httpd_t", "content_t", "dir", "search"), "[always]", "behind an extended item");
    });

    test("gives every conditional rule under its condition, the else branch negated", () => {
      const conditions = (target: string): string => answer(facts, "httpd_t", target, "tcp_socket", "name_connect");
      assert.equal(conditions("db_port_t"), "[connect_any, connect_db && !maintenance]");
      assert.equal(conditions("www_port_t"), "[connect_any, !(connect_db && !maintenance)]");
    });

    test("does not take a dontaudit rule for an allow rule", () => {
      assert.equal(answer(facts, "httpd_t", "secret_t", "file", "read"), "[]");
    });

    test("tells which refusals leave no AVC, under which booleans", () => {
      const audit = (source: string, target: string, cls: string, permission: string): string =>
        policyOf(facts).dontaudit(source, target, cls, permission).verdict;
      assert.equal(audit("httpd_t", "secret_t", "file", "read"), "silent");
      assert.equal(audit("httpd_t", "secret_t", "file", "write"), "recorded", "another permission");
      assert.equal(audit("init_t", "secret_t", "file", "read"), "recorded", "another domain");
      assert.equal(audit("nginx_t", "tmp_t", "dir", "search"), "silent", "by an attribute of the source");
      assert.equal(audit("httpd_t", "db_port_t", "tcp_socket", "name_connect"), "silent", "by one of the target");
      const on = policyOf(facts, [{ kind: "boolean", name: "connect_any", value: true }]);
      assert.equal(on.dontaudit("httpd_t", "db_port_t", "tcp_socket", "name_connect").verdict, "recorded");
      assert.equal(audit("httpd_t", "secret_t", "file", "no_such"), "unknown");
      assert.equal(audit("httpd_t", "no_such_t", "file", "read"), "unknown");
    });

    test("takes away what a constraint refuses between the usual contexts", () => {
      assert.equal(answer(facts, "httpd_t", "run_t", "sock_file", "write"), "[always]");
      assert.equal(answer(facts, "httpd_t", "run_t", "sock_file", "relabelfrom"), "[]", "roles differ");
      assert.equal(answer(facts, "httpd_t", "secret_t", "sock_file", "write"), "[]", "the target is named");
      assert.deepEqual([...facts.targets("httpd_t", "sock_file", "write").keys()], ["run_t"]);
    });

    test("gives a bounded domain no more than its parent has", () => {
      assert.equal(answer(facts, "child_t", "secret_t", "file", "read"), "[]");
      assert.equal(answer(facts, "child_t", "content_t", "file", "read"), "[always]");
      assert.equal(answer(facts, "child_t", "unreserved_port_t", "tcp_socket", "name_connect"), "[connect_any]");
      assert.equal(
        answer(facts, "child_t", "db_port_t", "tcp_socket", "name_connect"),
        "[connect_any || (connect_db && !maintenance)]",
      );
    });

    test("lists what a permission opens, with conditions", () => {
      const targets = facts.targets("httpd_t", "tcp_socket", "name_connect");
      const lines = [...targets].map(([type, conditions]) => `${type} ${conditions.map(renderCondition).join(", ")}`);
      assert.deepEqual(lines, [
        "http_port_t connect_any, !(connect_db && !maintenance)",
        "db_port_t connect_any, connect_db && !maintenance",
        "unreserved_port_t connect_any",
        "port_t connect_any",
      ]);
      assert.equal(facts.targets("httpd_t", "tcp_socket", "nothing").size, 0);
      assert.equal(facts.targets("nothing_t", "tcp_socket", "name_connect").size, 0);
    });

    test("knows the permissive domain", () => {
      assert.equal(facts.isPermissive("loose_t"), true);
      assert.equal(facts.isPermissive("httpd_t"), false);
      assert.equal(facts.isPermissive("nothing_t"), false);
    });

    test("gives the type of a new process, and of a new file by its directory and its name", () => {
      assert.equal(facts.newType("init_t", "httpd_exec_t", "process", null, always), "httpd_t");
      assert.equal(facts.newType("httpd_t", "httpd_exec_t", "process", null, always), null);
      assert.equal(facts.newType("httpd_t", "tmp_t", "file", "anything", always), "httpd_tmp_t");
      assert.equal(facts.newType("httpd_t", "tmp_t", "dir", null, always), null);
      const web = version >= 25 ? "httpd_tmp_t" : null;
      assert.equal(facts.newType("init_t", "run_t", "sock_file", "web.sock", always), web);
      assert.equal(facts.newType("init_t", "run_t", "sock_file", "db.sock", always), null);
      assert.equal(
        facts.newType("httpd_t", "run_t", "sock_file", "db.sock", always),
        version >= 25 ? "secret_t" : null,
      );
      assert.equal(facts.newType("httpd_t", "run_t", "sock_file", "web.soc", always), null);
    });

    test("applies a conditional transition only while its condition holds", () => {
      const under = (name: string, value: boolean) => (condition: Condition) =>
        evaluateCondition(condition, (other) => (other === name ? value : (facts.booleans.get(other) ?? false)));
      assert.equal(facts.newType("httpd_t", "run_t", "file", null, under("connect_db", true)), null);
      assert.equal(facts.newType("httpd_t", "run_t", "file", null, under("connect_db", false)), "httpd_tmp_t");
      assert.deepEqual(
        facts.transitionsFrom("httpd_t").map(({ target, condition }) => `${target} ${renderCondition(condition)}`),
        ["tmp_t always", "run_t !(connect_db && !maintenance)"],
      );
    });
  });
}

test("a type that the policy does not have makes the answer unknown, with its name", () => {
  const facts = factsOf(webPolicy(33));
  assert.match(answer(facts, "httpd_t", "nothing_t", "file", "read"), /nothing_t/);
  assert.match(answer(facts, "nothing_t", "content_t", "file", "read"), /nothing_t/);
  assert.match(answer(facts, "httpd_t", "port_type", "file", "read"), /port_type/);
});

test("a class or permission that the policy does not define is answered as the policy says", () => {
  const unknown = (flags: 0 | 2 | 4, cls: string, permission: string): string =>
    answer(factsOf({ ...webPolicy(33), unknown: flags }), "httpd_t", "content_t", cls, permission);
  for (const [cls, permission] of [
    ["io_uring", "cmd"],
    ["file", "watch"],
  ] as const) {
    assert.equal(unknown(4, cls, permission), "[always]");
    assert.equal(unknown(0, cls, permission), "[]");
    assert.match(unknown(2, cls, permission), new RegExp(cls));
  }
});

test("a policy without MLS is read, its empty ranges too", () => {
  const facts = factsOf({ ...webPolicy(33), mls: false });
  assert.equal(facts.ports.length, 5);
});

test("permission 32 of a class is told from the others", () => {
  const permissions = Array.from({ length: 32 }, (_, index) => `p${index}`);
  const facts = factsOf({
    version: 33,
    classes: { wide: { permissions } },
    types: ["a_t", "b_t"],
    rules: [{ kind: "allow", source: "a_t", target: "b_t", cls: "wide", permissions: ["p31"] }],
  });
  assert.equal(answer(facts, "a_t", "b_t", "wide", "p31"), "[always]");
  assert.equal(answer(facts, "a_t", "b_t", "wide", "p30"), "[]");
});

test("a target that is a domain has that domain's role when constraints compare roles", () => {
  const facts = factsOf({
    version: 33,
    classes: {
      unix_stream_socket: {
        permissions: ["connectto"],
        constraints: [{ permissions: ["connectto"], expression: [{ kind: 4, attribute: 2, operator: 1 }] }],
      },
    },
    types: ["httpd_t", "peer_t", "file_t"],
    roles: { object_r: [], system_r: ["httpd_t", "peer_t"] },
    rules: ["peer_t", "file_t"].map((target) => {
      return {
        kind: "allow",
        source: "httpd_t",
        target,
        cls: "unix_stream_socket",
        permissions: ["connectto"],
      } as const;
    }),
  });
  assert.equal(answer(facts, "httpd_t", "peer_t", "unix_stream_socket", "connectto"), "[always]");
  assert.equal(answer(facts, "httpd_t", "file_t", "unix_stream_socket", "connectto"), "[]");
});

test("more sources than are kept at a time get the same answers again", () => {
  const facts = factsOf(webPolicy(33));
  const ask = (): string[] =>
    facts.types.map((source) => `${source} ${answer(facts, source, "content_t", "file", "read")}`);
  const first = ask();
  assert.deepEqual(ask(), first);
  assert.deepEqual(
    first.filter((line) => line.endsWith("[always]")),
    ["httpd_t [always]", "init_t [always]", "loose_t [always]", "child_t [always]"],
  );
});

test("without file contexts every label is unknown and inexact", () => {
  const facts = factsOf(webPolicy(33));
  assert.deepEqual(facts.label("/srv", "dir"), { type: null, exact: false, spec: null });
  assert.equal(facts.canonicalPath("/run/x"), "/run/x");
  assert.equal(facts.definesFileContext("/srv"), false);
});
