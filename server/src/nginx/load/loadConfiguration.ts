/** Reads a main file and everything that its includes reach. */
import type { ConfigNote, ConfigProblem, Configuration, ConfigFile, IncludeEdge, Remark } from "./configuration.ts";
import { includeKey } from "./configuration.ts";
import { impliedContext } from "./fragmentContext.ts";
import { isGlob, ListingBudget } from "./glob.ts";
import { expandInclude, nothing, type Expansion } from "./expandInclude.ts";
import { deniedRemark } from "./remarks.ts";
import type { PathMap } from "./pathMap.ts";
import { createPathMap, directoryOf, isPackagedFile, usualPrefixes } from "./pathMap.ts";
import { readerIn, type ConfigReader, type ReadFailure } from "./reader.ts";
import { isTemplate } from "../tree/template.ts";
import type { Statement, Tree } from "../tree/tree.ts";
import { ROOT } from "../tree/tree.ts";

export interface LoadOptions {
  /** Directory that holds a copy of another machine's `/`; absolute paths are read below it. */
  readonly root?: string;
  /** What relative includes are relative to, as nginx would name it. Default: the directory of the main file. */
  readonly confPrefix?: string;
}

/** The main file (or the fragment) itself could not be read. */
export class ConfigurationUnreadable extends Error {
  readonly path: string;
  readonly failure: ReadFailure;
  constructor(path: string, failure: ReadFailure) {
    super(`${path}: ${failure.message}`);
    this.name = "ConfigurationUnreadable";
    this.path = path;
    this.failure = failure;
  }
}

/**
 * How many files nginx may read in all, a file that is included twice counted twice, and how many statements. Real
 * configurations stay far below; a chain of files that each include the next one twice does not.
 */
const MAX_EXPANDED_FILES = 1_000_000;
const MAX_EXPANDED_STATEMENTS = 30_000_000;

/** Cycles that are told; every one of them is cut. */
const MAX_CYCLES = 100;

/** Blocks whose statements are data and in which `include` is not special. */
const rawWithoutInclude: ReadonlySet<string> = new Set(["split_clients", "charset_map", "geoip2"]);
/** Blocks whose statements are data, in which `include FILE` is special only as two words. */
const rawWithInclude: ReadonlySet<string> = new Set(["map", "geo", "types"]);

interface Frame {
  readonly file: number;
  readonly includes: readonly Statement[];
  /** Index into `includes`; the current one is open while `expansion` is set. */
  at: number;
  expansion: Expansion | null;
  next: number;
  targets: number[];
  unseen: boolean;
}

/** Statements of a tree that nginx treats as an include, in order. */
function findIncludes(tree: Tree): Statement[] {
  const found: Statement[] = [];
  for (let s = 0; s < tree.size; s++) {
    if (tree.name(s) !== "include") continue;
    const parent = tree.parent(s);
    if (parent !== ROOT) {
      const block = tree.name(parent);
      if (rawWithoutInclude.has(block)) continue;
      if (rawWithInclude.has(block) && tree.wordCount(s) !== 2) continue;
    }
    found.push(s);
  }
  return found;
}

class Loader {
  readonly files: ConfigFile[] = [];
  readonly includes = new Map<number, IncludeEdge>();
  readonly problems: ConfigProblem[] = [];
  readonly notes: ConfigNote[] = [];
  readonly template: boolean[] = [];
  readonly #reader: ConfigReader;
  readonly #paths: PathMap;
  readonly #listings = new ListingBudget();
  readonly #expansions = new Map<string, Expansion>();
  /** What reading a path gave: a file index, or the failure. */
  readonly #read = new Map<string, number | ReadFailure>();
  readonly #byPath = new Map<string, number>();
  /** Files whose includes are being followed, with their depth on the stack. */
  readonly #active = new Map<number, number>();
  readonly #finished: number[] = [];
  #cycles = 0;

  constructor(reader: ConfigReader, paths: PathMap) {
    this.#reader = reader;
    this.#paths = paths;
  }

  add(path: string, tree: Tree): number {
    const index = this.files.length;
    this.files.push({ path, tree });
    this.#byPath.set(path, index);
    const template = isTemplate(path, tree);
    this.template.push(template);
    if (!template) {
      for (const { span, line, message } of tree.problems) this.problems.push({ file: index, span, line, message });
    }
    return index;
  }

