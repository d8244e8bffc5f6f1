/** Edits of ranges, in UTF-8 or UTF-16: after any number of them a document has the diagnostics of one that is opened with its text. */
import type { Random } from "../random.ts";
import { MAIN, onDisk, pulled, SITE, startSession } from "../session.ts";
import type { Failure, FuzzTarget } from "../target.ts";

/** Documents of a round. */
const COUNT = 20;
/** Edits of a document, at most. */
const MOST_EDITS = 12;

const pieces = [
  "\n",
  "\r\n",
  "\r",
  "é",
  "\u{1f600}",
  "{",
  "}",
  ";",
  "#",
  '"',
  "\\",
  " ",
  "",
  "3",
  "listen 3306;\n",
  "location /x { proxy_pass http://127.0.0.1:9999; }\n",
  "# selinux-ignore connect-port because\n",
  "include conf.d/site.conf;",
  "\0",
] as const;

interface Position {
  readonly line: number;
  readonly character: number;
}

interface Change {
  readonly range: { readonly start: Position; readonly end: Position };
  readonly text: string;
}

type Encoding = "utf-8" | "utf-16";

/** LSP's: a line ends with `\n`, `\r\n` or `\r`; a character is a byte of UTF-8 or a UTF-16 code unit. */
function positionOf(text: string, offset: number, encoding: Encoding): Position {
  const before = text.slice(0, offset).split(/\r\n|\r|\n/u);
  const last = before.at(-1) ?? "";
  return { line: before.length - 1, character: encoding === "utf-8" ? Buffer.byteLength(last) : last.length };
}

/** An offset that is a position: not within the end of a line, and in UTF-8 not within a character. */
function placeIn(text: string, random: Random, encoding: Encoding): number {
  const at = random.below(text.length + 1);
  const around = text.slice(Math.max(at - 1, 0), at + 1);
  const isWithin = around === "\r\n" || (encoding === "utf-8" && /^[\uD800-\uDBFF][\uDC00-\uDFFF]/.test(around));
  return isWithin ? at - 1 : at;
}

/** Changes some of a text, and says how. */
function edited(text: string, random: Random, encoding: Encoding): { readonly after: string; readonly change: Change } {
  const [one, other] = [placeIn(text, random, encoding), placeIn(text, random, encoding)];
  const from = Math.min(one, other);
  const to = random.below(3) === 0 ? Math.max(one, other) : from;
  const piece = random.pick(pieces).repeat(1 + random.below(2));
  const change = {
    range: { start: positionOf(text, from, encoding), end: positionOf(text, to, encoding) },
    text: piece,
  };
  return { after: text.slice(0, from) + piece + text.slice(to), change };
}

async function* round(random: Random): AsyncGenerator<Failure, number> {
  const encoding = random.pick(["utf-8", "utf-16"] as const);
  const [changing, opening] = [await startSession(encoding), await startSession(encoding)];
  for (let i = 0; i < COUNT; i++) {
    const uri = random.pick([SITE, MAIN]);
    let text = onDisk[uri] ?? "";
    const changes: Change[] = [];
    await changing.open(uri, text);
    for (let count = 1 + random.below(MOST_EDITS), version = 2; count > 0; count--, version++) {
      const { after, change } = edited(text, random, encoding);
      text = after;
      changes.push(change);
      await changing.client.sendNotification("textDocument/didChange", {
        textDocument: { uri, version },
        contentChanges: [change],
      });
      if (random.below(4) === 0) await pulled(changing, uri);
    }
    await opening.open(uri, text);
    const [after, fresh] = [await pulled(changing, uri), await pulled(opening, uri)];
    if (after !== fresh)
      yield { input: JSON.stringify({ uri, encoding, changes }), error: `${after}\n  is not\n${fresh}` };
    await Promise.all([changing.close(uri), opening.close(uri)]);
  }
  changing.dispose();
  opening.dispose();
  return COUNT;
}

/** 20 documents a round. */
export const edits: FuzzTarget = { name: "edits", round };
