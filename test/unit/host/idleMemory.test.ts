import assert from "node:assert/strict";
import { test } from "node:test";
import { idleCollector } from "../../../server/src/host/idleMemory.ts";

test("memory is given back once after much work, when the process is idle again", () => {
  let time = 0;
  let resident = 100e6;
  let collections = 0;
  const look = idleCollector({
    processorTime: () => time,
    resident: () => resident,
    collect: () => {
      collections += 1;
      resident = 220e6;
    },
  });
  const after = (work: number, memory: number): number => {
    time += work;
    resident = memory;
    look();
    return collections;
  };
  assert.equal(after(10, 150e6), 0, "little is in use");
  assert.equal(after(3000, 600e6), 0, "it works");
  assert.equal(after(20, 600e6), 1);
  assert.equal(after(20, 220e6), 1, "more cannot be given back");
  assert.equal(after(20, 250e6), 1, "little has come");
  assert.equal(after(20, 500e6), 2);
});
