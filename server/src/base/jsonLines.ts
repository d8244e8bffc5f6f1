/** The lines of a JSON text's keys and of its first mistake: `JSON.parse` tells neither. */

export interface JsonLines {
  /** Line (from 1) by key: `name`, and `name/inner` for a key of an object in the outermost one. The last one counts. */
  readonly keys: ReadonlyMap<string, number>;
  /** Line (from 1) where the text stops being JSON; null where all of it is JSON. */
  readonly mistake: number | null;
}

const blank = /[ \t\r\n]*/y;

/** A token of RFC 8259. */
const token =
  // oxlint-disable-next-line no-control-regex -- a string must not have any
  /(?:("[^"\\\u0000-\u001f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\u0000-\u001f]*)*")|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)|([{}[\]:,]))/y;

type Expected = "value" | "value or ]" | "key" | "key or }" | ":" | "rest" | "end";

/** Reads the tokens once, without recursion: the text may be anything. */
export function jsonLines(text: string): JsonLines {
  const keys = new Map<string, number>();
  const open: { readonly closer: string; key: string }[] = [];
  const lineAt = lineCounter(text);
  let expected: Expected = "value";
  let at = 0;
  for (;;) {
    blank.lastIndex = at;
    const start = at + (blank.exec(text)?.[0].length ?? 0);
    token.lastIndex = start;
    const match = token.exec(text);
    if (match === null) return { keys, mistake: start === text.length && expected === "end" ? null : lineAt(start) };
    const next = afterToken(match, expected, open);
    if (next === null) return { keys, mistake: lineAt(start) };
    const string = match[1];
    const inner = open.at(-1);
    if (next === ":" && string !== undefined && inner !== undefined) {
      inner.key = String(JSON.parse(string));
      if (open.length <= 2 && open.every(({ closer }) => closer === "}"))
        keys.set(open.map(({ key }) => key).join("/"), lineAt(start));
    }
    expected = next;
    at = token.lastIndex;
  }
}

/** What may follow the token; null where it may not stand here. Opens and closes on the way. */
function afterToken(
  [, string, literal, mark]: RegExpExecArray,
  expected: Expected,
  open: { readonly closer: string; key: string }[],
): Expected | null {
  const closed = (): Expected => (open.length === 0 ? "end" : "rest");
  const isValue = expected === "value" || expected === "value or ]";
  const isKey = expected === "key" || expected === "key or }";
  if (string !== undefined) return isKey ? ":" : isValue ? closed() : null;
  if (literal !== undefined) return isValue ? closed() : null;
  if (mark === ":") return expected === ":" ? "value" : null;
  if (mark === "{" || mark === "[") {
    if (!isValue) return null;
    open.push({ closer: mark === "{" ? "}" : "]", key: "" });
    return mark === "{" ? "key or }" : "value or ]";
  }
  const closer = open.at(-1)?.closer;
  if (mark === ",") return expected !== "rest" ? null : closer === "}" ? "key" : "value";
  if (mark !== closer || !(expected === "rest" || expected.endsWith(`or ${closer}`))) return null;
  open.pop();
  return closed();
}

/** Lines by offset, for offsets that only grow. */
function lineCounter(text: string): (offset: number) => number {
  let line = 1;
  let counted = 0;
  return (offset) => {
    for (let at = text.indexOf("\n", counted); at !== -1 && at < offset; at = text.indexOf("\n", counted)) {
      line++;
      counted = at + 1;
    }
    return line;
  };
}
