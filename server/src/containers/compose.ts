/**
 * The bind mounts of a compose file, as the Compose specification says: `volumes` in the short and the long form,
 * `configs` with a `file`, `extends`; aliases, merges, `!reset` and `!override`. This module brings the YAML parser with it: import
 * it when there is a compose file to read.
 */
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseAllDocuments } from "yaml";
import type { Document, Node, Pair, Scalar } from "yaml";
import { textOf } from "../base/changedText.ts";
import { parentOf } from "../base/paths.ts";
import type { LineIndex } from "../base/text.ts";
import type { ContainerMount } from "./containerMount.ts";
import { relabelOf, shortMount } from "./mounts.ts";
import { absolutePath, isServersImage, isServersName } from "./serverPlaces.ts";
import { expand } from "./shellWords.ts";

/** Mounts that are read, and merges and bases that are followed into each other. No file has nearly as many. */
const MOST_MOUNTS = 5000;
const DEEPEST_MERGE = 16;

/** The files whose services those of a compose file extend. */
export interface ExtendedFiles {
  /** Absolute path of the compose file. */
  readonly path: string;
  /** Texts of the others by their absolute paths; a service of a file that is not among them is not known. */
  readonly others: ReadonlyMap<string, string>;
}

const alone: ExtendedFiles = { path: "/compose.yaml", others: new Map() };

/**
 * The bind mounts of all services in their order, those of the services that they extend included; none where the text
 * is no YAML. Never throws.
 */
export function composeMounts(text: string, { path, others }: ExtendedFiles = alone): readonly ContainerMount[] {
  const opened = new Map<string, readonly ComposeFile[]>();
  const open: Open = (other) => {
    const known = opened.get(other);
    if (known !== undefined) return known;
    const content = others.get(other);
    const files = content === undefined ? [] : filesOf(content, other, other, open);
    opened.set(other, files);
    return files;
  };
  return filesOf(text, path, null, open).flatMap((file) => file.mounts());
}

/** Absolute paths of the files whose services are extended, in the order of the services. Never throws. */
export function extendedFiles(text: string, path: string): readonly string[] {
  return [...new Set(filesOf(text, path, null, () => []).flatMap((file) => file.extended()))];
}

/** The compose files at a path that is extended. */
type Open = (path: string) => readonly ComposeFile[];

/** A compose file for each document of the text. */
function filesOf(text: string, path: string, from: string | null, open: Open): readonly ComposeFile[] {
  try {
    const counter = new LineCounter();
    const documents = parseAllDocuments(text, {
      lineCounter: counter,
      uniqueKeys: false,
      merge: true,
      strict: false,
      logLevel: "silent",
    });
    const lines = textOf(text);
    return "empty" in documents
      ? []
      : documents.map((document) => new ComposeFile({ text, document, counter, lines, path, from, open }));
  } catch {
    // What is nested a hundred thousand times exhausts the parser's stack.
    return [];
  }
}

interface ComposeText {
  readonly text: string;
  readonly document: Document;
  readonly counter: LineCounter;
  readonly lines: LineIndex;
  /** Absolute. */
  readonly path: string;
  readonly from: ContainerMount["from"];
  readonly open: Open;
}

/** A service as one file has it. What it extends comes behind it, and counts where it says nothing itself. */
interface Layer {
  readonly file: ComposeFile;
  readonly fields: ReadonlyMap<string, Node | null>;
}

class ComposeFile {
  readonly #text: string;
  readonly #document: Document;
  readonly #counter: LineCounter;
  readonly #lines: LineIndex;
  readonly #path: string;
  readonly #from: ContainerMount["from"];
  readonly #open: Open;
  readonly #services: ReadonlyMap<string, Node | null>;
  /** Files of `configs` by their names. */
  readonly #configs = new Map<string, string>();

  constructor({ text, document, counter, lines, path, from, open }: ComposeText) {
    this.#text = text;
    this.#document = document;
    this.#counter = counter;
    this.#lines = lines;
    this.#path = path;
    this.#from = from;
    this.#open = open;
    const top = this.#fields(document.contents);
    // Version 1 has the services at the top.
    this.#services = top.has("services") ? this.#fields(top.get("services")) : top;
    for (const [name, config] of this.#fields(top.get("configs"))) {
      const file = this.#string(this.#fields(config).get("file"));
      if (file !== null) this.#configs.set(name, file);
    }
  }

