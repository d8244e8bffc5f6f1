import assert from "node:assert/strict";
import { suite, test } from "node:test";
import * as fc from "fast-check";
import { LineIndex } from "../../../server/src/base/text.ts";

const index = (text: string): LineIndex => new LineIndex(new TextEncoder().encode(text));

suite("LineIndex", () => {
  test("counts zero-based lines and columns", () => {
    const lines = index("user nginx;\nevents {}\n");
    assert.deepEqual(lines.positionAt(0), { line: 0, character: 0 });
    assert.deepEqual(lines.positionAt(5), { line: 0, character: 5 });
    assert.deepEqual(lines.positionAt(12), { line: 1, character: 0 });
    assert.deepEqual(lines.positionAt(22), { line: 2, character: 0 });
    assert.equal(lines.lineCount, 3);
  });

  test("ends a line at LF, CRLF and a lone CR", () => {
    const lines = index("a\nb\r\nc\rd\r\r\n\n");
    assert.deepEqual(
      Array.from({ length: lines.lineCount }, (_, line) => lines.lineText(line)),
      ["a", "b", "c", "d", "", "", ""],
    );
    assert.deepEqual(lines.lineSpan(1), { start: 2, end: 3 });
  });

  test("takes an offset inside a line end for the end of its line", () => {
    const lines = index("ab\r\nc");
    assert.deepEqual(lines.positionAt(3), { line: 0, character: 2 });
    assert.deepEqual(lines.positionAt(4), { line: 1, character: 0 });
  });

  test("counts UTF-16 units: one for é and €, two for an emoji", () => {
    const lines = index("é€😀x");
    assert.deepEqual(
      [0, 2, 5, 9, 10].map((offset) => lines.positionAt(offset).character),
      [0, 1, 2, 4, 5],
    );
    assert.deepEqual(
      [0, 1, 2, 3, 4, 5].map((character) => lines.offsetAt({ line: 0, character })),
      [0, 2, 5, 5, 9, 10],
    );
  });

  test("takes an offset inside a character for its beginning", () => {
    const lines = index("a😀b");
    assert.deepEqual(
      [1, 2, 3, 4, 5].map((offset) => lines.positionAt(offset).character),
      [1, 1, 1, 1, 3],
    );
  });

  test("gives a byte order mark at the start of the text no columns", () => {
    const lines = index("\uFEFFuser x;\n\uFEFFy");
    assert.deepEqual(lines.positionAt(0), { line: 0, character: 0 });
    assert.deepEqual(lines.positionAt(3), { line: 0, character: 0 });
    assert.deepEqual(lines.positionAt(8), { line: 0, character: 5 });
    assert.equal(lines.offsetAt({ line: 0, character: 0 }), 3);
    assert.equal(lines.offsetAt({ line: 0, character: 5 }), 8);
    assert.equal(lines.lineText(0), "user x;");
    assert.equal(lines.lineText(1), "\uFEFFy");
    assert.deepEqual(lines.positionAt(14), { line: 1, character: 1 });
  });

  test("clamps what is outside of the text", () => {
    const lines = index("ab\ncd");
    assert.deepEqual(lines.positionAt(-1), { line: 0, character: 0 });
    assert.deepEqual(lines.positionAt(99), { line: 1, character: 2 });
    assert.equal(lines.offsetAt({ line: -1, character: 5 }), 0);
    assert.equal(lines.offsetAt({ line: 0, character: 5 }), 2);
    assert.equal(lines.offsetAt({ line: 0, character: -5 }), 0);
    assert.equal(lines.offsetAt({ line: 9, character: 0 }), 5);
    assert.deepEqual(lines.lineSpan(9), { start: 3, end: 5 });
  });

  test("answers for an empty text", () => {
    const lines = index("");
    assert.equal(lines.lineCount, 1);
    assert.deepEqual(lines.positionAt(0), { line: 0, character: 0 });
    assert.equal(lines.offsetAt({ line: 0, character: 1 }), 0);
    assert.equal(lines.lineText(0), "");
  });

  test("gives the range of a span", () => {
    assert.deepEqual(index("a {\n é b;\n}").rangeOf({ start: 5, end: 9 }), {
      start: { line: 1, character: 1 },
      end: { line: 1, character: 4 },
    });
  });

  // Pieces that meet at the borders of the UTF-8 decoder: overlong, surrogate, too large, cut short.
  const piece = fc.constantFrom<number[]>(
    [0x61],
    [0x0a],
    [0x0d],
    [0x0d, 0x0a],
    [0xc3, 0xa9],
    [0xe2, 0x82, 0xac],
    [0xf0, 0x9f, 0x98, 0x80],
    [0xef, 0xbb, 0xbf],
    [0x80],
    [0xc0, 0xaf],
    [0xe0, 0x9f],
    [0xe2, 0x82],
    [0xed, 0xa0, 0x80],
    [0xf0, 0x9f],
    [0xf4, 0x90, 0x80, 0x80],
    [0xff],
    Array.from({ length: 700 }, () => 0x62),
    Array.from({ length: 900 }, (_, i) => [0xe2, 0x82, 0xac][i % 3] ?? 0),
  );
  const bytes = fc.array(piece, { maxLength: 40 }).map((pieces) => Uint8Array.from(pieces.flat()));

  test("agrees with decoding the text and splitting it into lines", () => {
    fc.assert(
      fc.property(bytes, (input) => {
        const lines = new LineIndex(input);
        const text = new TextDecoder().decode(input).split(/\r\n|\r|\n/);
        assert.equal(lines.lineCount, text.length);
        for (const [line, expected] of text.entries()) {
          assert.equal(lines.lineText(line), expected);
          const { start, end } = lines.lineSpan(line);
          assert.deepEqual(lines.positionAt(start), { line, character: 0 });
          assert.deepEqual(lines.positionAt(end), { line, character: expected.length });
          assert.equal(lines.offsetAt({ line, character: expected.length }), end);
        }
      }),
    );
  });

  test("finds the offset of a character's beginning again from its position", () => {
    fc.assert(
      fc.property(bytes, fc.nat(), (input, at) => {
        const lines = new LineIndex(input);
        const position = lines.positionAt(at % (input.length + 1));
        const offset = lines.offsetAt(position);
        assert.deepEqual(lines.positionAt(offset), position);
        assert.ok(offset <= Math.max(at % (input.length + 1), lines.lineSpan(0).start));
      }),
    );
  });
});

test("a position that is no number is the nearest one, and is found", () => {
  const lines = index("é one\ntwo\n");
  assert.equal(lines.offsetAt({ line: Number.NaN, character: 2 }), 3);
  assert.equal(lines.offsetAt({ line: 1, character: Number.NaN }), 7);
  assert.equal(lines.offsetAt({ line: 0.5, character: 1.5 }), 2);
  assert.equal(lines.offsetAt({ line: Infinity, character: Infinity }), 11);
  assert.deepEqual(lines.lineSpan(Number.NaN), { start: 0, end: 6 });
});
