/** Whether a text is an nginx configuration, or a part of one, whatever its file is called. */
import { directiveContexts, isBlockDirective } from "../tree/directives.ts";
import { parse } from "../tree/parse.ts";

/** Bytes that are looked at. */
const MOST_BYTES = 64 * 1024;
/** Statements that must be nginx's, of all. */
const SHARE = 0.8;
/** The same where one of them stands in its block. */
const HALF = 0.5;
/** Simple directives that are enough without a block. */
const ENOUGH = 3;
/** Words that are statements of other languages too: they say little. */
const common: ReadonlySet<string> = new Set(["if", "return", "break", "set", "default", "include", "user", "index"]);

/**
 * True where nearly every statement of a text is a directive of nginx, and one is a block or several are nginx's alone; where
 * others (of a module that is not known here) are among them, a directive has to stand in its own block. `text`: a template, too.
 */
export function looksLikeNginx(text: Uint8Array): boolean {
  const tree = parse(withoutPlaceholders(text.subarray(0, MOST_BYTES)));
  let all = 0;
  let known = 0;
  let telling = 0;
  let blocks = 0;
  let atHome = 0;
  for (let s = 0; s < tree.size; s++) {
    const name = tree.name(s);
    const parent = tree.parent(s) < 0 ? "" : tree.name(tree.parent(s));
    // In these blocks every line has a name of its own.
    if (["map", "geo", "types", "split_clients"].includes(parent)) continue;
    all++;
    const contexts = directiveContexts(name);
    if (contexts === undefined) continue;
    const isBlock = tree.terminator(s) === "block";
    if (isBlock && !contexts.some((context) => isBlockDirective(name, context) === true)) continue;
    known++;
    if (common.has(name)) continue;
    telling++;
    if (isBlock) blocks++;
    if (tree.terminator(s) === "open") continue;
    if (contexts.some((context) => context === parent || context.endsWith(`.${parent}`))) atHome++;
  }
  if (all === 0) return false;
  return known / all >= SHARE ? blocks > 0 || telling >= ENOUGH : known / all >= HALF && atHome > 0;
}

/**
 * The bytes with a word in the place of each `{{ ... }}`, and none in that of `{% ... %}` and `{# ... #}`: else they look like
 * blocks. Longer ones than any are left, so that openings without an end cost no more than their length.
 */
function withoutPlaceholders(bytes: Uint8Array): Uint8Array {
  const text = latin1.decode(bytes);
  if (!/\{[{%#]/.test(text)) return bytes;
  const filled = text.replace(/\{\{[^\n]{0,200}?\}\}/g, "x").replace(/\{%[^\n]{0,200}?%\}|\{#[^\n]{0,200}?#\}/g, "");
  return new TextEncoder().encode(filled);
}

const latin1 = new TextDecoder("latin1");
