/** Columns in bytes, for clients that count in UTF-8: against `Buffer.byteLength` and the decoder of the platform. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import * as fc from "fast-check";
import { TextDocument } from "vscode-languageserver-textdocument";
import { textOf, withChanges, type TextChange } from "../../../server/src/base/changedText.ts";
import { LineIndex, type Position, type Range } from "../../../server/src/base/text.ts";

const encodings = ["utf-16", "utf-8"] as const;
const decode = (bytes: Uint8Array): string => new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
const at = (line: number, character: number): Position => ({ line, character });
const linesOf = (text: string): readonly string[] => text.split(/\r\n|\r|\n/u);

/** The position at the end of a text: its last line, counted as each encoding counts it. */
function endOf(text: string, encoding: (typeof encodings)[number]): Position {
  const lines = linesOf(text);
  const last = lines.at(-1) ?? "";
  return at(lines.length - 1, encoding === "utf-8" ? Buffer.byteLength(last) : last.length);
}

/** Of one to four bytes in UTF-8, with joined and combining ones; the ends of lines. */
const piece = fc.constantFrom(
  ..."ab ;{}\n\n".split(""),
  ..."\r\n \r é Ж א عر ท 日本 € e\u0301 \u200d \u{1f600} \u{10ffff} \u{1f468}\u200d\u{1f469}".split(" "),
  "\uFEFF",
  "x".repeat(150),
  "語".repeat(90),
);
const anyText = fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join(""));

suite("columns in bytes", () => {
  test("count each character by its bytes, and begin anew behind every line end", () => {
    const index = textOf("aé€\u{1f600};\r\nж1\r日\n");
    assert.deepEqual(
      [0, 1, 3, 6, 10, 11, 13, 15, 17, 20, 21].map((offset) => index.positionAt(offset, "utf-8")),
      [at(0, 0), at(0, 1), at(0, 3), at(0, 6), at(0, 10), at(0, 11), at(1, 0), at(1, 2), at(2, 0), at(2, 3), at(3, 0)],
    );
    assert.deepEqual(
      [0, 1, 3, 6, 10, 11].map((offset) => index.positionAt(offset).character),
      [0, 1, 2, 3, 5, 6],
    );
  });

  test("inside of a character are its beginning, and beyond the end of a line its end", () => {
    const index = textOf("é€\u{1f600}\r\nж");
    const offsets = (encoding: "utf-8" | "utf-16", line: number, columns: readonly number[]): readonly number[] =>
      columns.map((character) => index.offsetAt(at(line, character), encoding));
    assert.deepEqual(offsets("utf-8", 0, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 99]), [0, 0, 2, 2, 2, 5, 5, 5, 5, 9, 9, 9]);
    assert.deepEqual(offsets("utf-16", 0, [0, 1, 2, 3, 4, 5, 99]), [0, 2, 5, 5, 9, 9, 9]);
    assert.deepEqual(offsets("utf-8", 1, [-1, 0, 1, 2, 3, Infinity, Number.NaN]), [11, 11, 11, 13, 13, 13, 11]);
    assert.deepEqual(index.positionAt(4, "utf-8"), at(0, 2));
    assert.deepEqual(index.positionAt(10, "utf-8"), at(0, 9));
    assert.equal(index.offsetAt(at(9, 0), "utf-8"), 13);
  });

  test("have no byte order mark, and count bytes that are no UTF-8 as they are", () => {
    const index = new LineIndex(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61, 0xe9, 0x62, 0xe2, 0x82, 0x63, 0x80, 0x0a, 0x80));
    const columns = Array.from({ length: 11 }, (_, offset) => index.positionAt(offset, "utf-8").character);
    assert.deepEqual(columns, [0, 0, 0, 0, 1, 2, 3, 3, 5, 6, 7]);
    assert.equal(index.offsetAt(at(0, 0), "utf-8"), 3);
    assert.deepEqual(index.rangeOf({ start: 11, end: 12 }, "utf-8"), { start: at(1, 0), end: at(1, 1) });
  });

  test("are the length of the text before them, in both encodings and both directions", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const index = textOf(text);
        const marked = text.startsWith("\uFEFF");
        for (let k = 0; k <= text.length; k += (text.codePointAt(k) ?? 0) > 0xffff ? 2 : 1) {
          if (text[k - 1] === "\r" && text[k] === "\n") continue;
          const before = text.slice(0, k);
          const offset = Buffer.byteLength(before);
          for (const encoding of encodings) {
            const position = endOf(before.slice(marked ? 1 : 0), encoding);
            assert.deepEqual(index.positionAt(offset, encoding), position);
            assert.equal(index.offsetAt(position, encoding), marked && k === 0 ? 3 : offset);
          }
        }
      }),
      { numRuns: 400 },
    );
  });

  test("of any bytes lead to where the decoder begins a character", () => {
    const byte = fc.oneof(
      fc.integer({ min: 0, max: 255 }),
      fc.constantFrom(0x0a, 0x0d, 0x61, 0x80, 0xbf, 0xc3, 0xe2, 0xed, 0xf0, 0xf4),
    );
    const begins = (bytes: Uint8Array, p: number): boolean =>
      decode(bytes.subarray(0, p)) + decode(bytes.subarray(p)) === decode(bytes);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3 }), fc.array(byte, { maxLength: 24 }), (head, tail) => {
        const bytes = Uint8Array.from([...head, ...tail]);
        const index = new LineIndex(bytes);
        for (let line = 0; line < index.lineCount; line++) {
          const { start, end } = index.lineSpan(line);
          for (let p = start, last = start; p <= end; p++) {
            if (begins(bytes, p)) last = p;
            assert.deepEqual(index.positionAt(p, "utf-8"), at(line, last - start));
            assert.equal(index.offsetAt(at(line, p - start), "utf-8"), last);
          }
        }
      }),
      { numRuns: 2000 },
    );
  });
});

