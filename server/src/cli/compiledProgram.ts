/**
 * The program as V8 compiled it in earlier runs: a start then takes a fifth less processor time. Node's own cache
 * (`module.enableCompileCache`) is made of what is compiled when a file is loaded: each run compiled again what it called.
 * This one is made when a run ends, of all that it called. NODE_DISABLE_COMPILE_CACHE=1 stops both.
 */
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { homedir } from "node:os";
import { basename, dirname, join } from "node:path";
import { cachedDataVersionTag } from "node:v8";
import { Script } from "node:vm";
import { crc32 } from "node:zlib";
import { cacheDirectory } from "./cacheDirectory.ts";
import { noCompiledCode, readCompiledCode, writeCompiledCode, type CompiledCode } from "./compiledCode.ts";
import type { OneRun } from "./oneRun.ts";

/** So many runs add what they called: one of them may have ended early, or printed another format. */
const RUNS = 4;

/** Milliseconds after which a run that goes on adds what it has called so far: V8 forgets code that is not called any more. */
const LONG = 2000;

export interface Program {
  run(oneRun: OneRun): Promise<void>;
}

/**
 * The program in a directory of built code; null where there is none (in the sources), or nothing can be kept: then it is
 * to be loaded as Node loads it.
 */
export function compiledProgram(directory: string): Program | null {
  const path = join(directory, "program.cjs");
  const cache = cacheFile(process.argv[2] ?? "");
  if (cache === null || !existsSync(path)) return null;
  const program = loadCompiled(path, cache);
  return isProgram(program) ? program : null;
}

function isProgram(value: unknown): value is Program {
  return typeof value === "object" && value !== null && "run" in value && typeof value.run === "function";
}

/** Each command has a file of its own, since it calls other code; V8's version and settings are in the name, since it takes no others. */
function cacheFile(command: string): string | null {
  // Node 20.15 has the checksum.
  if (process.env["NODE_DISABLE_COMPILE_CACHE"] || process.geteuid === undefined || typeof crc32 !== "function")
    return null;
  try {
    const directory = cacheDirectory(process.env["XDG_CACHE_HOME"], homedir(), process.geteuid());
    if (directory === null) return null;
    const name = /^[a-z]{1,20}$/u.test(command) ? command : "other";
    return join(directory, `${name}-${process.version}-${process.arch}-${cachedDataVersionTag().toString(16)}`);
  } catch {
    // A home that is missing, full or read-only: the program starts as fast as it does without.
    return null;
  }
}

/**
 * What a file of the program exports; the files beside it that it needs are loaded in the same way.
 *
 * @param path the file: CommonJS
 * @param cache the file of compiled code; one of the first runs writes it anew when it ends, unless its exit code is 2
 */
function loadCompiled(path: string, cache: string): unknown {
  let kept: CompiledCode | null = readCompiledCode(cache);
  const directory = dirname(path);
  const fromNode = createRequire(path);
  const modules = new Map<string, { readonly exports: object }>();
  const scripts = new Map<string, { readonly source: number; readonly script: Script }>();
  let isComplete = kept.runs >= RUNS;

  const compile = (name: string, file: string): Script => {
    const text = readFileSync(file, "utf8");
    const source = crc32(text);
    const compiled = (kept ?? readCompiledCode(cache)).files.get(name);
    const cachedData = compiled?.source === source ? compiled.code : undefined;
    const script = new Script(`(function (exports, require, module, __filename, __dirname) { ${text}\n})`, {
      filename: file,
      cachedData,
    });
    if (cachedData === undefined || script.cachedDataRejected === true) isComplete = false;
    scripts.set(name, { source, script });
    return script;
  };

  const load = (name: string): object => {
    const before = modules.get(name);
    if (before !== undefined) return before.exports;
    const module = { exports: {} };
    modules.set(name, module);
    const file = join(directory, name);
    const run: unknown = compile(name, file).runInThisContext();
    if (typeof run === "function")
      Reflect.apply(run, module.exports, [module.exports, require, module, file, directory]);
    return module.exports;
  };
  const require = (id: string): unknown => (id.startsWith("./") ? load(id.slice(2)) : fromNode(id));

  const keep = (): void => {
    clearTimeout(timer);
    process.off("exit", keep);
    if (isComplete || process.exitCode === 2) return;
    const name = basename(path);
    const before = readCompiledCode(cache);
    const { runs, files } = before.files.get(name)?.source === scripts.get(name)?.source ? before : noCompiledCode;
    const added = [...scripts].map(([file, { source, script }]) => {
      return [file, { source, code: script.createCachedData() }] as const;
    });
    writeCompiledCode(cache, { runs: runs + 1, files: new Map([...files, ...added]) });
  };
  const timer = setTimeout(keep, LONG).unref();
  process.on("exit", keep);
  const program = load(basename(path));
  // A megabyte, which few runs need again.
  kept = null;
  return program;
}
