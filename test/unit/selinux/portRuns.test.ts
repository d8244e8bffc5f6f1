import assert from "node:assert/strict";
import { test } from "node:test";
import { decide } from "../../../server/src/selinux/decide.ts";
import { refusedPorts } from "../../../server/src/selinux/decidePort.ts";
import { recordRuns } from "../../../server/src/selinux/portRuns.ts";
import { bundledFacts } from "../../support/bundledPolicies.ts";
import { policyOf } from "../../../server/src/selinux/model.ts";

const localPorts = [32_768, 60_999] as const;
const rhel9 = policyOf(bundledFacts("rhel9"));

test("a thousand ranges over all ports look up each port once where a record begins or ends", (context) => {
  const policy = policyOf(bundledFacts("rhel9"));
  const looked = context.mock.method(policy, "portRecord").mock;
  for (let i = 0; i < 1000; i++) {
    const query = { kind: "bind-port", source: "httpd_t", protocol: "tcp", port: 1000 + i, last: 60_000 + i } as const;
    decide(policy, query, { localPorts });
    refusedPorts(policy, query, localPorts);
  }
  const records = policy.facts.ports.filter(({ protocol }) => protocol === "tcp").length;
  const most = 6 * records + 5 * 1000;
  assert.ok(looked.callCount() <= most, `${looked.callCount()} ports were looked up, more than ${most}`);
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
    const runs = refusedPorts(rhel9, { ...query, port: low, last: high }, localPorts);
    assert.deepEqual(
      runs.flatMap((run) => Array.from({ length: run.high - run.low + 1 }, (_, i) => run.low + i)),
      ports.filter((_, at) => alone[at]?.verdict === "denied"),
      `${low}-${high}`,
    );
    for (const run of recordRuns(rhel9, "tcp", low, high)) assert.equal(rhel9.portType("tcp", run.low), run.type);
  }
});