suite("changes in bytes", () => {
  const change = (line: number, from: number, to: number, text: string): TextChange => ({
    range: { start: at(line, from), end: at(line, to) },
    text,
  });
  const after = (text: string, ...changes: readonly TextChange[]): string =>
    decode(withChanges(textOf(text), changes, "utf-8").bytes);

  test("are made between characters of several bytes", () => {
    assert.equal(after("é€\u{1f600};\n日\n", change(0, 5, 9, "ж"), change(1, 3, 3, "本")), "é€ж;\n日本\n");
    assert.equal(after("é\r\nж", change(0, 2, 99, "\n"), change(2, 0, 0, "x")), "é\n\r\nxж");
    assert.equal(after("é€", change(0, 1, 3, "")), "€", "inside of a character is its beginning");
  });

  const position = fc.record({ line: fc.integer({ min: -1, max: 9 }), character: fc.integer({ min: -1, max: 40 }) });
  const anyChange = fc.record({ range: fc.record({ start: position, end: position }), text: anyText });

  /** A position in UTF-16, found by trying the characters of the line one after another. */
  const inUtf16 = (text: string, { line, character }: Position): Position => {
    let column = 0;
    let bytes = 0;
    for (const each of linesOf(text)[line] ?? "") {
      bytes += Buffer.byteLength(each);
      if (bytes > character) break;
      column += each.length;
    }
    return at(line, column);
  };
  const rangeInUtf16 = (text: string, { start, end }: Range): Range => ({
    start: inUtf16(text, start),
    end: inUtf16(text, end),
  });
  const expected = (before: string, range: Range, text: string): string => {
    const document = TextDocument.create("file:///x", "nginx", 0, before);
    return TextDocument.update(document, [{ range: rangeInUtf16(before, range), text }], 1).getText();
  };

  test("give the text that other servers make of the same changes in UTF-16, and its lines", () => {
    fc.assert(
      fc.property(anyText, fc.array(anyChange, { maxLength: 8 }), (before, changes) => {
        const { bytes, starts } = withChanges(textOf(before), changes, "utf-8");
        const wanted = changes.reduce((text, each) => expected(text, each.range, each.text), before);
        assert.equal(decode(bytes), wanted);
        assert.deepEqual(starts.offsets, textOf(wanted).starts.offsets);
      }),
      { numRuns: 2000 },
    );
  });
});
