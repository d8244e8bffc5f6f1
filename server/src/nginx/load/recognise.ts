/** Whether a text is an nginx configuration, or a part of one, whatever its file is called. */
import { directiveContexts, isBlockDirective, isNginxDirective } from "../tree/directives.ts";
import { parse } from "../tree/parse.ts";

/** Bytes that are looked at. */
const MOST_BYTES = 64 * 1024;
/** Statements that must be nginx's, of all. */
const SHARE = 0.8;
/** Simple directives that are enough without a block. */
const ENOUGH = 3;
/** Words that are statements of other languages too: they say little. */
const common: ReadonlySet<string> = new Set(["if", "return", "break", "set", "default", "include", "user", "index"]);

/** True where nearly every statement of a text is a directive of nginx, and one is a block or several are nginx's alone. */
export function looksLikeNginx(text: Uint8Array): boolean {
  const tree = parse(text.subarray(0, MOST_BYTES));
  let all = 0;
  let known = 0;
  let telling = 0;
  let blocks = 0;
  for (let s = 0; s < tree.size; s++) {
    const name = tree.name(s);
    const parent = tree.parent(s) < 0 ? "" : tree.name(tree.parent(s));
    // In these blocks every line has a name of its own.
    if (["map", "geo", "types", "split_clients"].includes(parent)) continue;
    all++;
    if (!isNginxDirective(name)) continue;
    const isBlock = tree.terminator(s) === "block";
    if (isBlock && !(directiveContexts(name) ?? []).some((context) => isBlockDirective(name, context) === true))
      continue;
    known++;
    if (common.has(name)) continue;
    telling++;
    if (isBlock) blocks++;
  }
  return all > 0 && known / all >= SHARE && (blocks > 0 || telling >= ENOUGH);
}
