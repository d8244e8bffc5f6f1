/**
 * Values of variables that a configuration alone tells: `set`, `map`, `geo`, `split_clients`, `$scheme`.
 *
 * A value that cannot be known is a hole: the text between two noncharacters is the name of the variable to blame.
 */
import type { Block, SetDefinition, Space, ValueBlock } from "./blocks.ts";
import { BlockFlag } from "./blocks.ts";
import type { Configuration } from "../load/configuration.ts";
import { includeKey } from "../load/configuration.ts";
import { treeOf } from "./places.ts";
import { compileScript } from "./script.ts";
import type { Statement, Tree } from "../tree/tree.ts";
import { ROOT } from "../tree/tree.ts";

const HOLE_START = "\uFFFE";
const HOLE_END = "\uFFFF";
/** More values than this are as good as unknown. */
const MAX_VALUES = 64;
/** Longer values are no addresses. */
const MAX_LENGTH = 8192;
/** Variables in variables in variables: real configurations have no more. */
const MAX_DEPTH = 16;

/** A value that only a request can tell. */
function hole(name: string): string {
  return `${HOLE_START}${name}${HOLE_END}`;
}

/** Index of the first hole at or after `from`, or -1. */
export function holeIndex(value: string, from = 0): number {
  return value.indexOf(HOLE_START, from);
}

/** Name of the first variable that a value misses; null where it is complete. */
export function missingVariable(value: string): string | null {
  const start = value.indexOf(HOLE_START);
  if (start < 0) return null;
  return value.slice(start + 1, value.indexOf(HOLE_END, start));
}

/** The literal texts around the holes of a value; one where it has none. */
export function literalParts(value: string): string[] {
  const parts: string[] = [];
  let from = 0;
  for (let at = holeIndex(value); at >= 0; at = holeIndex(value, from)) {
    parts.push(value.slice(from, at));
    from = value.indexOf(HOLE_END, at) + 1;
  }
  parts.push(value.slice(from));
  return parts;
}

export interface Values {
  /** Distinct, in the order of the configuration; may have holes. */
  readonly values: readonly string[];
  /** The variable takes this one value whenever it is used: not one of several, not depending on an `if`. */
  readonly certain: boolean;
}

interface RawValues {
  /** Texts that may have variables themselves; null for more than MAX_VALUES of them. */
  readonly texts: readonly string[] | null;
  readonly certain: boolean;
}

export class Variables {
  readonly #configuration: Configuration;
  readonly #space: Space;
  readonly #blockTexts = new Map<string, RawValues>();
  readonly #setTexts = new Map<readonly SetDefinition[], Map<string, RawValues>>();

  constructor(configuration: Configuration, space: Space) {
    this.#configuration = configuration;
    this.#space = space;
  }

  /** Why a variable's value is missing, for the user. */
  whyMissing(name: string): string {
    const key = name.toLowerCase();
    const { values, computed, assigned } = this.#space;
    const isDefined = values.has(key) || computed.has(key) || assigned.has(key);
    if (!isDefined && /^[A-Z][A-Z0-9_]*$/.test(name)) {
      return `no variable $${name} is defined here; something like envsubst may fill it in`;
    }
    return isDefined
      ? `the values of $${name} are not all known from the configuration`
      : `the value of $${name} is not known before a request comes in`;
  }

  /** All values that a word takes where it stands in `block`. Null where nginx rejects it as a script. */
  evaluate(text: string, block: Block): Values | { readonly error: string } {
    return this.#expand(text, block, new Map(), 0);
  }

