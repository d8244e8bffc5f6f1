/** Thousands of patterns, each within its own limit: the work and what is held are counted, and bounded. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { FileContexts } from "../../../server/src/selinux/fileContexts.ts";
import { listOf, type FileContextSpec } from "../../../server/src/selinux/fileContextLists.ts";
import { hostLabels } from "../../../server/src/selinux/hostLabels.ts";
import { PatternBudget, usualLimits } from "../../../server/src/selinux/patternBudget.ts";

function specsOf(count: number, regex: (index: number) => string): FileContextSpec[] {
  return Array.from({ length: count }, (_, index) => ({ regex: regex(index), kind: "any", type: `t${index}_t` }));
}

/** A pattern whose repeats multiply to 3,500 states. */
const bomb = (index: number): string => `/(a{0,40}b?){0,40}${index}`;

test("10,000 hostile patterns: the work and the states that are held are bounded, and the label is unknown", () => {
  const budget = new PatternBudget();
  const contexts = new FileContexts(listOf(specsOf(10_000, bomb)), budget);
  const found = contexts.match("/srv/aaaabaaa/index.html", "file");
  assert.ok(found !== null && "refused" in found);
  assert.equal(found.refused, "too much work");
  assert.ok(budget.compiled > 0 && budget.compiled * 3500 < usualLimits.atOnce, `${budget.compiled} compiled`);
  assert.ok(budget.held <= usualLimits.held + 5000, `${budget.held} held`);
  // What is left over decides nothing: each further question gets its own small share.
  const before = budget.compiled;
  for (let asked = 0; asked < 100; asked++) contexts.match(`/srv/b${asked}`, "file");
  const most = (100 * usualLimits.perQuestion) / 3500;
  assert.ok(budget.compiled - before <= most + 1, `${budget.compiled - before} compiled by 100 questions`);
});

test("a pattern is compiled when a path that begins as it does is asked for, and once", () => {
  const budget = new PatternBudget();
  const contexts = new FileContexts(listOf(specsOf(1000, (index) => `/srv/site${index}/.*\\.php`)), budget);
  assert.equal(budget.compiled, 0);
  assert.equal(contexts.match("/srv/site7/a/index.php", "file")?.spec.type, "t7_t");
  assert.equal(contexts.match("/srv/site7/b/index.php", "file")?.spec.type, "t7_t");
  assert.equal(contexts.match("/var/www/index.php", "file"), null);
  assert.equal(budget.compiled, 1);
});

test("patterns that are let go are compiled again, and answer the same", () => {
  const budget = new PatternBudget({ atOnce: 1_000_000, perQuestion: 1000, held: 200 });
  const contexts = new FileContexts(listOf(specsOf(100, (index) => `/srv/site${index}/.*\\.php`)), budget);
  for (let round = 0; round < 3; round++)
    for (let index = 0; index < 100; index++)
      assert.equal(contexts.match(`/srv/site${index}/a.php`, "file")?.spec.type, `t${index}_t`);
  assert.ok(budget.compiled > 100, `${budget.compiled} compiled`);
  assert.ok(budget.held < 400, `${budget.held} held`);
});

test("patterns whose steps grow without end are matched with what is left, and then not at all", () => {
  const budget = new PatternBudget({ atOnce: 100_000, perQuestion: 100, held: 10_000 });
  const contexts = new FileContexts(listOf(specsOf(50, (index) => `/.*[ab]*a[ab]{13}${index}`)), budget);
  let unknown = 0;
  for (let asked = 0; asked < 200; asked++) {
    const found = contexts.match(`/${asked.toString(2).replaceAll("0", "a").replaceAll("1", "b").repeat(9)}`, "file");
    if (found !== null && "refused" in found) unknown++;
    assert.ok(budget.held < 11_000, `${budget.held} held`);
  }
  assert.ok(unknown > 0, "all were answered");
});

test("many specs without metacharacters for one path are one entry per kind of file", () => {
  const budget = new PatternBudget();
  const specs = specsOf(50_000, () => "/srv/app").map((spec): FileContextSpec => ({ ...spec, kind: "sock" }));
  const contexts = new FileContexts(listOf(specs), budget);
  assert.equal(contexts.match("/srv/app", "sock")?.spec.type, "t49999_t");
  assert.equal(contexts.match("/srv/app", "dir"), null);
});

test("the reader is told which file has the pattern that was not tried", () => {
  const texts = { base: "/.* a:b:default_t\n", homedirs: "", local: "", subs: "", subsDist: "" };
  const hostile = `${bomb(1).replace("40", "400")} a:b:c_t\n`;
  const inBase = hostLabels({ ...texts, base: texts.base + hostile }).label("/srv/x", "file");
  assert.equal(inBase.type, null);
  assert.equal(
    inBase.unknown,
    "the pattern /(a{0,400}b?){0,40}1 of file_contexts may match and was not tried (pattern too large)",
  );
  for (const file of ["homedirs", "local"] as const)
    assert.match(
      hostLabels({ ...texts, [file]: hostile }).label("/srv/x", "file").unknown ?? "",
      new RegExp(`of file_contexts\\.${file} may match`, "u"),
    );
});

test("a pattern that is longer than any path is not read", () => {
  const contexts = new FileContexts(listOf(specsOf(1, () => `/${"[a]".repeat(1_000_000)}`)));
  const found = contexts.match("/a", "file");
  assert.ok(found !== null && "refused" in found);
  assert.match(found.refused, /too (?:long|much)/u);
});
