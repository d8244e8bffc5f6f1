/**
 * The bind mounts of a compose file, as the Compose specification says: `volumes` in the short and the long form,
 * `configs` with a `file`; aliases, merges, `!reset` and `!override`. This module brings the YAML parser with it: import
 * it when there is a compose file to read.
 */
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseAllDocuments } from "yaml";
import type { Document, Node, Pair, Scalar } from "yaml";
import type { ContainerMount } from "./containerMount.ts";
import { relabelOf, shortMount } from "./mounts.ts";
import { isServersImage, isServersName } from "./serverPlaces.ts";
import { expand } from "./shellWords.ts";

/** Mounts that are read, and merges that are followed into each other. No file has nearly as many. */
const MOST_MOUNTS = 5000;
const DEEPEST_MERGE = 16;

/** The bind mounts of all services in their order; none where the text is no YAML. Never throws. */
export function composeMounts(text: string): readonly ContainerMount[] {
  try {
    const lines = new LineCounter();
    const documents = parseAllDocuments(text, {
      lineCounter: lines,
      uniqueKeys: false,
      merge: true,
      strict: false,
      logLevel: "silent",
    });
    return "empty" in documents ? [] : documents.flatMap((document) => new ComposeFile(text, document, lines).mounts());
  } catch {
    // What is nested a hundred thousand times exhausts the parser's stack.
    return [];
  }
}

class ComposeFile {
  readonly #text: string;
  readonly #document: Document;
  readonly #lines: LineCounter;
  readonly #found: ContainerMount[] = [];
  /** Files of `configs` by their names. */
  readonly #configs = new Map<string, string>();

  constructor(text: string, document: Document, lines: LineCounter) {
    this.#text = text;
    this.#document = document;
    this.#lines = lines;
  }

  mounts(): readonly ContainerMount[] {
    const top = this.#fields(this.#document.contents);
    for (const [name, config] of this.#fields(top.get("configs"))) {
      const path = this.#string(this.#fields(config).get("file"));
      if (path !== null) this.#configs.set(name, path);
    }
    // Version 1 has the services at the top.
    for (const [name, service] of top.has("services") ? this.#fields(top.get("services")) : top) {
      if (this.#found.length < MOST_MOUNTS) this.#readService(name, this.#fields(service));
    }
    return this.#found;
  }

  #readService(name: string, fields: ReadonlyMap<string, Node | null>): void {
    const hasServer = isServersName(name) || isServersImage(this.#string(fields.get("image")) ?? "");
    const options = this.#items(fields.get("security_opt")).map((item) => this.#string(item) ?? "");
    const isConfined =
      this.#string(fields.get("privileged")) !== "true" && !options.some((each) => /^label[=:]disable$/.test(each));
    const common = { service: name, hasServer, isConfined };
    for (const item of this.#items(fields.get("volumes"))) this.#add(this.#volume(item), item, common);
    for (const item of this.#items(fields.get("configs"))) this.#add(this.#config(item), item, common);
  }

  #volume(item: Node): Written | null {
    const short = this.#string(item);
    if (short !== null) {
      const mount = shortMount(short);
      return mount === null ? null : { ...mount, relabel: relabelOf(mount.options), isConfig: false, place: item };
    }
    const fields = this.#fields(item);
    const source = this.#string(fields.get("source") ?? fields.get("src"));
    const target = this.#string(fields.get("target") ?? fields.get("dst") ?? fields.get("destination"));
    const type = this.#string(fields.get("type")) ?? "";
    if (source === null || target === null || (type !== "" && type !== "bind")) return null;
    const relabel = this.#string(this.#fields(fields.get("bind")).get("selinux"));
    return {
      // A bind mount of the long form is always a path.
      source: type === "bind" ? asPath(source) : source,
      target,
      relabel: relabel === "z" || relabel === "Z" ? relabel : null,
      isConfig: false,
      place: fields.get("source") ?? fields.get("src") ?? item,
    };
  }

  /** The short form of a config mounts it as /NAME. */
  #config(item: Node): Written | null {
    const fields = this.#fields(item);
    const name = this.#string(item) ?? this.#string(fields.get("source"));
    const path = name === null ? undefined : this.#configs.get(name);
    if (name === null || path === undefined) return null;
    const target = this.#string(fields.get("target")) ?? `/${name}`;
    return { source: asPath(path), target, relabel: null, isConfig: true, place: fields.get("source") ?? item };
  }

  #add(
    written: Written | null,
    item: Node,
    common: Pick<ContainerMount, "service" | "hasServer" | "isConfined">,
  ): void {
    if (written === null || this.#found.length >= MOST_MOUNTS) return;
    const { source, target, relabel, isConfig } = written;
    const place = this.#resolved(written.place) ?? item;
    const [start = 0, end = start] = place.range ?? [];
    const [from, to] = [this.#lines.linePos(start), this.#lines.linePos(end)];
    const isPlain = from.line === to.line && isScalar(place) && place === this.#resolved(item);
    this.#found.push({
      ...common,
      source,
      target,
      relabel,
      isConfig,
      line: from.line,
      range: {
        start: { line: from.line - 1, character: from.col - 1 },
        end: { line: to.line - 1, character: to.col - 1 },
      },
      text: isPlain ? this.#text.slice(start, end) : null,
    });
  }

  /** What stands for a node: what an alias names; null for nothing, and for what `!reset` takes away. */
  #resolved(node: unknown): Node | null {
    const found = isAlias(node) ? node.resolve(this.#document) : node;
    if (!isMap(found) && !isSeq(found) && !isScalar(found)) return null;
    return found.tag === "!reset" ? null : found;
  }

  /** The values of a mapping by their keys; those of merged ones where it has none of its own. */
  #fields(node: unknown, depth = 0): Map<string, Node | null> {
    const fields = new Map<string, Node | null>();
    const map = this.#resolved(node);
    if (!isMap(map)) return fields;
    const merged: unknown[] = [];
    for (const pair of map.items) {
      const key = keyOf(pair);
      if (key === "<<") merged.push(...(isSeq(pair.value) ? pair.value.items : [pair.value]));
      else if (key !== null) fields.set(key, this.#resolved(pair.value));
    }
    if (depth >= DEEPEST_MERGE) return fields;
    for (const other of merged) {
      for (const [key, value] of this.#fields(other, depth + 1)) if (!fields.has(key)) fields.set(key, value);
    }
    return fields;
  }

  #items(node: unknown): readonly Node[] {
    const list = this.#resolved(node);
    return isSeq(list) ? list.items.flatMap((item) => this.#resolved(item) ?? []) : [];
  }

  /** The text of a scalar, its variables expanded; null for anything else. */
  #string(node: unknown): string | null {
    const scalar = this.#resolved(node);
    if (!isScalar(scalar) || scalar.value === null) return null;
    return expand(textOf(scalar), (name) => (name === "PWD" ? "." : undefined)).trim();
  }
}

interface Written {
  readonly source: string;
  readonly target: string;
  readonly relabel: ContainerMount["relabel"];
  readonly isConfig: boolean;
  readonly place: Node;
}

function keyOf({ key }: Pair): string | null {
  return isScalar(key) ? textOf(key) : null;
}

function textOf({ value, source }: Scalar): string {
  return typeof value === "string" ? value : (source ?? String(value));
}

function asPath(path: string): string {
  return /^[./~\0]/.test(path) ? path : `./${path}`;
}
