/** An extra where the measured facts lie beside the project: the bundled releases hold every one of them. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import {
  booleansOf,
  evaluateCondition,
  parseCondition,
  renderCondition,
} from "../../../server/src/selinux/conditions.ts";
import { policyOf } from "../../../server/src/selinux/model.ts";
import type { FileKind } from "../../../server/src/selinux/fileContextLists.ts";
import type { PolicyFacts } from "../../../server/src/selinux/policy.ts";
import { bundledFacts, releases } from "../../support/bundledPolicies.ts";

const directory = new URL("../../../../shared/measured/", import.meta.url);
const skip = existsSync(directory) ? false : "the measured facts are not here";

/** JSON.parse gives `any`; each caller says what the file holds. */
function read(name: string): ReturnType<typeof JSON.parse> {
  return JSON.parse(readFileSync(new URL(name, directory), "utf8"));
}

/** Target types under each condition. */
interface MeasuredTable {
  readonly [condition: string]: readonly string[];
}

interface Measured {
  readonly ports: readonly (readonly [string, number, number, string])[];
  readonly defaultPortType: string;
  readonly booleans: { readonly [name: string]: boolean };
  readonly allow: { readonly [classPermission: string]: MeasuredTable };
  readonly dontaudit: { readonly [classPermission: string]: MeasuredTable };
  readonly fileTransitions: readonly (readonly [directory: string, cls: string, type: string])[];
  readonly processTransitions: readonly (readonly [domain: string, executable: string, type: string])[];
  readonly types: { readonly [name: string]: { readonly exists: boolean; readonly real?: string } };
  readonly aliases: { readonly [alias: string]: string };
}

interface MeasuredLabels {
  readonly releases: readonly string[];
  readonly rows: readonly (readonly [path: string, kind: FileKind, ...types: string[]])[];
  readonly patterns: readonly (readonly [path: string, kind: FileKind, ...types: string[]])[];
}

/** The names and the truth table: texts of conditions differ in form. */
function meaning(text: string): string {
  if (text === "always" || text === "") return "always";
  const condition = parseCondition(text);
  const names = booleansOf(condition).sort();
  const rows = Array.from({ length: 2 ** names.length }, (_, row) =>
    evaluateCondition(condition, (name) => ((row >> names.indexOf(name)) & 1) === 1) ? 1 : 0,
  );
  return `${names.join()}:${rows.join("")}`;
}

for (const release of releases) {
  test(`${release}: ports, booleans, types and aliases are the measured ones`, { skip }, () => {
    const measured: Measured = read(`${release}.json`);
    const facts = bundledFacts(release);
    assert.deepEqual(
      facts.ports.map(({ protocol, low, high, type }) => [protocol, low, high, type]),
      measured.ports,
    );
    assert.equal(facts.defaultPortType, measured.defaultPortType);
    assert.deepEqual(Object.fromEntries(facts.booleans), measured.booleans);
    for (const [alias, real] of Object.entries(measured.aliases)) assert.equal(facts.resolveType(alias), real, alias);
    for (const [name, { exists, real }] of Object.entries(measured.types)) {
      assert.equal(facts.resolveType(name), exists ? (real ?? name) : undefined, name);
    }
  });

  test(`${release}: every rule and every dontaudit rule is there, and no other`, { skip }, () => {
    const { allow, dontaudit, aliases }: Measured = read(`${release}.json`);
    const facts = bundledFacts(release);
    const realName = (name: string): string => aliases[name] ?? name;
    const linesOf = (table: MeasuredTable): readonly string[] => {
      const lines = Object.entries(table).flatMap(([condition, targets]) =>
        targets.map((target) => `${realName(target)} ${meaning(condition)}`),
      );
      return [...new Set(lines)].sort();
    };
    const all = [allow, dontaudit].flatMap((rules) =>
      Object.values(rules).flatMap((table) => Object.values(table).flat()),
    );
    const types = new Set([...all.map(realName), "never_heard_of_t"]);
    for (const key of Object.keys(allow)) {
      const [cls = "", permission = ""] = key.split(" ");
      const found = (ask: PolicyFacts["rules"]): readonly string[] =>
        [...types]
          .flatMap((target) => {
            const answer = ask("httpd_t", target, cls, permission);
            assert.ok(answer.known, key);
            return answer.conditions.map((condition) => `${target} ${meaning(renderCondition(condition))}`);
          })
          .sort();
      assert.deepEqual(found(facts.rules.bind(facts)), linesOf(allow[key] ?? {}), key);
      assert.deepEqual(found(facts.dontaudit.bind(facts)), linesOf(dontaudit[key] ?? {}), `dontaudit ${key}`);
    }
    for (const key of Object.keys(dontaudit)) assert.ok(key in allow, key);
    const policy = policyOf(facts);
    assert.equal(policy.check("httpd_t", "httpd_t", "tcp_socket", "no_such").verdict, "unknown");
    assert.equal(policy.dontaudit("httpd_t", "httpd_t", "tcp_socket", "no_such").verdict, "unknown");
  });

  test(`${release}: every transition is there`, { skip }, () => {
    const { fileTransitions, processTransitions }: Measured = read(`${release}.json`);
    const facts = bundledFacts(release);
    for (const [directory, cls, type] of fileTransitions)
      assert.equal(facts.fileTransition("httpd_t", directory, cls), type, directory);
    for (const [domain, executable, type] of processTransitions)
      assert.equal(facts.processTransition(domain, executable), type, domain);
  });

  test(`${release}: the paths that stand for others are the measured ones`, { skip }, () => {
    const { equivalences }: { readonly equivalences: { readonly [release: string]: readonly (readonly string[])[] } } =
      read("equivalences.json");
    const lines = equivalences[release];
    assert.ok(lines !== undefined && lines.length >= 18);
    for (const [from = "", to = ""] of lines) {
      assert.equal(bundledFacts(release).canonicalPath(from), to);
      assert.equal(bundledFacts(release).canonicalPath(`${from}x/y`).endsWith("x/y"), true);
    }
  });

  test(`${release}: every probed path and pattern has its default label`, { skip }, () => {
    const labels: MeasuredLabels = read("default-labels.json");
    const column = labels.releases.indexOf(release);
    const policy = policyOf(bundledFacts(release));
    const wrong: string[] = [];
    for (const [path, kind, ...types] of [...labels.rows, ...labels.patterns]) {
      const expected = types[column] === "<<none>>" ? null : types[column];
      // A name must not matter.
      for (const name of path.includes("*") ? ["x", "app-2.1", "Zebra_9"] : [""]) {
        const probe = path.replaceAll("*", name);
        const { type } = policy.label(probe, kind);
        if (type !== expected) wrong.push(`${path} ${kind} as ${probe}: ${type} instead of ${expected}`);
      }
    }
    assert.deepEqual(wrong, []);
  });

  test(`${release}: exactly the measured directories have a file context of their own`, { skip }, () => {
    const { directories }: { readonly directories: { readonly [directory: string]: readonly string[] } } =
      read("defined-file-contexts.json");
    for (const [path, having] of Object.entries(directories)) {
      const spec = `${path.replaceAll(".", "\\.")}(/.*)?`;
      assert.equal(bundledFacts(release).definesFileContext(spec), having.includes(release), spec);
    }
  });
}