  #expand(
    text: string,
    block: Block,
    memo: Map<string, Values | null>,
    depth: number,
  ): Values | { readonly error: string } {
    const script = compileScript(text);
    if (!script.ok) return { error: script.error };
    let values: readonly string[] = [""];
    let certain = true;
    for (const part of script.parts) {
      if (typeof part === "string") {
        values = values.map((value) => value + part);
        continue;
      }
      let next = this.#variable(part.name, block, memo, depth);
      if (values.length * next.values.length > MAX_VALUES) next = { values: [hole(part.name)], certain: true };
      if (!next.certain) certain = false;
      values = product(values, next.values);
      if (values.some((value) => value.length > MAX_LENGTH)) return { values: [hole(part.name)], certain: true };
    }
    return { values, certain };
  }

  #variable(name: string, block: Block, memo: Map<string, Values | null>, depth: number): Values {
    const key = name.toLowerCase();
    const known = memo.get(key);
    const unknown: Values = { values: [hole(name)], certain: true };
    if (known === null || depth >= MAX_DEPTH) return unknown;
    if (known !== undefined) return known;
    memo.set(key, null);
    const found = this.#compute(key, name, block, memo, depth);
    memo.set(key, found);
    return found;
  }

  #compute(key: string, name: string, block: Block, memo: Map<string, Values | null>, depth: number): Values {
    const sources: RawValues[] = [];
    const sets = this.#setsOf(key, block);
    if (sets !== null) sources.push(sets);
    const mapped = this.#mapped(key);
    if (mapped !== null) sources.push(mapped);
    const isComputed = this.#space.computed.has(key);
    if (sources.length === 0) {
      const ports = key === "server_port" ? serverPorts(block.server) : null;
      return ports ?? builtin(key, name, this.#space.kind);
    }
    const values = new Set<string>();
    let certain = sources.length === 1 && !isComputed;
    for (const source of sources) {
      if (source.texts === null) return { values: [hole(name)], certain: true };
      if (!source.certain) certain = false;
      for (const text of source.texts) {
        const expanded = this.#expand(text, block, memo, depth + 1);
        if ("error" in expanded) continue;
        if (!expanded.certain) certain = false;
        for (const value of expanded.values) values.add(value);
      }
    }
    if (isComputed) values.add(hole(name));
    if (values.size === 0 || values.size > MAX_VALUES) return { values: [hole(name)], certain: true };
    return { values: [...values], certain: certain && values.size === 1 };
  }

  /**
   * The `set`s that can be in force in a block. Rewrite directives run in the server first, then in the location, so a
   * location's own unconditional `set` decides; a location that is reached from others sees theirs.
   */
  #setsOf(key: string, block: Block): RawValues | null {
    const { server } = block;
    let own: Block = block;
    // An `if` block runs after the directives of its location.
    while (own.parent !== null && own !== server && own.kind !== "location") own = own.parent;
    const fromOwn = this.#setTextsIn(own, own.sets, key);
    if (own === server) return fromOwn ?? this.#setTextsIn(server, server.allSets, key);
    if (fromOwn?.certain === true) return fromOwn;
    const isReachedFromOthers = own.has(BlockFlag.named | BlockFlag.internal);
    const fromServer = isReachedFromOthers ? null : this.#setTextsIn(server, server.sets, key);
    const base = fromServer ?? this.#setTextsOfAll(server, key);
    if (fromOwn === null || base === null) return fromOwn ?? base;
    if (fromOwn.texts === null || base.texts === null) return { texts: null, certain: false };
    return { texts: [...new Set([...base.texts, ...fromOwn.texts])], certain: false };
  }

  #setTextsOfAll(server: Block, key: string): RawValues | null {
    return this.#setTextsIn(server, server.allSets, key);
  }

  #setTextsIn(block: Block, sets: readonly SetDefinition[] | null, key: string): RawValues | null {
    if (sets === null) return null;
    const oneBlock = sets !== block.allSets;
    // Few enough to look through; more are read once for all of their names.
    if (sets.length <= 16) return this.#read(sets, key, oneBlock);
    let byName = this.#setTexts.get(sets);
    if (byName === undefined) {
      byName = new Map();
      this.#setTexts.set(sets, byName);
      for (const [name, definitions] of groupByName(sets)) {
        const texts = this.#read(definitions, name, oneBlock);
        if (texts !== null) byName.set(name, texts);
      }
    }
    return byName.get(key) ?? null;
  }

  /**
   * @param oneBlock all of one block: there the last unconditional one wins over what is before it, and conditional
   * ones after it may. Of several blocks it is not known which were run.
   */
  #read(definitions: readonly SetDefinition[], key: string, oneBlock: boolean): RawValues | null {
    let texts: string[] = [];
    let certain = false;
    let found = false;
    for (const { file, statement, name, conditional } of definitions) {
      if (name !== key) continue;
      found = true;
      const text = treeOf(this.#configuration, file).word(statement, 2);
      if (!conditional && oneBlock) {
        texts = [text];
        certain = true;
      } else if (!texts.includes(text)) {
        certain = false;
        texts.push(text);
      }
      if (texts.length > MAX_VALUES) return { texts: null, certain: false };
    }
    return found ? { texts, certain } : null;
  }

  #mapped(key: string): RawValues | null {
    const blocks = this.#space.values.get(key);
    if (blocks === undefined) return null;
    let cached = this.#blockTexts.get(key);
    if (cached === undefined) {
      // A variable that is defined twice keeps the last handler (ngx_http_add_variable).
      const last = blocks.at(-1);
      cached = last === undefined ? { texts: null, certain: false } : this.#readBlock(last);
      this.#blockTexts.set(key, cached);
    }
    return cached;
  }

  #readBlock(block: ValueBlock): RawValues {
    const texts = new Set<string>();
    let hasDefault = block.kind === "split_clients";
    let unseen = false;
    const stack: { file: number; tree: Tree; next: Statement }[] = [];
    const push = (file: number, parent: Statement): void => {
      const tree = treeOf(this.#configuration, file);
      stack.push({ file, tree, next: tree.firstChild(parent) });
    };
    push(block.file, block.statement);
    for (let frame = stack.at(-1); frame !== undefined; frame = stack.at(-1)) {
      const { tree, next: s } = frame;
      if (s < 0) {
        stack.pop();
        continue;
      }
      frame.next = tree.nextSibling(s);
      if (tree.wordCount(s) !== 2) continue;
      const name = tree.name(s);
      if (name === "include" && block.kind !== "split_clients") {
        const edge = this.#configuration.includes.get(includeKey(frame.file, s));
        if (edge === undefined || edge.unseen) unseen = true;
        for (const target of edge?.targets.toReversed() ?? []) push(target, ROOT);
        continue;
      }
      if (block.kind === "geo" && (name === "delete" || name === "proxy")) continue;
      if (name === "default") hasDefault = true;
      if (block.kind === "split_clients" && name === "*") hasDefault = true;
      texts.add(tree.word(s, 1));
      if (texts.size > MAX_VALUES) return { texts: null, certain: false };
    }
    if (!hasDefault) texts.add("");
    if (unseen) return { texts: null, certain: false };
    return { texts: [...texts], certain: texts.size === 1 };
  }
}