  async follow(): Promise<void> {
    const stack: Frame[] = [this.#enter(0)];
    for (let frame = stack.at(-1); frame !== undefined; frame = stack.at(-1)) {
      if (frame.at >= frame.includes.length) {
        stack.pop();
        this.#active.delete(frame.file);
        this.#finished.push(frame.file);
        continue;
      }
      const statement = frame.includes[frame.at] ?? ROOT;
      if (frame.expansion === null) {
        frame.expansion = await this.#expand(frame.file, statement);
        frame.next = 0;
        frame.targets = [];
        frame.unseen = frame.expansion.unseen;
      }
      const path = frame.expansion.paths[frame.next++];
      if (path === undefined) {
        const { file, targets, unseen } = frame;
        this.includes.set(includeKey(file, statement), { file, statement, targets, unseen });
        frame.expansion = null;
        frame.at++;
        continue;
      }
      const entered = await this.#visit(frame, statement, path, stack);
      if (entered !== null) stack.push(entered);
    }
  }

  #enter(file: number): Frame {
    this.#active.set(file, this.#active.size);
    const tree = this.#tree(file);
    return { file, includes: findIncludes(tree), at: 0, expansion: null, next: 0, targets: [], unseen: false };
  }

  #tree(file: number): Tree {
    const entry = this.files[file];
    if (entry === undefined) throw new RangeError(`no file ${file}`);
    return entry.tree;
  }

  #problem(file: number, statement: Statement, word: number, message: string): void {
    const tree = this.#tree(file);
    if (this.template[file] === true) {
      this.notes.push({ file, span: tree.wordSpan(statement, word), message });
      return;
    }
    this.problems.push({ file, span: tree.wordSpan(statement, word), line: tree.line(statement), message });
  }

  async #expand(file: number, statement: Statement): Promise<Expansion> {
    const tree = this.#tree(file);
    const terminator = tree.terminator(statement);
    if (terminator === "open") return nothing;
    if (terminator !== "simple") {
      this.#problem(file, statement, 0, 'directive "include" is not terminated by ";"');
      return nothing;
    }
    if (tree.wordCount(statement) !== 2) {
      this.#problem(file, statement, 0, 'invalid number of arguments in "include" directive');
      return nothing;
    }
    const argument = tree.word(statement, 1);
    let expansion = this.#expansions.get(argument);
    if (expansion === undefined) {
      expansion = await expandInclude(argument, this.#paths, this.#reader, this.#listings);
      this.#expansions.set(argument, expansion);
    }
    for (const remark of expansion.remarks) this.notes.push({ file, span: tree.wordSpan(statement, 1), ...remark });
    return expansion;
  }

  async #visit(frame: Frame, statement: Statement, path: string, stack: readonly Frame[]): Promise<Frame | null> {
    let read = this.#read.get(path);
    if (read === undefined) {
      await this.#reader.checkpoint();
      const result = await this.#reader.read(path);
      if (result.ok) {
        const known = this.#byPath.get(result.path);
        if (known === undefined) {
          const file = this.add(result.path, result.tree);
          this.#read.set(path, file);
          frame.targets.push(file);
          return this.#enter(file);
        }
        read = known;
      } else {
        read = result;
      }
      this.#read.set(path, read);
    }
    if (typeof read !== "number") {
      await this.#unreadable(frame, statement, path, read);
      return null;
    }
    const depth = this.#active.get(read);
    if (depth !== undefined) {
      if (++this.#cycles > MAX_CYCLES) return null;
      const cycle = [...stack.slice(depth).map((other) => other.file), read].map(
        (file) => this.files[file]?.path ?? "",
      );
      // Enough to see it; a cycle of thousands of files does not help.
      const shown = cycle.length <= 8 ? cycle : [...cycle.slice(0, 4), "...", ...cycle.slice(-3)];
      const message = `include cycle: ${shown.join(" -> ")} (nginx opens the files again and again until "24: Too many open files")`;
      this.#problem(frame.file, statement, 1, message);
      return null;
    }
    frame.targets.push(read);
    return null;
  }

  async #unreadable(frame: Frame, statement: Statement, path: string, failure: ReadFailure): Promise<void> {
    const tree = this.#tree(frame.file);
    const argument = tree.word(statement, 1);
    const shown = isGlob(argument) ? path : this.#paths.nginxPath(argument);
    const note = (remark: Remark): void => {
      this.notes.push({ file: frame.file, span: tree.wordSpan(statement, 1), ...remark });
    };
    const location = frame.expansion?.location ?? null;
    const isCopy = this.#paths.copy !== null;
    switch (failure.code) {
      case "missing":
        if (await this.#hasBinaryBase(tree, statement, path)) {
          frame.unseen = true;
          return;
        }
        // Bytes that are not UTF-8 became U+FFFD when the path was read, or a directory listed.
        if (path.includes("\uFFFD")) {
          frame.unseen = true;
          note({ message: `not followed: "${shown}": its name is not UTF-8` });
          return;
        }
        if (isCopy && location !== null && isPackagedFile(location.rest)) {
          note({ message: `not followed: this copy has no "${shown}", which packages install`, isPackaged: true });
        } else if (isCopy && location?.own !== true) {
          frame.unseen = true;
          note({ message: `not followed: this copy has no "${shown}"` });
        } else {
          frame.unseen = true;
          this.#problem(frame.file, statement, 1, `open() "${shown}" failed (2: No such file or directory)`);
        }
        return;
      case "denied":
        frame.unseen = true;
        note(deniedRemark(shown, failure));
        return;
      case "directory":
        this.#problem(frame.file, statement, 1, `pread() "${shown}" failed (21: Is a directory)`);
        return;
      case "not-regular":
      case "outside":
        // nginx may well read it (`include /dev/null;`); we do not.
        frame.unseen = shown !== "/dev/null";
        note({ message: `not followed: "${shown}": ${failure.message}` });
        return;
      case "loop":
        frame.unseen = true;
        this.#problem(frame.file, statement, 1, `open() "${shown}" failed (40: Too many levels of symbolic links)`);
        return;
      case "too-large":
      case "io":
        frame.unseen = true;
        this.#problem(frame.file, statement, 1, `"${shown}" cannot be read: ${failure.message}`);
        return;
    }
  }

  /** `geo` reads `FILE.bin` in place of a missing `FILE` (ngx_http_geo_include_binary_base). */
  async #hasBinaryBase(tree: Tree, statement: Statement, path: string): Promise<boolean> {
    const parent = tree.parent(statement);
    if (parent === ROOT || tree.name(parent) !== "geo") return false;
    const directory = directoryOf(path);
    const listing = await this.#reader.list(directory === "" ? "/" : directory);
    const name = `${path.slice(directory.length + 1)}.bin`;
    return listing.ok && listing.entries.some((entry) => entry.name === name);
  }

  /** Cuts the includes that would make nginx read more than the limits, children first, one problem for each file. */
  bound(): void {
    const filesBelow = new Float64Array(this.files.length);
    const statementsBelow = new Float64Array(this.files.length);
    const edges = new Map<number, IncludeEdge[]>();
    for (const edge of this.includes.values()) {
      const list = edges.get(edge.file);
      if (list === undefined) edges.set(edge.file, [edge]);
      else list.push(edge);
    }
    for (const file of this.#finished) {
      let files = 1;
      let statements = this.#tree(file).size;
      let told = false;
      for (const edge of edges.get(file) ?? []) {
        let moreFiles = 0;
        let moreStatements = 0;
        for (const target of edge.targets) {
          moreFiles += filesBelow[target] ?? 0;
          moreStatements += statementsBelow[target] ?? 0;
        }
        if (files + moreFiles > MAX_EXPANDED_FILES || statements + moreStatements > MAX_EXPANDED_STATEMENTS) {
          const { statement } = edge;
          this.includes.set(includeKey(file, statement), { file, statement, targets: [], unseen: true });
          if (!told) {
            const limit = MAX_EXPANDED_FILES.toLocaleString("en-US");
            this.#problem(file, statement, 1, `too many includes: with this one nginx would read over ${limit} files`);
          }
          told = true;
          continue;
        }
        files += moreFiles;
        statements += moreStatements;
      }
      filesBelow[file] = files;
      statementsBelow[file] = statements;
    }
  }

  finish(fragmentContext: string | null): Configuration {
    const { files, includes, problems, notes, template } = this;
    const prefixes = fragmentContext === null ? this.#paths.prefixes : usualPrefixes;
    return { files, includes, problems, notes, fragmentContext, template, prefixes };
  }
}

