import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { PortTable, firstRecord } from "../../../server/src/selinux/portTable.ts";
import type { PortRecord } from "../../../server/src/selinux/policy.ts";

const port = fc.oneof(fc.integer({ min: 0, max: 65535 }), fc.integer({ min: 0, max: 9 }), fc.constant(65535));
const record: fc.Arbitrary<PortRecord> = fc
  .tuple(fc.constantFrom("tcp" as const, "udp" as const), port, port, fc.nat(3))
  .map(([protocol, one, other, type]) => ({
    protocol,
    low: Math.min(one, other),
    high: Math.max(one, other),
    type: `t${type}`,
  }));

test("each port is decided by the first record that holds it, also where records overlap", () => {
  fc.assert(
    fc.property(fc.array(record, { maxLength: 30 }), fc.array(port, { maxLength: 40 }), (records, asked) => {
      const table = new PortTable(records);
      const ends = records.flatMap(({ low, high }) => [low, high, Math.max(0, low - 1), Math.min(65535, high + 1)]);
      for (const protocol of ["tcp", "udp"] as const)
        for (const each of [...asked, ...ends])
          assert.equal(table.record(protocol, each), firstRecord(records, protocol, each), `${protocol} ${each}`);
    }),
  );
});

test("no port is decided without a record", () => {
  assert.equal(new PortTable([]).record("tcp", 80), null);
});
