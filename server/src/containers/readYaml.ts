/**
 * The scalars of a YAML text with the keys around them, read line by line. Enough for compose files: block and flow
 * collections, quotes, comments, block scalars (skipped), anchors and tags (ignored). Never fails; one pass.
 */

/** A value with a name, or an item of a list. */
export interface YamlNode {
  /** Null for an item of a list; "" for the document. */
  readonly key: string | null;
  /** Null for the document. */
  readonly parent: YamlNode | null;
}

/** Called for each scalar; `line` counts from 1. An item `- x` is a node without a key. */
export type ScalarVisitor = (node: YamlNode, value: string, line: number) => void;

interface Frame {
  readonly node: YamlNode;
  readonly indent: number;
}

/** Lines that a flow collection may go on for. */
const MOST_FLOW_LINES = 2000;

export function visitScalars(text: string, visit: ScalarVisitor): void {
  const lines = text.split("\n");
  const root: YamlNode = { key: "", parent: null };
  const frames: Frame[] = [];
  /** Indentation of the key whose block scalar is being skipped; -1 outside of one. */
  let skipping = -1;
  for (let i = 0; i < lines.length; i++) {
    const line = (lines[i] ?? "").replace(/\r$/, "");
    let indent = indentOf(line);
    let rest = line.slice(indent);
    if (rest === "" || rest.startsWith("#")) continue;
    if (skipping >= 0 && indent > skipping) continue;
    skipping = -1;
    if (/^(?:---|\.\.\.)(?:\s|$)/.test(line)) {
      frames.length = 0;
      continue;
    }
    // A list may stand at the same indentation as the key that it belongs to.
    const isItem = (word: string): boolean => word === "-" || word.startsWith("- ");
    for (let top = frames.at(-1); top !== undefined; top = frames.at(-1)) {
      if (top.indent < indent || (isItem(rest) && top.indent === indent && top.node.key !== null)) break;
      frames.pop();
    }
    let node = frames.at(-1)?.node ?? root;
    while (isItem(rest)) {
      node = { key: null, parent: node };
      frames.push({ node, indent });
      const skipped = 1 + indentOf(rest.slice(1));
      indent += skipped;
      rest = rest.slice(skipped);
    }
    const entry = keyOf(rest);
    if (entry !== null) {
      node = { key: entry.key, parent: node };
      frames.push({ node, indent });
      rest = entry.rest;
    }
    rest = withoutProperties(rest);
    if (rest === "" || rest.startsWith("#")) continue;
    if (/^[|>]/.test(rest)) skipping = frames.at(-1)?.indent ?? 0;
    else if (/^[[{]/.test(rest)) i = visitFlow(lines, i, rest, node, visit);
    else visit(node, scalarOf(rest), i + 1);
  }
}

function indentOf(text: string): number {
  let i = 0;
  while (text[i] === " " || text[i] === "\t") i++;
  return i;
}

/** The key at the start of a line and what follows its colon; null where there is none. */
function keyOf(text: string): { readonly key: string; readonly rest: string } | null {
  const quoted = /^(?:"([^"]{0,200})"|'([^']{0,200})')\s*:(?=\s|$)/.exec(text);
  const plain = quoted ?? /^([^\s"'#[\]{},][^\s:#]{0,200}|<<)\s*:(?=\s|$)/.exec(text);
  if (plain === null) return null;
  return { key: plain[1] ?? plain[2] ?? "", rest: text.slice(plain[0].length).trim() };
}

/** The text behind anchors and tags. An alias stays as it is and means nothing. */
function withoutProperties(text: string): string {
  let rest = text.trim();
  for (let match = /^[&!]\S*\s*/.exec(rest); match !== null; match = /^[&!]\S*\s*/.exec(rest))
    rest = rest.slice(match[0].length);
  return rest;
}

/** A scalar without quotes and without the comment behind it. */
function scalarOf(text: string): string {
  const quote = text[0];
  if (quote === '"' || quote === "'") {
    const end = text.indexOf(quote, 1);
    return text.slice(1, end < 0 ? text.length : end);
  }
  const comment = text.search(/\s#/);
  return (comment < 0 ? text : text.slice(0, comment)).trim();
}

/** Visits a flow collection that begins with `first` in line `at` (from 0); the line in which it ends. */
function visitFlow(lines: readonly string[], at: number, first: string, node: YamlNode, visit: ScalarVisitor): number {
  /** Collections that are open, innermost last; `entry`: the node of the entry that is being read. */
  const open: { readonly node: YamlNode; readonly isList: boolean; entry: YamlNode | null }[] = [];
  const current = (): YamlNode => {
    const top = open.at(-1);
    if (top === undefined) return node;
    top.entry ??= { key: top.isList ? null : "", parent: top.node };
    return top.entry;
  };
  for (let i = at; i < lines.length && i - at < MOST_FLOW_LINES; i++) {
    for (const [token, word] of flowTokens(i === at ? first : (lines[i] ?? ""))) {
      const top = open.at(-1);
      if (token === "[" || token === "{") open.push({ node: current(), isList: token === "[", entry: null });
      else if (token === "]" || token === "}") {
        open.pop();
        if (open.length === 0) return i;
      } else if (token === "," && top !== undefined) top.entry = null;
      else if (token === "key" && top !== undefined) top.entry = { key: word, parent: top.node };
      else if (token === "word") visit(current(), word, i + 1);
    }
  }
  return Math.min(lines.length, at + MOST_FLOW_LINES) - 1;
}

/** Brackets, commas, and words; a word before a colon is a key. */
function* flowTokens(line: string): Generator<readonly [token: string, word: string], void> {
  let i = 0;
  while (i < line.length) {
    const c = line[i] ?? "";
    if (/[[\]{},]/.test(c)) {
      yield [c, ""];
      i++;
    } else if (/\s/.test(c)) i++;
    else if (c === "#" && (i === 0 || /\s/.test(line[i - 1] ?? ""))) return;
    else {
      const start = i;
      const isQuoted = c === '"' || c === "'";
      if (isQuoted) {
        const end = line.indexOf(c, i + 1);
        i = end < 0 ? line.length : end + 1;
      } else while (i < line.length && !endsPlain(line, i)) i++;
      const word = isQuoted ? line.slice(start + 1, Math.max(start + 1, i - 1)) : line.slice(start, i).trim();
      const isKey = line[i] === ":" && (isQuoted || /^(?:\s|$)/.test(line.slice(i + 1, i + 2)));
      if (isKey) i++;
      yield [isKey ? "key" : "word", word];
      if (i === start) i++;
    }
  }
}

/** True where a plain word of a flow collection ends: at a bracket, a comma, `: `, or a comment. */
function endsPlain(line: string, i: number): boolean {
  const c = line[i] ?? "";
  if (/[[\]{},]/.test(c)) return true;
  const next = line[i + 1];
  return (c === ":" && (next === undefined || /\s/.test(next))) || (/\s/.test(c) && next === "#");
}
