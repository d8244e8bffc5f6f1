/**
 * Every command that a fix prints, run as printed by the real semanage and setsebool in a private root: it succeeds, the
 * policy on disk then gives "allowed", and the undo commands take it back.
 */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { Fix } from "../../server/src/fixes/fix.ts";
import { bindPortFixes, connectPortFixes, connectSocketFixes } from "../../server/src/fixes/offer.ts";
import { decide } from "../../server/src/selinux/decide.ts";
import type { Policy } from "../../server/src/selinux/policy.ts";
import type { Query } from "../../server/src/selinux/query.ts";
import { findOracle } from "../support/oracle.ts";
import type { Oracle } from "../support/oracle.ts";
import { policyIn } from "../support/policyIn.ts";
import { createPrivateRoot } from "../support/privateRoot.ts";

const found = findOracle();
const localPorts = [32768, 60999] as const;

/** Null where private roots cannot be made here: then these tests cannot run. */
function skipReason(): string | false {
  if (!("oracle" in found)) {
    return found.skip;
  }
  const root = createPrivateRoot(found.oracle);
  if (typeof root !== "string") {
    root.remove();
    return false;
  }
  assert.notEqual(process.env["ORACLE"], "required", `ORACLE=required, but a private root ${root}`);
  return root;
}

const skip = skipReason();

function fixesFor(policy: Policy, query: Query): readonly Fix[] {
  const context = { policy, source: query.source, localPorts };
  switch (query.kind) {
    case "connect-port":
      return connectPortFixes(context, query);
    case "bind-port":
      return bindPortFixes(context, [query]);
    case "connect-socket":
      return connectSocketFixes(context, query);
    default:
      return [];
  }
}

/** Applies each fix in turn, as printed, and takes it back. `prepare`: what the administrator had done before. */
async function replay(oracle: Oracle, query: Query, prepare: readonly string[]): Promise<number> {
  const root = createPrivateRoot(oracle);
  assert.ok(typeof root !== "string");
  const verdict = async (): Promise<string> => {
    return decide(await policyIn(root.policyDirectory), query, { localPorts }).verdict;
  };
  const state = async (): Promise<unknown> => {
    const { ports, booleans } = (await policyIn(root.policyDirectory)).facts;
    const file = join(root.policyDirectory, "contexts/files/file_contexts.local");
    const lines = existsSync(file) ? readFileSync(file, "utf8").split("\n") : [];
    return { ports, booleans, labels: lines.filter((line) => line.startsWith("/")) };
  };
  try {
    prepare.forEach(root.run);
    assert.equal(await verdict(), "denied", "before any fix");
    const before = await state();
    // A label on one object is not in the policy on disk, and there is no labelled file system here.
    const fixes = fixesFor(await policyIn(root.policyDirectory), query).filter((fix) =>
      fix.changes.every((change) => change.kind !== "label"),
    );
    for (const fix of fixes) {
      fix.commands.forEach(root.run);
      assert.equal(await verdict(), "allowed", `after ${fix.commands.join("; ")}`);
      fix.undo.forEach(root.run);
      assert.deepEqual(await state(), before, `after ${fix.undo.join("; ")}`);
    }
    return fixes.length;
  } finally {
    root.remove();
  }
}

const source = "httpd_t";

interface Replayed {
  readonly what: string;
  readonly query: Query;
  /** What the administrator had done before. */
  readonly prepare?: readonly string[];
}

const cases: readonly Replayed[] = [
  {
    what: "a connection to a port without a label",
    query: { kind: "connect-port", source, protocol: "tcp", port: 3000 },
  },
  { what: "a connection to a database", query: { kind: "connect-port", source, protocol: "tcp", port: 5432 } },
  { what: "a connection to a web port", query: { kind: "connect-port", source, protocol: "tcp", port: 443 } },
  { what: "a connection to a cache port", query: { kind: "connect-port", source, protocol: "tcp", port: 8080 } },
  {
    what: "a connection to a port that has a local label already",
    query: { kind: "connect-port", source, protocol: "tcp", port: 3000 },
    prepare: ["sudo semanage port -a -t ntop_port_t -p tcp 3000"],
  },
  {
    what: "a connection to a port inside a local range",
    query: { kind: "connect-port", source, protocol: "tcp", port: 3005 },
    prepare: ["sudo semanage port -a -t ntop_port_t -p tcp 3000-3010"],
  },
  { what: "listening on a port without a label", query: { kind: "bind-port", source, protocol: "tcp", port: 8888 } },
  { what: "listening on another service's port", query: { kind: "bind-port", source, protocol: "tcp", port: 8081 } },
  { what: "a socket below /srv", query: { kind: "connect-socket", source, path: "/srv/app/run/web.sock" } },
  {
    what: "a socket whose directory has a local label already",
    query: { kind: "connect-socket", source, path: "/srv/app/run/web.sock" },
    prepare: ["sudo semanage fcontext -a -t usr_t '/srv/app/run(/.*)?'"],
  },
];

for (const { what, query, prepare } of cases) {
  test(`every fix offered for ${what} works as printed, and so does its undo`, { skip }, async () => {
    assert.ok("oracle" in found);
    const count = await replay(found.oracle, query, prepare ?? []);
    assert.ok(count > 0, "no fix was offered");
  });
}

test("what the administrator added is told from the policy's own ports", { skip }, async () => {
  assert.ok("oracle" in found);
  const root = createPrivateRoot(found.oracle);
  assert.ok(typeof root !== "string");
  try {
    assert.deepEqual(
      (await policyIn(root.policyDirectory)).facts.ports.filter(({ local }) => local === true),
      [],
    );
    root.run("semanage port -a -t http_port_t -p tcp 3000");
    root.run("semanage port -a -t http_port_t -p tcp 5000-5999");
    root.run("semanage port -m -t http_port_t -p tcp 8080");
    const { ports } = (await policyIn(root.policyDirectory)).facts;
    const local = ports.filter((record) => record.local === true).map(({ low, high }) => `${low}-${high}`);
    assert.deepEqual(local.sort(), ["3000-3000", "5000-5999", "8080-8080"]);
  } finally {
    root.remove();
  }
});