/**
 * Loads a whole configuration.
 *
 * Includes are relative to the main file's directory. A missing, cyclic or exploding include becomes a problem, or a
 * note where a copy of a configuration cannot tell. What this user may not read is a note.
 *
 * @param mainPath absolute path or URI under which `reader` reads the main file
 * @throws ConfigurationUnreadable where the main file cannot be read; whatever `reader.checkpoint` rejects with
 */
export async function loadConfiguration(
  mainPath: string,
  reader: ConfigReader,
  options: LoadOptions = {},
): Promise<Configuration> {
  const paths = createPathMap(mainPath, options);
  const there = readerIn(reader, paths.copy);
  const main = await there.read(mainPath);
  if (!main.ok) throw new ConfigurationUnreadable(mainPath, main);
  const loader = new Loader(there, paths);
  loader.add(main.path, main.tree);
  await loader.follow();
  loader.bound();
  return loader.finish(null);
}

/**
 * Loads a file that no main file reaches, alone: its includes are not followed, and its context is the one that its
 * directives imply.
 *
 * @throws ConfigurationUnreadable where the file cannot be read
 */
export async function loadFragment(
  path: string,
  reader: ConfigReader,
  options: LoadOptions = {},
): Promise<Configuration> {
  const paths = createPathMap(path, options);
  const there = readerIn(reader, paths.copy);
  const fragment = await there.read(path);
  if (!fragment.ok) throw new ConfigurationUnreadable(path, fragment);
  const loader = new Loader(there, paths);
  loader.add(fragment.path, fragment.tree);
  for (const statement of findIncludes(fragment.tree)) {
    loader.includes.set(includeKey(0, statement), { file: 0, statement, targets: [], unseen: true });
  }
  return loader.finish(impliedContext(fragment.tree));
}
