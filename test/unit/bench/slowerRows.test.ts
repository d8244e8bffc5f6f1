import { deepEqual, throws } from "node:assert/strict";
import { suite, test } from "node:test";
import { slowerRows } from "../../bench/slower.ts";
import { table } from "../../bench/table.ts";

suite("the comparison of a benchmark with the committed table", () => {
  const committed = table([
    { what: "floor", milliseconds: 50 },
    { what: "check", milliseconds: 200 },
    { what: "parse", milliseconds: 4.5 },
    { what: "gone", milliseconds: 10 },
  ]);

  test("tells what takes more than a fifth longer, measured against the floor", () => {
    const now = [
      { what: "floor", milliseconds: 100 },
      { what: "check", milliseconds: 500 },
      { what: "parse", milliseconds: 9.1 },
      { what: "new", milliseconds: 1 },
    ];
    deepEqual(slowerRows(committed, now, "floor"), ['check: 1.25 times the committed time, measured against "floor"']);
  });

  test("refuses a table without a floor", () => {
    throws(() => slowerRows("", [], "floor"), /no row "floor"/);
  });
});
