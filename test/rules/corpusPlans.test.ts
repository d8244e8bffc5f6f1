/**
 * An extra: real configurations, where the checkout has them beside it. The plan of each is made of its findings' preferred
 * fixes. A sample of them; all with ALL_OF_CORPUS=1, which takes minutes.
 */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { releases } from "../support/bundledPolicies.ts";
import { analysed } from "../support/planned.ts";
import { preferredFixesHold } from "../support/preferredFixes.ts";
import { release } from "./situation.ts";

const corpus = new URL("../../../shared/nginx/corpus/", import.meta.url);
const STEP = process.env["ALL_OF_CORPUS"] === "1" ? 1 : 50;

test("the plan of real configurations is made of their preferred fixes", { skip: !existsSync(corpus) }, async () => {
  const files = readdirSync(corpus).toSorted();
  let fixes = 0;
  for (let i = 0; i < files.length; i += STEP) {
    const name = files[i] ?? "";
    // Each release gets its share.
    const on = releases[Math.floor(i / STEP) % releases.length] ?? "rhel9";
    const analysis = await analysed(release(on), readFileSync(new URL(name, corpus)));
    try {
      fixes += preferredFixesHold(analysis, (all) => all.toReversed());
    } catch (error) {
      throw new Error(`${name}, ${on}`, { cause: error });
    }
  }
  assert.ok(fixes > 0);
});
