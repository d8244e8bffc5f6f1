/** The reader against setools: everything that it answers for, line by line, in every version that the tools write. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, test } from "node:test";
import { binaryFacts } from "../../server/src/selinux/binary/binaryFacts.ts";
import type { BinaryFacts } from "../../server/src/selinux/binary/binaryFacts.ts";
import { booleansOf, evaluateCondition } from "../../server/src/selinux/conditions.ts";
import type { Condition, PolicyFacts } from "../../server/src/selinux/policy.ts";
import { PolicyFormatError } from "../../server/src/selinux/binary/policyFormatError.ts";
import { findOracle, runPython, runTool } from "../support/oracle.ts";
import { damaged } from "../support/policies/damage.ts";
import { rewritten } from "../support/policies/rewrite.ts";

const found = findOracle();
const { skip } = found;
const policies = resolve(import.meta.dirname, "../support/policies");
const scratch = mkdtempSync(join(tmpdir(), "policy-reader-"));
after(() => rmSync(scratch, { recursive: true }));

function read(bytes: Uint8Array): BinaryFacts {
  const info = { source: "binary", name: "oracle", title: "", provenance: "", mode: "assumed" } as const;
  return binaryFacts(bytes, { ...info, exactLabels: false });
}

/** The condition as the sorted booleans and the truth table, as dump.py writes it. */
function truthTable(condition: Condition): string {
  const names = booleansOf(condition).sort();
  if (names.length === 0) {
    return evaluateCondition(condition, () => false) ? "always" : "never";
  }
  const rows = Array.from({ length: 2 ** names.length }, (_, row) =>
    evaluateCondition(condition, (name) => ((row >> (names.length - 1 - names.indexOf(name))) & 1) === 1) ? "1" : "0",
  );
  return `${names.join(",")}=${rows.join("")}`;
}

/** The same picture of a policy as dump.py's, from the reader. */
function picture(facts: BinaryFacts, domain: string): Readonly<Record<string, unknown>> {
  const linesOf = (targets: PolicyFacts["targets"]): readonly string[] =>
    [...facts.permissions]
      .flatMap(([cls, permissions]) =>
        permissions.flatMap((permission) =>
          [...targets(domain, cls, permission)].flatMap(([target, conditions]) =>
            [...new Set(conditions.map(truthTable))].map((when) => `${target} ${cls} ${permission} ${when}`),
          ),
        ),
      )
      .sort();
  return {
    version: facts.version,
    handleUnknown: facts.handleUnknown,
    ports: facts.ports.map(({ protocol, low, high, type }) => [protocol, low, high, type]),
    defaultPortType: [facts.defaultPortType],
    types: facts.types.toSorted(),
    aliases: [...facts.aliases].sort(compareLists),
    attributes: facts.types.flatMap((type) => facts.attributesOf(type).map((name) => [type, name])).sort(compareLists),
    booleans: [...facts.booleans].sort(compareLists),
    permissive: facts.types.filter((type) => facts.isPermissive(type)).sort(),
    permissions: [...facts.permissions].flatMap(([cls, names]) => names.map((name) => [cls, name])).sort(compareLists),
    rules: linesOf(facts.targets),
    dontaudit: linesOf((...asked) => facts.contents?.dontauditTargets(...asked) ?? new Map()),
    transitions: facts
      .transitionsFrom(domain)
      .map(({ target, cls, newType, condition }) => `${target} ${cls} ${newType} - ${truthTable(condition)}`)
      .sort(),
  };
}

function compareLists(left: readonly unknown[], right: readonly unknown[]): number {
  const [a, b] = [left.join("\0"), right.join("\0")];
  return a < b ? -1 : a > b ? 1 : 0;
}

function strings(value: unknown): readonly string[] {
  assert.ok(Array.isArray(value) && value.every((entry) => typeof entry === "string"));
  return value;
}

/** setools' picture. Names are ASCII, so sorting by code units is the same in both languages. */
function expectedOf(path: string, domain: string): Record<string, unknown> {
  const dump = runPython("dump.py", [path, domain]);
  assert.ok(typeof dump === "object" && dump !== null);
  return { ...dump };
}

/**
 * Compares every part. Rules that setools lists and a constraint takes away between the usual contexts are given by
 * `constrained`; transitions by file name are asked one by one.
 */
