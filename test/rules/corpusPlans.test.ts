/**
 * An extra: real configurations, where the checkout has them beside it. The plan of each is made of its findings' preferred
 * fixes.
 */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { releases } from "../support/bundledPolicies.ts";
import { analysed } from "../support/planned.ts";
import { preferredFixesHold } from "../support/preferredFixes.ts";
import { release } from "./situation.ts";

const corpus = new URL("../../../shared/nginx/corpus/", import.meta.url);

test("the plan of real configurations is made of their preferred fixes", { skip: !existsSync(corpus) }, async () => {
  const files = readdirSync(corpus).toSorted();
  let fixes = 0;
  for (const [i, name] of files.entries()) {
    // Each release gets its share.
    const on = releases[i % releases.length] ?? "rhel9";
    const analysis = await analysed(release(on), readFileSync(new URL(name, corpus)));
    try {
      fixes += preferredFixesHold(analysis, (all) => all.toReversed());
    } catch (error) {
      throw new Error(`${name}, ${on}`, { cause: error });
    }
  }
  assert.ok(fixes > 0);
});
