/** The commands printed for 500 generated places and 200 ports, as one `semanage import` of the real semanage. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { quoteWord } from "../../server/src/fixes/quote.ts";
import { judge } from "../rules/situation.ts";
import { accessesTo, generatedPaths, generatedPorts } from "../support/generatedAccesses.ts";
import { findOracle } from "../support/oracle.ts";
import { policyIn } from "../support/policyIn.ts";
import { randomOf } from "../support/policies/damage.ts";
import { createPrivateRoot } from "../support/privateRoot.ts";
import { shellWords } from "../support/semanageStandIn.ts";

const found = findOracle();
const root = "oracle" in found ? createPrivateRoot(found.oracle) : found.skip;
if (typeof root === "string") assert.notEqual(process.env["ORACLE"], "required", root);
const skip = typeof root === "string" ? root : false;

test("semanage takes every label that is printed for 500 paths and 200 ports", { skip }, async () => {
  assert.ok(typeof root !== "string");
  try {
    const policy = await policyIn(root.policyDirectory);
    const lists = policy.facts.contents?.fileContexts;
    assert.ok(lists !== undefined && lists.subsDist.length > 5);
    const random = randomOf(20_260_115);
    const directories = [...lists.defined].flatMap((spec) => /^((?:\/[\w-]+)+)\(\/\.\*\)\?$/u.exec(spec)?.[1] ?? []);
    const equivalences = lists.subsDist.map(({ from, to }) => [from, to] as const);
    const paths = generatedPaths(500, directories, equivalences, random);
    const commands = [...paths.flatMap((path) => accessesTo(path, random)), ...generatedPorts(200, random)].flatMap(
      (access) => judge(policy, access).flatMap(({ fixes }) => fixes.flatMap((fix) => fix.commands)),
    );
    // One record of each spec or port: what is added twice is defined the second time.
    const lines = new Map<string, string>();
    for (const command of new Set(commands)) {
      if (!command.startsWith("sudo semanage ")) continue;
      const words = shellWords(command);
      const key = `${words[2]} ${words.includes("udp") ? "udp" : ""} ${words.at(-1)}`;
      if (!lines.has(key)) lines.set(key, command.slice("sudo semanage ".length));
    }
    const verbs = [...lines.values()].map((line) => line.split(" ", 2).join(" "));
    for (const [verb, least] of [
      ["fcontext -a", 80],
      ["fcontext -m", 1],
      ["port -a", 20],
      ["port -m", 5],
    ] as const) {
      const count = verbs.filter((each) => each === verb).length;
      assert.ok(count >= least, `${verb}: ${count}`);
    }
    writeFileSync(join(root.path, "lines"), `${[...lines.values()].join("\n")}\n`);
    root.run("semanage import -N -f lines");
    const local = root.run("semanage fcontext -l -C -n");
    const imported = verbs.filter((verb) => verb.startsWith("fcontext ")).length;
    assert.equal(local.split("\n").filter((line) => line.includes(":object_r:")).length, imported);
    // The labels are then those that libselinux gives, whatever characters are in a name.
    const after = await policyIn(root.policyDirectory);
    const words = paths.map((path) => {
      const quoted = quoteWord(path);
      assert.ok(quoted.ok, path);
      return quoted.text;
    });
    const labels = root.run(`matchpathcon -n -m dir ${words.join(" ")}`).split("\n");
    for (const [index, path] of paths.entries()) {
      const type = labels[index] === "<<none>>" ? null : labels[index]?.split(":")[2];
      assert.equal(after.label(path, "dir").type, type, path);
    }
  } finally {
    root.remove();
  }
});
