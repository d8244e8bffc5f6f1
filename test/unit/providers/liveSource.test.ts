import assert from "node:assert/strict";
import { test } from "node:test";
import { createLiveSource } from "../../../server/src/providers/liveSource.ts";
import type { LivePolicy } from "../../../server/src/selinux/host/live.ts";
import { liveTree, statProgram, statusPage } from "../../support/liveTree.ts";
import { createMemoryHost } from "../../support/memoryHost.ts";
import { webPolicy } from "../../support/policies/webPolicy.ts";

const named = [{ path: "/srv/www/a", kind: "file" as const }];

function setUp() {
  const host = createMemoryHost({ ...liveTree({ policy: webPolicy(33) }), "/srv/www/a": "" });
  const labels = { "/srv": "tmp_t d", "/srv/www": "tmp_t d", "/srv/www/a": "content_t f" };
  host.program = statProgram(labels);
  const source = createLiveSource(host);
  const open = async (): Promise<LivePolicy> => {
    const live = await source.open("");
    assert.ok(live.available);
    return live;
  };
  const flip = (value: 0 | 1, policyLoad: number): void => {
    host.write("/sys/fs/selinux/booleans/connect_db", `${value} ${value}`);
    host.write("/sys/fs/selinux/status", statusPage({ policyLoad }));
  };
  return { host, labels, source, open, flip };
}

test("a flipped boolean changes the state, and no label is read again", async () => {
  const { host, source, open, flip } = setUp();
  const before = await source.state("a", await open(), named);
  const runs = host.runs.length;
  flip(0, 2);
  const after = await source.state("a", await open(), named);
  assert.deepEqual([before.booleans.get("connect_db"), after.booleans.get("connect_db")], [true, false]);
  assert.deepEqual(after.label("/srv/www/a"), before.label("/srv/www/a"));
  assert.deepEqual(
    after.changes.filter(({ kind }) => kind === "boolean"),
    [{ kind: "boolean", name: "connect_db", value: false }],
  );
  assert.equal(host.runs.length, runs);
});

test("a label that changed with the boolean is read again", async () => {
  const { host, labels, source, open, flip } = setUp();
  await source.state("a", await open(), named);
  flip(0, 2);
  Object.assign(labels, { "/srv/www/a": "run_t f" });
  host.write("/srv/www/a", "");
  const after = await source.state("a", await open(), named);
  assert.deepEqual(after.label("/srv/www/a"), { state: "present", type: "run_t", kind: "file" });
});
