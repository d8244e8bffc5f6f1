/** The reader's decisions against those of libsepol and audit2why, under random boolean values. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, test } from "node:test";
import { binaryFacts } from "../../server/src/selinux/binary/binaryFacts.ts";
import type { BinaryFacts } from "../../server/src/selinux/binary/binaryFacts.ts";
import { booleansOf } from "../../server/src/selinux/conditions.ts";
import { policyOf } from "../../server/src/selinux/model.ts";
import type { Change, Policy } from "../../server/src/selinux/policy.ts";
import { findOracle, runPython, runTool } from "../support/oracle.ts";
import { randomOf } from "../support/policies/damage.ts";

const found = findOracle();
const { skip } = found;
const scratch = mkdtempSync(join(tmpdir(), "policy-decisions-"));
after(() => rmSync(scratch, { recursive: true }));

interface Query {
  readonly source: string;
  readonly target: string;
  readonly cls: string;
  readonly permission: string;
}

interface Case {
  readonly booleans: Readonly<Record<string, boolean>>;
  readonly queries: readonly Query[];
}

function read(path: string): BinaryFacts {
  const info = { source: "binary", name: "oracle", title: "", provenance: "", mode: "assumed" } as const;
  return binaryFacts(readFileSync(path), { ...info, exactLabels: false });
}

/** The contexts that the reader assumes for two types. */
function contextsOf(domains: ReadonlySet<string>, { source, target, cls, permission }: Query): readonly string[] {
  const role = domains.has(target) ? "system_r" : "object_r";
  return [`system_u:system_r:${source}:s0`, `system_u:${role}:${target}:s0`, cls, permission];
}

function changesOf(booleans: Case["booleans"]): Change[] {
  return Object.entries(booleans).map(([name, value]) => ({ kind: "boolean", name, value }));
}

interface Compared {
  readonly compared: number;
  readonly allowed: number;
  /** Denied, and kept out of the audit log. */
  readonly silent: number;
}

/** Compares every decision, and whether its refusal is recorded; gives how many were compared. */
function compare(path: string, cases: readonly Case[]): Compared {
  const facts = read(path);
  const domains = new Set(facts.domains);
  const input = cases.map(({ booleans, queries }) => {
    return { booleans, queries: queries.map((query) => contextsOf(domains, query)) };
  });
  const answers = runPython("decide.py", [path], JSON.stringify(input));
  assert.ok(Array.isArray(answers) && answers.length === cases.length);
  let compared = 0;
  let allowed = 0;
  let silent = 0;
  cases.forEach(({ booleans, queries }, index) => {
    const policy = policyOf(facts, changesOf(booleans));
    const expected: unknown = answers[index];
    assert.ok(Array.isArray(expected) && expected.length === queries.length);
    queries.forEach(({ source, target, cls, permission }, position) => {
      const verdict = policy.check(source, target, cls, permission).verdict;
      const wanted: unknown = expected[position];
      if (wanted === null) {
        return; // A domain that system_r may not have: no such context.
      }
      assert.ok(Array.isArray(wanted));
      const [isAllowed, isSilent]: readonly unknown[] = wanted;
      assert.equal(verdict, isAllowed === true ? "allowed" : "denied", `${source} ${target} ${cls} ${permission}`);
      const audit = policy.dontaudit(source, target, cls, permission).verdict;
      assert.equal(audit, isSilent === true ? "silent" : "recorded", `${source} ${target} ${cls} ${permission}`);
      compared++;
      allowed += verdict === "allowed" ? 1 : 0;
      silent += verdict === "denied" && audit === "silent" ? 1 : 0;
    });
  });
  return { compared, allowed, silent };
}

test("every decision of our own policy, under eight states of its booleans, is libsepol's", { skip }, () => {
  const path = join(scratch, "web.policy");
  const source = resolve(import.meta.dirname, "../support/policies/web.cil");
  runTool("/usr/bin/secilc", ["-o", path, "-f", "/dev/null", source]);
  const facts = read(path);
  const queries: Query[] = [];
  for (const domain of facts.domains) {
    for (const target of facts.types) {
      for (const [cls, permissions] of facts.permissions) {
        // Of the class with 32 permissions, the ends are enough.
        for (const permission of cls === "wide" ? ["p00", "p30", "p31"] : permissions) {
          queries.push({ source: domain, target, cls, permission });
        }
      }
    }
  }
  const names = [...facts.booleans.keys()];
  const states = [0, 1, 2, 5, 9, 14, 22, 31].map((state) => {
    return Object.fromEntries(names.map((name, index) => [name, ((state >> index) & 1) === 1]));
  });
  const { compared, allowed, silent } = compare(
    path,
    states.map((booleans) => ({ booleans, queries })),
  );
  assert.ok(compared > 50_000, `${compared} compared`);
  assert.ok(allowed > 500, `${allowed} allowed`);
  assert.ok(silent > 100, `${silent} silent`);
});

