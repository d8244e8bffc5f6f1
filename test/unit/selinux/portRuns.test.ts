import assert from "node:assert/strict";
import { test } from "node:test";
import { checkedRuns, decide } from "../../../server/src/selinux/decide.ts";
import { recordRuns } from "../../../server/src/selinux/portRuns.ts";
import { bundledFacts } from "../../support/bundledPolicies.ts";
import { policyOf } from "../../../server/src/selinux/model.ts";

const localPorts = [32_768, 60_999] as const;
const rhel9 = policyOf(bundledFacts("rhel9"));

test("fifty ranges over all ports look each port up once", (context) => {
  const policy = policyOf(bundledFacts("rhel9"));
  const looked = context.mock.method(policy, "portRecord").mock;
  for (let i = 0; i < 50; i++) {
    decide(
      policy,
      { kind: "bind-port", source: "httpd_t", protocol: "tcp", port: 1000 + i, last: 60_000 + i },
      { localPorts },
    );
    checkedRuns(policy, "httpd_t", "tcp", 1000 + i, 60_000 + i, localPorts);
  }
  assert.ok(looked.callCount() <= 65_536 + 5 * 50, `${looked.callCount()} ports were looked up`);
});

test("a range is refused where one of its ports is, and its runs are those ports", () => {
  for (const [low, high] of [
    [1, 65_535],
    [80, 90],
    [8008, 8009],
    [1000, 1100],
    [30_000, 40_000],
    [60_990, 61_005],
    [0, 5],
  ] as const) {
    const query = { kind: "bind-port", source: "httpd_t", protocol: "tcp" } as const;
    const ports = Array.from({ length: high - low + 1 }, (_, i) => low + i);
    const alone = ports.map((port) => decide(rhel9, { ...query, port }, { localPorts }));
    const range = decide(rhel9, { ...query, port: low, last: high }, { localPorts });
    const refused = alone.find(({ verdict }) => verdict !== "allowed");
    assert.equal(range.verdict, refused?.verdict ?? "allowed", `${low}-${high}`);
    assert.equal(range.target, (refused ?? alone[0])?.target);
    const runs = checkedRuns(rhel9, "httpd_t", "tcp", low, high, localPorts);
    const inRuns = runs.flatMap((run) => ports.filter((port) => run.low <= port && port <= run.high));
    assert.deepEqual(
      inRuns,
      ports.filter((port) => port > 0 && (port < 32_768 || port > 60_999)),
      `${low}-${high}`,
    );
    for (const run of recordRuns(rhel9, "tcp", low, high)) assert.equal(rhel9.portType("tcp", run.low), run.type);
  }
});
