import assert from "node:assert/strict";
import { test } from "node:test";
import { rank } from "../../../server/src/fixes/rank.ts";
import type { Ranked } from "../../../server/src/fixes/rank.ts";
import { booleansFor, isNeverOffered, PORT_PURPOSES } from "../../../server/src/fixes/purpose.ts";
import { policyOf } from "../../../server/src/selinux/model.ts";
import { bundledFacts, releases } from "../../support/bundledPolicies.ts";

test("no boolean is both meant for a port and never offered", () => {
  for (const { booleans } of PORT_PURPOSES) for (const name of booleans) assert.ok(!isNeverOffered(name), name);
  for (const name of ["nis_enabled", "httpd_use_openstack", "authlogin_nsswitch_use_ldap", "daemons_use_tcp_wrapper"]) {
    assert.ok(isNeverOffered(name), name);
  }
});

test("each boolean that is meant for a type opens it on every release that has the boolean", () => {
  for (const release of releases) {
    const policy = policyOf(bundledFacts(release));
    for (const { types, booleans } of PORT_PURPOSES) {
      for (const name of booleans.filter((boolean) => policy.booleans.has(boolean))) {
        const after = policy.with([{ kind: "boolean", name, value: true }]);
        for (const type of types) {
          assert.equal(
            after.check("httpd_t", type, "tcp_socket", "name_connect").verdict,
            "allowed",
            `${release} ${name} ${type}`,
          );
        }
      }
    }
  }
});

test("a type has one entry in the table, and one without an entry has no boolean", () => {
  const types = PORT_PURPOSES.flatMap((purpose) => purpose.types);
  assert.equal(new Set(types).size, types.length);
  assert.deepEqual(booleansFor("ntop_port_t"), []);
});

test("purpose comes before counting, then what is opened, durable before temporary, fewer commands", () => {
  const fix = (
    id: string,
    tier: Ranked["candidate"]["tier"],
    opened: number,
    commands = 1,
    durable = true,
  ): Ranked => ({
    candidate: { id, tier, title: id, changes: [], restore: null, durable, notes: () => [] },
    opened,
    commands: Array.from({ length: commands }, () => "true"),
  });
  const ranked = rank([
    fix("broad", "broad", 300),
    fix("temporary", "temporary", 0, 1, false),
    fix("label, two commands", "label", 1, 2),
    fix("label, one command", "label", 1, 1),
    fix("wide purpose", "purpose", 13),
    fix("narrow purpose", "purpose", 2),
  ]);
  assert.deepEqual(
    ranked.map(({ candidate }) => candidate.id),
    ["narrow purpose", "wide purpose", "label, one command", "label, two commands", "temporary", "broad"],
  );
});
