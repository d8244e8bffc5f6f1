/** Which names one statement defines and uses. */
import { passNames } from "../../nginx/handlers/passNames.ts";
import { partSpan } from "../../nginx/blocks/places.ts";
import { isRawBlock } from "../../nginx/tree/names.ts";
import { ROOT, type Statement, type Tree } from "../../nginx/tree/tree.ts";
import type { NameInWord, NameKind } from "./nameSite.ts";

/** What a directive says of names; `word` is the one that holds the name. */
type Row = readonly [kind: NameKind, role: "defines" | "uses", shape: Shape];
/** How the name stands in the words: the first word, `zone=NAME...` in any word, the host of a target, `$name`, `@name` anywhere. */
type Shape =
  "first" | "second" | "zone" | "keys_zone" | "target" | "block variable" | "first variable" | "named locations";

const caches = ["proxy", "fastcgi", "uwsgi", "scgi"];

/** Beside these, `$name` in any word uses a variable, and `(?<name>` in any word defines one. */
const rows: ReadonlyMap<string, Row> = new Map<string, Row>([
  ["upstream", ["upstream", "defines", "first"]],
  ...passNames.map((name): [string, Row] => [name, ["upstream", "uses", "target"]]),
  ["location", ["location", "defines", "named locations"]],
  ["try_files", ["location", "uses", "named locations"]],
  ["error_page", ["location", "uses", "named locations"]],
  ["post_action", ["location", "uses", "named locations"]],
  ["limit_req_zone", ["request zone", "defines", "zone"]],
  ["limit_req", ["request zone", "uses", "zone"]],
  ["limit_conn_zone", ["connection zone", "defines", "zone"]],
  ["limit_conn", ["connection zone", "uses", "first"]],
  ...caches.map((name): [string, Row] => [`${name}_cache_path`, ["cache", "defines", "keys_zone"]]),
  ...caches.map((name): [string, Row] => [`${name}_cache`, ["cache", "uses", "first"]]),
  ["log_format", ["log format", "defines", "first"]],
  ["access_log", ["log format", "uses", "second"]],
  ...[
    "set",
    "auth_request_set",
    "js_set",
    "js_var",
    "perl_set",
    "set_by_lua",
    "set_by_lua_block",
    "set_by_lua_file",
  ].map((name): [string, Row] => [name, ["variable", "defines", "first variable"]]),
  ...["map", "split_clients", "geo"].map((name): [string, Row] => [name, ["variable", "defines", "block variable"]]),
]);

/** A value that turns a cache or a limit off is no name. */
const notNames: ReadonlySet<string> = new Set(["off", "on"]);

/** The names in a statement, in the order of its words. */
export function namesInStatement(tree: Tree, s: Statement): readonly NameInWord[] {
  const parent = tree.parent(s);
  const isData = parent !== ROOT && isRawBlock(tree.name(parent));
  const row = isData ? undefined : rows.get(tree.name(s));
  const names: NameInWord[] = row === undefined ? [] : [...namesOfRow(tree, s, row)];
  const defined = new Set(names.map(({ span }) => span.start));
  for (let i = isData ? 0 : 1; i < tree.wordCount(s); i++) {
    const text = tree.word(s, i);
    if (!text.includes("$") && !text.includes("(?")) continue;
    for (const each of variablesIn(tree, s, i, text)) if (!defined.has(each.span.start)) names.push(each);
  }
  return names;
}

function* namesOfRow(tree: Tree, s: Statement, [kind, role, shape]: Row): Generator<NameInWord, void> {
  const isDefinition = role === "defines";
  const count = tree.wordCount(s);
  const part = (i: number, from: number, text: string): NameInWord => ({
    kind,
    name: kind === "upstream" || kind === "variable" ? text.toLowerCase() : text,
    isDefinition,
    span: partSpan(tree, s, i, tree.word(s, i), from, text.length),
  });
  switch (shape) {
    case "first":
    case "second": {
      const i = shape === "first" ? 1 : 2;
      const text = i < count ? tree.word(s, i) : "";
      if (text !== "" && !text.includes("$") && !text.includes("=") && !notNames.has(text)) yield part(i, 0, text);
      return;
    }
    case "zone":
    case "keys_zone":
      for (let i = 1; i < count; i++) {
        const found = /^([a-z_]+=)([^:$]+)/u.exec(tree.word(s, i));
        if (found?.[1] === `${shape}=`) yield part(i, found[1].length, found[2] ?? "");
      }
      return;
    case "target": {
      const found = count > 1 ? /^((?:[a-z][a-z0-9+.-]*:\/\/)?)([^:/?$[\]{}]+)/iu.exec(tree.word(s, 1)) : null;
      if (found !== null && !/^unix$/iu.test(found[2] ?? "")) yield part(1, found[1]?.length ?? 0, found[2] ?? "");
      return;
    }
    case "first variable":
    case "block variable": {
      // `geo $variable` takes the client's address, `geo $address $variable` another one.
      const i = shape === "first variable" ? 1 : count - 1;
      const text = i > 0 && i < count ? tree.word(s, i) : "";
      if (/^\$[A-Za-z0-9_]+$/u.test(text)) yield part(i, 1, text.slice(1));
      return;
    }
    case "named locations":
      for (let i = 1; i < count; i++) {
        const found = /^(=?)(@.+)$/u.exec(tree.word(s, i));
        if (found !== null) yield part(i, found[1]?.length ?? 0, found[2] ?? "");
      }
  }
}

/** `$name`, `${name}`, and the named groups of a regular expression (pcre2pattern(3)), which nginx makes variables of. */
function* variablesIn(tree: Tree, s: Statement, i: number, text: string): Generator<NameInWord, void> {
  for (const found of text.matchAll(/\$(\{?)([A-Za-z_][A-Za-z0-9_]*)|\(\?(?:P?<|')([A-Za-z_][A-Za-z0-9_]*)[>']/gu)) {
    const [whole, , used, group] = found;
    const name = used ?? group ?? "";
    const from = found.index + whole.indexOf(name, used === undefined ? 2 : 1);
    yield {
      kind: "variable",
      name: name.toLowerCase(),
      isDefinition: group !== undefined,
      span: partSpan(tree, s, i, text, from, name.length),
    };
  }
}
