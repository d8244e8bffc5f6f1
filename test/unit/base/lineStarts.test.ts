import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { findLines } from "../../../server/src/base/lineStarts.ts";

/** The same, byte by byte. */
function expected(bytes: Uint8Array): readonly number[] {
  const starts = [0];
  for (let i = 0; i < bytes.length; i++)
    if (bytes[i] === 10 || (bytes[i] === 13 && bytes[i + 1] !== 10)) starts.push(i + 1);
  return starts;
}

/** A part of a larger buffer, so that it begins at each place of a word of four bytes. */
function at(offset: number, values: readonly number[]): Uint8Array {
  const whole = new Uint8Array(offset + values.length + 5).fill(10);
  whole.set(values, offset);
  return whole.subarray(offset, offset + values.length);
}

suite("where lines begin", () => {
  test("after LF, CR LF and CR, at every place of a word", () => {
    const ends = [
      [10],
      [13, 10],
      [13],
      [10, 10],
      [13, 13],
      [10, 13],
      [13, 13, 10],
      [9],
      [14],
      [0],
      [127],
      [138],
      [141],
    ];
    for (let offset = 0; offset < 4; offset++)
      for (let before = 0; before < 9; before++)
        for (let after = 0; after < 6; after++)
          for (const end of ends) {
            const bytes = at(offset, [...Array(before).fill(97), ...end, ...Array(after).fill(98)]);
            assert.deepEqual(
              [...findLines(bytes).offsets],
              expected(bytes),
              `${offset} ${before} ${end.join()} ${after}`,
            );
          }
  });

  test("in every pair of bytes", () => {
    for (let first = 0; first < 256; first++) {
      const bytes = Uint8Array.from(Array.from({ length: 256 }, (_, second) => [first, second]).flat());
      assert.deepEqual([...findLines(bytes).offsets], expected(bytes), String(first));
    }
  });

  test("of a text of nothing but line ends, and of an empty one", () => {
    for (const length of [0, 1, 2, 3, 4, 5, 1000]) {
      const bytes = new Uint8Array(length).fill(10);
      assert.deepEqual([...findLines(bytes).offsets], expected(bytes));
    }
  });

  test("a byte outside of ASCII is seen wherever it stands", () => {
    for (let offset = 0; offset < 4; offset++)
      for (let length = 1; length < 12; length++)
        for (let place = 0; place < length; place++) {
          const values = Array<number>(length).fill(97);
          assert.equal(findLines(at(offset, values)).isAscii, true);
          values[place] = 0x80;
          assert.equal(findLines(at(offset, values)).isAscii, false, `${offset} ${length} ${place}`);
        }
  });
});
