/**
 * Text that a program fills in before nginx sees it: Jinja, ERB, Go templates, envsubst, autoconf. What depends on a
 * placeholder is unknown, and nginx will never read the text as it stands.
 */
import { memo } from "../../base/memo.ts";
import type { Span } from "../../base/text.ts";
import { isFilledIn } from "./filledTree.ts";
import type { Tree } from "./tree.ts";

const templatePath = /\.(?:j2|jinja|jinja2|erb|epp|tmpl|tpl|template|ctmpl|gotmpl|mustache|hbs|in)$/i;

/** `{{ }}`, `{% %}`, `<% %>`, `@@NAME@@`, `%%NAME%%`, `%NAME%`, `__NAME__`, `@NAME@`, `<name>`, `[[ name ]]`. */
const placeholder =
  /\{\{|\}\}|\{%|%\}|<%|%>|@@?[A-Z_][A-Z0-9_.]*@@?|%%?[A-Z_][A-Z0-9_]*%%?|__[A-Z][A-Z0-9_]*__|<[A-Za-z_][\w. -]*>|\[\[|\]\]/;

/** True for a word in which a template engine will replace something. `$NAME` and `${NAME}` are the caller's to judge. */
export function hasPlaceholder(word: string): boolean {
  return placeholder.test(word);
}

