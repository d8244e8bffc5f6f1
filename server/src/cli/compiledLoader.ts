/** Loads files of the program, CommonJS, with compiled code where there is some for them. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { Script } from "node:vm";
import { crc32 } from "node:zlib";
import type { CompiledCode, CompiledFile } from "./compiledCode.ts";

/** What Node puts before the text of a module, too. */
const HEAD = "(function (exports, require, module, __filename, __dirname) { ";

export class Loader {
  readonly #directory: string;
  readonly #readKept: () => CompiledCode;
  readonly #fromNode: NodeJS.Require;
  readonly #modules = new Map<string, { readonly exports: object }>();
  readonly #scripts = new Map<string, { readonly source: number; readonly script: Script }>();
  #kept: CompiledCode | null = null;
  /** How many runs have added to what was kept when the first file was loaded. */
  runs = 0;
  /** True where there was no code for a file, or V8 did not take it. */
  hasCompiled = false;

  /** `directory`: of the files. `readKept`: gives the code that earlier runs have kept. */
  constructor(directory: string, readKept: () => CompiledCode) {
    this.#directory = directory;
    this.#readKept = readKept;
    this.#fromNode = createRequire(join(directory, "program.cjs"));
  }

  /** What a file exports, with the files beside it that it needs. */
  loadFirst(name: string): unknown {
    this.#kept = this.#readKept();
    this.runs = this.#kept.runs;
    const exported = this.#load(name);
    // A megabyte, which few runs need again.
    this.#kept = null;
    return exported;
  }

  /** The checksum of a file's text; undefined of one that was not loaded. */
  sourceOf(name: string): number | undefined {
    return this.#scripts.get(name)?.source;
  }

  /** The code of the files that were loaded, with all that was called. */
  code(): ReadonlyMap<string, CompiledFile> {
    return new Map(
      [...this.#scripts].map(([name, { source, script }]) => [name, { source, code: script.createCachedData() }]),
    );
  }

  #load(name: string): object {
    const before = this.#modules.get(name);
    if (before !== undefined) return before.exports;
    const module = { exports: {} };
    this.#modules.set(name, module);
    const file = join(this.#directory, name);
    const run: unknown = this.#compile(name, file).runInThisContext();
    const require = (id: string): unknown => (id.startsWith("./") ? this.#load(id.slice(2)) : this.#fromNode(id));
    if (typeof run === "function")
      Reflect.apply(run, module.exports, [module.exports, require, module, file, this.#directory]);
    return module.exports;
  }

  #compile(name: string, file: string): Script {
    const text = readFileSync(file, "utf8");
    const source = crc32(text);
    const compiled = (this.#kept ?? this.#readKept()).files.get(name);
    const cachedData = compiled?.source === source ? compiled.code : undefined;
    const script = new Script(`${HEAD}${text}\n})`, { filename: file, cachedData, columnOffset: -HEAD.length });
    if (cachedData === undefined || script.cachedDataRejected === true) this.hasCompiled = true;
    this.#scripts.set(name, { source, script });
    return script;
  }
}
