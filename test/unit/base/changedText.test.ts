import assert from "node:assert/strict";
import { suite, test } from "node:test";
import * as fc from "fast-check";
import { TextDocument } from "vscode-languageserver-textdocument";
import { textOf, withChanges, type TextChange } from "../../../server/src/base/changedText.ts";
import { LineIndex } from "../../../server/src/base/text.ts";

const decode = (bytes: Uint8Array): string => new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
const change = (line: number, from: number, to: number, text: string): TextChange => ({
  range: { start: { line, character: from }, end: { line, character: to } },
  text,
});
const after = (text: string, ...changes: readonly TextChange[]): string =>
  decode(withChanges(textOf(text), changes).bytes);

suite("changes of a text", () => {
  test("are made one after another, each to what the one before it left", () => {
    assert.equal(
      after("abc\ndef\n", change(0, 1, 2, "B\n"), change(1, 0, 1, "C"), change(2, 3, 3, "!")),
      "aB\nC\ndef!\n",
    );
  });

  test("without a range are the whole new text", () => {
    assert.equal(after("abc", change(0, 0, 3, "x"), { text: "d\ne" }, change(1, 0, 1, "E")), "d\nE");
    const text = textOf("abc");
    assert.equal(withChanges(text, []), text);
  });

  test("may take one half of a surrogate pair for another", () => {
    assert.equal(after("a\u{1F600}b", change(0, 2, 3, "\u{1F601}".slice(1))), "a\u{1F601}b");
  });

  test("join and part the bytes of a line end", () => {
    for (const [text, each] of [
      ["a\r\nb", change(0, 1, 1, "\r")],
      ["a\rb", change(1, 0, 0, "\n")],
      ["a\nb", change(0, 1, 1, "\r")],
      ["\r\n\n", change(0, 0, 0, "x\r")],
    ] as const) {
      const { bytes, starts } = withChanges(textOf(text), [each]);
      assert.deepEqual(starts, new LineIndex(bytes).starts);
    }
  });

  test("leave the text before them as it is", () => {
    const before = textOf("one\ntwo\n");
    const next = withChanges(before, [change(0, 0, 3, "ONE")]);
    withChanges(next, [change(0, 0, 3, "1")]);
    assert.deepEqual(
      [before, next].map(({ bytes }) => decode(bytes)),
      ["one\ntwo\n", "ONE\ntwo\n"],
    );
  });

  const piece = fc.constantFrom("a", "b", " ", "\n", "\n", "\r\n", "\r", "\u00e9", "\u20ac", "\u{1F600}", "\uFEFF");
  const text = fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join(""));
  const position = fc.record({ line: fc.integer({ min: -1, max: 9 }), character: fc.integer({ min: -1, max: 9 }) });
  const anyChange = fc.oneof(
    { weight: 9, arbitrary: fc.record({ range: fc.record({ start: position, end: position }), text }) },
    { weight: 1, arbitrary: fc.record({ text }) },
  );

  /** What other servers take a change for; a half of a surrogate pair that is left alone is replaced, as in UTF-8. */
  const expected = (before: string, each: TextChange): string => {
    const document = TextDocument.create("file:///x", "nginx", 0, before);
    return decode(new TextEncoder().encode(TextDocument.update(document, [{ ...each }], 1).getText()));
  };

  test("give the text that other servers make of them, and its lines", () => {
    fc.assert(
      fc.property(text, fc.array(anyChange, { maxLength: 6 }), (before, changes) => {
        const { bytes, starts, lineCount } = withChanges(textOf(before), changes);
        assert.equal(decode(bytes), changes.reduce(expected, before));
        const anew = new LineIndex(bytes);
        assert.deepEqual(starts.offsets, anew.starts.offsets);
        assert.equal(lineCount, anew.lineCount);
        // Characters outside of ASCII that are gone are not looked for.
        assert.ok(!starts.isAscii || anew.starts.isAscii);
      }),
      { numRuns: 3000 },
    );
  });
});