/** True for a word with a variable in capitals, which envsubst may replace. */
export function mayBeFilledIn(word: string): boolean {
  return /\$\{?[A-Z_][A-Z0-9_]*(?![A-Za-z0-9_])/.test(word);
}

/** True for a path whose name says that a program makes the configuration from it. */
function isTemplatePath(path: string): boolean {
  return templatePath.test(path);
}

const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const PERCENT = 0x25;
const LESS = 0x3c;
const GREATER = 0x3e;
const DOLLAR = 0x24;
const LF = 0x0a;

/** True where `first second` follows at `from` or later on the same line. */
function closesOnLine(bytes: Uint8Array, from: number, first: number, second: number): boolean {
  for (let i = from; i + 1 < bytes.length && bytes[i] !== LF; i++) {
    if (bytes[i] === first && bytes[i + 1] === second) return true;
  }
  return false;
}

/** True for an offset inside a `*_by_lua_block`, where double braces are Lua tables. */
function isInLua(tree: Tree, offset: number): boolean {
  for (let s = 0; s < tree.size; s++) {
    if (tree.terminator(s) !== "lua") continue;
    const body = tree.luaSpan(s);
    if (offset >= body.start && offset < body.end) return true;
    if (body.start > offset) return false;
  }
  return false;
}

/** A name in capitals in `${NAME}`, as envsubst takes it; null for anything else. */
function environmentName(bytes: Uint8Array, dollar: number): string | null {
  if (bytes[dollar + 1] !== OPEN_BRACE) return null;
  let name = "";
  for (let i = dollar + 2; i < bytes.length && i < dollar + 66; i++) {
    const c = bytes[i] ?? 0;
    if (c === CLOSE_BRACE) return /^[A-Z_][A-Z0-9_]*$/.test(name) ? name : null;
    name += String.fromCharCode(c);
  }
  return null;
}

/** True where the text also has the name as nginx variables are introduced: `$NAME` without braces. */
function isBareVariable(bytes: Uint8Array, name: string): boolean {
  for (let i = bytes.indexOf(DOLLAR); i >= 0; i = bytes.indexOf(DOLLAR, i + 1)) {
    let j = 0;
    while (j < name.length && bytes[i + 1 + j] === name.charCodeAt(j)) j++;
    if (j === name.length) return true;
  }
  return false;
}

/**
 * True where a block begins with `{NAME}`: a placeholder of a program. To nginx `NAME}` is a word, so the block that it
 * opens would never end.
 */
function hasBracedName(tree: Tree): boolean {
  const { bytes } = tree;
  for (let s = 0; s < tree.size; s++) {
    if (tree.terminator(s) !== "block") continue;
    const last = tree.wordCount(s) - 1;
    if (last < 0) continue;
    let brace = tree.wordSpan(s, last).end;
    while (brace < bytes.length && bytes[brace] !== OPEN_BRACE) brace++;
    let end = brace + 1;
    while (isNameByte(bytes[end] ?? 0)) end++;
    if (end > brace + 1 && bytes[end] === CLOSE_BRACE) return true;
  }
  return false;
}

function isNameByte(c: number): boolean {
  return (c >= 0x30 && c <= 0x39) || (c >= 0x41 && c <= 0x5a) || (c >= 0x61 && c <= 0x7a) || c === 0x5f;
}

/** Words of template engines that begin, part and end what is there under a condition, or several times. */
const branch =
  /(?:\{%[-+]?|<%-?|\{\{[-~]?)\s*(#?(?:if|unless|for|foreach|range|with|each|case|macro)\b|else|elif|elsif|when|\/\w+|end\w*)[^\n]*?(?:%\}|%>|\}\})/g;

/** The parts of a template that are there under a condition only, in order; the last one may end with the text. */
export function conditionalParts(bytes: Uint8Array): readonly Span[] {
  const text = new TextDecoder("latin1").decode(bytes);
  const parts: Span[] = [];
  let depth = 0;
  let start = 0;
  for (const match of text.matchAll(branch)) {
    const word = match[1] ?? "";
    const ends = word.startsWith("/") || word.startsWith("end");
    const begins = !ends && !/^(?:else|elif|elsif|when)/.test(word);
    if (begins && depth++ === 0) start = match.index;
    if (!ends || depth === 0 || --depth > 0) continue;
    parts.push({ start, end: match.index });
  }
  if (depth > 0) parts.push({ start, end: bytes.length });
  return parts;
}

/** Bounds the work on a text that is full of openings which never close. */
const MAX_CANDIDATES = 64;

/**
 * Decides whether a file is a template: by its name, by `{{ }}`, `{% %}`, `<% %>` on one line outside of Lua code, or by
 * `${NAME}` in capitals that the file nowhere treats as a variable of nginx. The name says nothing of a file in which
 * placeholders were filled in: those that are left decide.
 */
export function isTemplate(path: string, tree: Tree): boolean {
  return (isTemplatePath(path) && !isFilledIn(tree)) || memo(known, tree, () => hasPlaceholders(tree));
}

/** Trees outlive the configurations that are loaded from them. */
const known = new WeakMap<Tree, boolean>();

function hasPlaceholders(tree: Tree): boolean {
  const { bytes } = tree;
  let candidates = 0;
  for (let i = bytes.indexOf(OPEN_BRACE); i >= 0; i = bytes.indexOf(OPEN_BRACE, i + 1)) {
    const next = bytes[i + 1];
    if (next !== OPEN_BRACE && next !== PERCENT) continue;
    const close = next === OPEN_BRACE ? CLOSE_BRACE : PERCENT;
    if (closesOnLine(bytes, i + 2, close, CLOSE_BRACE) && !isInLua(tree, i)) return true;
    if (++candidates >= MAX_CANDIDATES) break;
    i++;
  }
  if (hasBracedName(tree)) return true;
  candidates = 0;
  for (let i = bytes.indexOf(LESS); i >= 0; i = bytes.indexOf(LESS, i + 1)) {
    if (bytes[i + 1] !== PERCENT) continue;
    if (closesOnLine(bytes, i + 2, PERCENT, GREATER)) return true;
    if (++candidates >= MAX_CANDIDATES) break;
  }
  const names = new Set<string>();
  for (let i = bytes.indexOf(DOLLAR); i >= 0; i = bytes.indexOf(DOLLAR, i + 1)) {
    const name = environmentName(bytes, i);
    if (name === null || names.has(name)) continue;
    if (!isBareVariable(bytes, name)) return true;
    names.add(name);
    if (names.size >= MAX_CANDIDATES) break;
  }
  return false;
}