  mounts(): readonly ContainerMount[] {
    const found: ContainerMount[] = [];
    for (const name of this.#services.keys()) {
      if (found.length >= MOST_MOUNTS) break;
      found.push(...mountsOf(name, this.#layers(name, 0)).slice(0, MOST_MOUNTS - found.length));
    }
    return found;
  }

  /** Absolute paths of the files whose services are extended. */
  extended(): readonly string[] {
    return [...this.#services.values()].flatMap((service) => this.#baseOf(this.#fields(service))?.path ?? []);
  }

  /** A service with those that it extends, the nearest first; none that this file does not have. */
  #layers(name: string, depth: number): readonly Layer[] {
    const service = this.#services.get(name);
    if (service === undefined || depth >= DEEPEST_MERGE) return [];
    const fields = this.#fields(service);
    const base = this.#baseOf(fields);
    if (base === null) return [{ file: this, fields }];
    const files = base.path === null ? [this] : this.#open(base.path);
    const holder = files.find((file) => file.#services.has(base.service));
    return [{ file: this, fields }, ...(holder === undefined ? [] : holder.#layers(base.service, depth + 1))];
  }

  /** The service that one extends; `path` is null for this file. Null where it extends none. */
  #baseOf(fields: Layer["fields"]): { readonly path: string | null; readonly service: string } | null {
    const written = fields.get("extends");
    const named = this.#fields(written);
    const service = this.#string(written) ?? this.#string(named.get("service"));
    const file = this.#string(named.get("file"));
    if (service === null) return null;
    return { service, path: file === null ? null : absolutePath(parentOf(this.#path), file) };
  }

  /** The mounts that this file gives a service. */
  *mountsIn(fields: Layer["fields"], common: Common): Generator<ContainerMount, void> {
    for (const item of this.#items(fields.get("volumes"))) {
      const written = this.#volume(item);
      if (written !== null) yield this.#placed(written, item, common);
    }
    for (const item of this.#items(fields.get("configs"))) {
      const written = this.#config(item);
      if (written !== null) yield this.#placed(written, item, common);
    }
  }

  /** The text of a field; null where it has none. */
  valueOf(fields: Layer["fields"], name: string): string | null {
    return this.#string(fields.get(name));
  }

  /** True for a service that SELinux does not confine by what this file says of it. */
  isUnconfined(fields: Layer["fields"]): boolean {
    return this.#items(fields.get("security_opt")).some((item) => /^label[=:]disable$/.test(this.#string(item) ?? ""));
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

  #placed(written: Written, item: Node, common: Common): ContainerMount {
    const { source, target, relabel, isConfig } = written;
    const place = this.#resolved(written.place) ?? item;
    const [start = 0, end = start] = place.range ?? [];
    const [from, to] = [this.#counter.linePos(start), this.#counter.linePos(end)];
    const isPlain = from.line === to.line && isScalar(place) && place === this.#resolved(item);
    return {
      ...common,
      from: this.#from,
      source,
      target,
      relabel,
      isConfig,
      line: from.line,
      range: {
        start: { line: from.line - 1, character: from.col - 1 },
        end: { line: to.line - 1, character: to.col - 1 },
      },
      lines: this.#lines,
      text: isPlain ? this.#text.slice(start, end) : null,
    };
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
    return expand(scalarText(scalar), (name) => (name === "PWD" ? "." : undefined)).trim();
  }
}

type Common = Pick<ContainerMount, "service" | "hasServer" | "isConfined">;

/** The mounts of a service; one of a service that it extends gives way to its own with the same target. */
function mountsOf(service: string, layers: readonly Layer[]): readonly ContainerMount[] {
  const first = (name: string): string | null =>
    layers.map(({ file, fields }) => file.valueOf(fields, name)).find((value) => value !== null) ?? null;
  const common: Common = {
    service,
    hasServer: isServersName(service) || isServersImage(first("image") ?? ""),
    isConfined: first("privileged") !== "true" && !layers.some(({ file, fields }) => file.isUnconfined(fields)),
  };
  const targets = new Set<string>();
  return layers.flatMap(({ file, fields }) => {
    const own = [...file.mountsIn(fields, common)].filter(({ target }) => !targets.has(target));
    for (const { target } of own) targets.add(target);
    return own;
  });
}

interface Written {
  readonly source: string;
  readonly target: string;
  readonly relabel: ContainerMount["relabel"];
  readonly isConfig: boolean;
  readonly place: Node;
}

function keyOf({ key }: Pair): string | null {
  return isScalar(key) ? scalarText(key) : null;
}

function scalarText({ value, source }: Scalar): string {
  return typeof value === "string" ? value : (source ?? String(value));
}

function asPath(path: string): string {
  return /^[./~\0]/.test(path) ? path : `./${path}`;
}
