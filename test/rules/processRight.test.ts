/** Rights of nginx's own process: capabilities, and memory that is written and executed. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { planOf } from "../../server/src/offers/planAnalysis.ts";
import { releases } from "../support/bundledPolicies.ts";
import { analysed } from "../support/planned.ts";
import { tinyPolicy } from "../support/tinyPolicy.ts";
import { brief, judge, release, right } from "./situation.ts";

test("no release gives nginx foreign addresses, and a module is the only fix", () => {
  for (const on of releases) {
    const [said, ...others] = judge(release(on), right("net_raw"));
    assert.ok(said !== undefined && others.length === 0, on);
    assert.deepEqual([said.rule, said.severity], ["process-right", "error"]);
    assert.deepEqual(said.fixes.map(brief), ["module (allow httpd_t self (capability (net_raw)))"]);
    const { decision } = said;
    assert.deepEqual([decision.target, decision.cls, decision.permission], ["httpd_t", "capability", "net_raw"]);
  }
});

test("one of the two capabilities that the kernel asks for is enough", () => {
  const policyWith = (allowed: "net_raw" | "net_admin" | null): ReturnType<typeof tinyPolicy> =>
    tinyPolicy({
      allow: {
        "capability net_raw": { always: allowed === "net_raw" ? ["httpd_t"] : [] },
        "capability net_admin": { always: allowed === "net_admin" ? ["httpd_t"] : [] },
      },
    });
  assert.deepEqual(judge(policyWith("net_raw"), right("net_raw")), []);
  assert.deepEqual(judge(policyWith("net_admin"), right("net_raw")), []);
  assert.deepEqual(
    judge(policyWith(null), right("net_raw")).map(({ rule }) => rule),
    ["process-right"],
  );
});

test("a policy that has no rules about a capability is not known to refuse it", () => {
  const [said, ...others] = judge(tinyPolicy({}), right("net_raw"));
  assert.ok(said !== undefined && others.length === 0);
  assert.deepEqual([said.rule, said.severity], ["target-unknown", "hint"]);
  // What changes nothing that works is not worth a hint.
  assert.deepEqual(judge(tinyPolicy({}), right("execmem")), []);
});

test("a JIT that is refused is an information, and no plan turns on the boolean for it", async () => {
  for (const on of releases) {
    const analysis = await analysed(release(on), "pcre_jit on; events {}");
    assert.deepEqual(
      analysis.findings.map(({ rule, severity }) => `${rule} ${severity}`),
      ["process-right information"],
      on,
    );
    assert.deepEqual(planOf(analysis).steps, [], on);
  }
  const allowed = release("rhel9", { kind: "boolean", name: "httpd_execmem", value: true });
  assert.deepEqual((await analysed(allowed, "pcre_jit on; events {}")).findings, []);
});