/** Every first followed by every second, each result once. */
function product(first: readonly string[], second: readonly string[]): readonly string[] {
  if (first.length === 1 && second.length === 1) return [`${first[0] ?? ""}${second[0] ?? ""}`];
  const all = new Set<string>();
  for (const a of first) {
    for (const b of second) all.add(a + b);
  }
  return [...all];
}

function groupByName(sets: readonly SetDefinition[]): Map<string, SetDefinition[]> {
  const groups = new Map<string, SetDefinition[]>();
  for (const definition of sets) {
    const group = groups.get(definition.name);
    if (group === undefined) groups.set(definition.name, [definition]);
    else group.push(definition);
  }
  return groups;
}

/** `$server_port`: the ports of the server's `listen` directives; null where they are not all known. */
function serverPorts(server: Block): Values | null {
  const isServer = server.kind === "server" || server.kind === "stream.server";
  if (!isServer || server.has(BlockFlag.unseen)) return null;
  // A server of http without any `listen`, started as root.
  if (!server.has(BlockFlag.hasListen)) return server.kind === "server" ? { values: ["80"], certain: true } : null;
  const ports = new Set<string>();
  for (const { first, last } of server.ports ?? []) {
    if (first === 0 || last - first >= MAX_VALUES) return null;
    for (let port = first; port <= last; port++) ports.add(String(port));
  }
  return ports.size === 0 || ports.size > MAX_VALUES ? null : { values: [...ports], certain: ports.size === 1 };
}

/** Builtin variables with a known beginning or value. `$request_uri` and `$uri` begin with a slash. */
function builtin(key: string, name: string, kind: "http" | "stream"): Values {
  if (kind === "http") {
    if (key === "scheme") return { values: ["http", "https"], certain: false };
    if (key === "request_uri" || key === "uri" || key === "document_uri") {
      return { values: [`/${hole(name)}`], certain: true };
    }
    if (key === "is_args") return { values: [`?${hole(name)}`], certain: true };
  }
  return { values: [hole(name)], certain: true };
}