/** Half of the queries are about rules that exist, conditional ones first; the others are any types and permissions. */
function randomQueries(facts: BinaryFacts, random: () => number, count: number): Query[] {
  const pick = <Item>(items: readonly Item[]): Item => {
    const item = items[Math.floor(random() * items.length)];
    assert.ok(item !== undefined);
    return item;
  };
  const usual = [
    ["tcp_socket", "name_connect"],
    ["tcp_socket", "name_bind"],
    ["udp_socket", "name_bind"],
    ["file", "read"],
    ["file", "open"],
    ["file", "append"],
    ["file", "write"],
    ["file", "execute"],
    ["dir", "search"],
    ["dir", "add_name"],
    ["dir", "write"],
    ["sock_file", "write"],
    ["lnk_file", "read"],
    ["unix_stream_socket", "connectto"],
    ["process", "signal"],
    ["process", "transition"],
    ["capability", "net_bind_service"],
  ] as const;
  const classes = [...facts.permissions];
  const sources = ["httpd_t", "init_t", "sshd_t", "mysqld_t", "named_t", "postfix_master_t", "sysadm_t", "ftpd_t"];
  const queries: Query[] = [];
  while (queries.length < count) {
    if (random() < 0.5) {
      const [cls, permissions] = pick(classes);
      queries.push({ source: pick(facts.domains), target: pick(facts.types), cls, permission: pick(permissions) });
      continue;
    }
    const source = random() < 0.5 ? "httpd_t" : pick(sources);
    const [cls, permission] = pick(usual);
    const silenced = random() < 0.2 ? facts.contents?.dontauditTargets(source, cls, permission) : undefined;
    const targets = [...(silenced ?? facts.targets(source, cls, permission))];
    const conditional = targets.filter(([, conditions]) => conditions.some(({ op }) => op !== "true"));
    const among = conditional.length > 0 && random() < 0.7 ? conditional : targets;
    if (among.length > 0) {
      queries.push({ source, target: pick(among)[0], cls, permission });
    }
  }
  return queries;
}

test("10,000 random decisions of the distribution's policy, under random booleans, are libsepol's", { skip }, () => {
  assert.ok("oracle" in found);
  const { policy: path } = found.oracle;
  const facts = read(path);
  const random = randomOf(20_221_101);
  const cases = Array.from({ length: 20 }, () => {
    const booleans = Object.fromEntries([...facts.booleans.keys()].map((name) => [name, random() < 0.5]));
    return { booleans, queries: randomQueries(facts, random, 600) };
  });
  const { compared, allowed, silent } = compare(path, cases);
  assert.ok(compared >= 10_000, `${compared} compared`);
  assert.ok(allowed > 2000, `${allowed} allowed`);
  assert.ok(silent > 200, `${silent} silent`);
});

/** Single booleans whose flip turns the denial into allowed, as audit2why lists them. */
function flipsOf(policy: Policy, { source, target, cls, permission }: Query): (string | boolean)[][] | null {
  const result = policy.check(source, target, cls, permission);
  assert.equal(result.verdict, "denied");
  const names = "conditions" in result ? new Set(result.conditions.flatMap(booleansOf)) : [];
  const flips = [...names].sort().flatMap((name) => {
    const value = !(policy.booleans.get(name) ?? false);
    const flipped = policy.with([{ kind: "boolean", name, value }]);
    return flipped.check(source, target, cls, permission).verdict === "allowed" ? [[name, value]] : [];
  });
  return flips.length === 0 ? null : flips;
}

test("the single booleans that would help are those that audit2why names", { skip }, () => {
  assert.ok("oracle" in found);
  const { policy: path } = found.oracle;
  const facts = read(path);
  const policy = policyOf(facts);
  const domains = new Set(facts.domains);
  const random = randomOf(3);
  const queries = randomQueries(facts, random, 3000).filter(({ source, target, cls, permission }) => {
    const isConditional =
      facts
        .targets(source, cls, permission)
        .get(target)
        ?.some(({ op }) => op !== "true") ?? false;
    return isConditional && policy.check(source, target, cls, permission).verdict === "denied";
  });
  const asked = queries.slice(0, 400);
  const answers = runPython("why.py", [path], JSON.stringify(asked.map((query) => contextsOf(domains, query))));
  assert.deepEqual(
    asked.map((query) => flipsOf(policy, query)),
    answers,
  );
  assert.ok(asked.length > 100, `${asked.length} asked`);
});