function compare(
  bytes: Uint8Array,
  expected: Record<string, unknown>,
  domain: string,
  constrained: RegExp | null,
): void {
  const facts = read(bytes);
  const actual = picture(facts, domain);
  const transitions = strings(expected["transitions"]);
  const named = transitions.filter((line) => line.split(" ")[3] !== "-");
  for (const line of named) {
    const [target = "", cls = "", newType, name = ""] = line.split(" ");
    assert.equal(
      facts.newType(domain, target, cls, name, () => false),
      newType,
      line,
    );
  }
  const wanted: Record<string, unknown> = {
    ...expected,
    rules: strings(expected["rules"]).filter((line) => constrained === null || !constrained.test(line)),
    transitions: transitions.filter((line) => !named.includes(line)),
  };
  assert.deepEqual(Object.keys(actual).sort(), Object.keys(wanted).sort());
  for (const part of Object.keys(wanted)) {
    assert.deepEqual(actual[part], wanted[part], part);
  }
}

/** Rules of web.cil that its constraints take away between system_u:system_r:httpd_t:s0 and the target's usual context. */
const webConstrained = /^(\S+ dir search|secret_t sock_file write|user_t unix_stream_socket connectto) /;

for (let version = 24; version <= 33; version++) {
  for (const handleUnknown of ["allow", "deny", "reject"]) {
    test(
      `our own policy, compiled to version ${version} with unknown classes to ${handleUnknown}, reads as setools reads it`,
      {
        skip,
      },
      () => {
        const path = join(scratch, `web.${version}`);
        const sources = [
          "web.cil",
          ...(version >= 30 ? ["web-since-30.cil"] : []),
          ...(version >= 31 ? ["web-since-31.cil"] : []),
        ];
        const args = ["-c", String(version), "-U", handleUnknown, "-o", path, "-f", "/dev/null"];
        runTool("/usr/bin/secilc", [...args, ...sources.map((name) => join(policies, name))]);
        for (const domain of ["httpd_t", "init_t", "base_t"]) {
          compare(readFileSync(path), expectedOf(path, domain), domain, webConstrained);
        }
      },
    );
  }
}

test("our own policy without MLS reads as setools reads it", { skip }, () => {
  const path = join(scratch, "web.nomls");
  runTool("/usr/bin/secilc", ["-M", "false", "-o", path, "-f", "/dev/null", join(policies, "web.cil")]);
  compare(
    readFileSync(path),
    expectedOf(path, "httpd_t"),
    "httpd_t",
    /^(secret_t sock_file write|user_t unix_stream_socket connectto) /,
  );
});

test("the distribution's policy reads as setools reads it", { skip }, () => {
  assert.ok("oracle" in found);
  for (const domain of ["httpd_t", "init_t"]) {
    compare(readFileSync(found.oracle.policy), expectedOf(found.oracle.policy, domain), domain, null);
  }
});

for (let version = 24; version <= 32; version++) {
  test(`the distribution's policy in version ${version} reads as the newest does`, { skip }, () => {
    assert.ok("oracle" in found);
    const path = join(scratch, `policy.${version}`);
    runTool("/usr/bin/checkpolicy", ["-M", "-b", "-c", String(version), "-o", path, found.oracle.policy]);
    const original = picture(read(readFileSync(found.oracle.policy)), "httpd_t");
    assert.deepEqual(picture(read(readFileSync(path)), "httpd_t"), { ...original, version });
    rmSync(path);
  });
}

for (const version of [34, 35] as const) {
  test(`the distribution's policy rewritten to version ${version} reads as version 33 does`, { skip }, () => {
    assert.ok("oracle" in found);
    const bytes = readFileSync(found.oracle.policy);
    const original = picture(read(bytes), "httpd_t");
    assert.deepEqual(picture(read(rewritten(bytes, version)), "httpd_t"), { ...original, version });
  });
}

test("a policy file cut or with a byte more is refused at real size too", { skip }, () => {
  assert.ok("oracle" in found);
  const bytes = readFileSync(found.oracle.policy);
  assert.throws(() => read(bytes.subarray(0, bytes.length - 1)), { name: "PolicyFormatError" });
  assert.throws(() => read(Uint8Array.from([...bytes, 0])), { name: "PolicyFormatError" });
});

const variants = Number(process.env["FUZZ"] ?? 2000) / 10;

test(`${variants} damaged copies of the distribution's policy give the typed error or an answer`, { skip }, () => {
  assert.ok("oracle" in found);
  const bytes = readFileSync(found.oracle.policy);
  let refused = 0;
  for (let seed = 0; seed < variants; seed++) {
    try {
      const facts = read(damaged(bytes, seed));
      facts.rules("httpd_t", "http_port_t", "tcp_socket", "name_connect");
      facts.targets("httpd_t", "tcp_socket", "name_connect");
      facts.newType("init_t", "httpd_exec_t", "process", "x", () => true);
    } catch (error) {
      assert.ok(error instanceof PolicyFormatError, `seed ${seed}: ${String(error)}`);
      refused++;
    }
  }
  assert.ok(refused > variants / 4, `only ${refused} refused`);
});
