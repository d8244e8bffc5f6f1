/** LSP answers with the places that they point at in place of positions, so that answers in two encodings are the same. */
import assert from "node:assert/strict";

export type Encoding = "utf-8" | "utf-16";
interface Position {
  readonly line: number;
  readonly character: number;
}

/** Offset, in UTF-16, of a position in a text. Fails for one that is outside of its line, or inside of a character. */
function offsetOf(text: string, { line, character }: Position, encoding: Encoding): number {
  const lines = text.split("\n");
  const own = (lines[line] ?? "").replace(/\r$/u, "");
  const unit = encoding === "utf-8" ? "utf8" : "utf16le";
  const bytes = Buffer.from(own, unit);
  const size = encoding === "utf-8" ? character : 2 * character;
  assert.ok(size <= bytes.length, `${line}:${character} is behind the end of its line`);
  const before = bytes.subarray(0, size).toString(unit);
  assert.ok(
    own.startsWith(before) && !/[\uD800-\uDFFF]/u.test(before),
    `${line}:${character} is inside of a character`,
  );
  return lines.slice(0, line).join("\n").length + (line > 0 ? 1 : 0) + before.length;
}

/** The position of an offset, in UTF-16, of a text. */
export function positionOf(text: string, offset: number, encoding: Encoding): Position {
  const lines = text.slice(0, offset).split("\n");
  const last = lines.at(-1) ?? "";
  return { line: lines.length - 1, character: encoding === "utf-8" ? Buffer.byteLength(last) : last.length };
}

/**
 * An answer in which each range is `offset "text"`, and the line of each other position its offset; also in the arguments of
 * links to commands. `texts`: by URI; `uri`: of the document that the answer is about.
 */
export function pointedAt(answer: unknown, texts: ReadonlyMap<string, string>, encoding: Encoding, uri = ""): unknown {
  if (Array.isArray(answer)) return answer.map((each: unknown) => pointedAt(each, texts, encoding, uri));
  if (typeof answer === "string") return withLinks(answer, (value) => pointedAt(value, texts, encoding, uri));
  if (typeof answer !== "object" || answer === null) return answer;
  const here = "uri" in answer && typeof answer.uri === "string" ? answer.uri : uri;
  const text = texts.get(here);
  const offset = (position: Position): number => {
    assert.ok(text !== undefined, `no text of ${here}`);
    return offsetOf(text, position, encoding);
  };
  if (isRange(answer)) {
    const [start, end] = [offset(answer.start), offset(answer.end)];
    return `${start} ${JSON.stringify(text?.slice(start, end))}`;
  }
  const fields = isPosition(answer) ? { ...answer, line: offset(answer), character: null } : answer;
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]: [string, unknown]) => [
      key,
      pointedAt(value, texts, encoding, texts.has(key) ? key : here),
    ]),
  );
}

/** Markdown with the arguments of its links to commands in plain JSON. */
function withLinks(text: string, change: (value: unknown) => unknown): string {
  return text.replaceAll(/\(command:([^?)]*)\?([^)]*)\)/gu, (_, command: string, encoded: string) => {
    const value: unknown = JSON.parse(decodeURIComponent(encoded));
    return `(command:${command}?${JSON.stringify(change(value))})`;
  });
}

function isPosition(value: object): value is Position {
  return (
    "line" in value && typeof value.line === "number" && "character" in value && typeof value.character === "number"
  );
}

function isRange(value: object): value is { readonly start: Position; readonly end: Position } {
  const { start, end } = { start: null, end: null, ...value };
  return isObject(start) && isObject(end) && isPosition(start) && isPosition(end);
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
