/**
 * The program as V8 compiled it in earlier runs: a start then takes a fifth less processor time. Node's own cache
 * (`module.enableCompileCache`) is made of what is compiled when a file is loaded: each run compiled again what it called.
 * This one is made when a run ends, of all that it called. NODE_DISABLE_COMPILE_CACHE=1 stops both.
 */
import { existsSync } from "node:fs";
import * as nodeModule from "node:module";
import { homedir } from "node:os";
import { basename, dirname, join } from "node:path";
import { cachedDataVersionTag } from "node:v8";
import { crc32 } from "node:zlib";
import { cacheDirectory } from "./cacheDirectory.ts";
import { noCompiledCode, readCompiledCode, writeCompiledCode } from "./compiledCode.ts";
import { Loader } from "./compiledLoader.ts";

/** So many runs add what they called: one of them may have ended early, or printed another format. */
const RUNS = 4;

/** Milliseconds after which a run that goes on adds what it has called so far: V8 forgets code that is not called any more. */
const LONG = 2000;

export interface Program {
  run(): Promise<void>;
}

/**
 * The program in a directory of built code; null where there is none (in the sources), or nothing can be kept: then it is
 * to be loaded as Node loads it.
 */
export function compiledProgram(directory: string): Program | null {
  const path = join(directory, "program.cjs");
  const command = process.argv[2] ?? "";
  const caches = ownCaches();
  if (caches === null || !existsSync(path)) return null;
  if (command === LANGUAGE_SERVER) {
    keepByNode(caches);
    return null;
  }
  const program = loadCompiled(path, command);
  return isProgram(program) ? program : null;
}

/** It changes V8's settings when it is loaded, and V8 takes no code that was made under others. */
const LANGUAGE_SERVER = "lsp";

/** Node 22.8 and newer. */
function keepByNode(directory: string): void {
  const enable: unknown = Reflect.get(nodeModule, "enableCompileCache");
  if (typeof enable === "function") Reflect.apply(enable, nodeModule, [directory]);
}

function isProgram(value: unknown): value is Program {
  return typeof value === "object" && value !== null && "run" in value && typeof value.run === "function";
}

/** The directory of what is kept; null where nothing is to be kept, or can be. */
function ownCaches(): string | null {
  // Node 20.15 has the checksum.
  if (process.env["NODE_DISABLE_COMPILE_CACHE"] || process.geteuid === undefined || typeof crc32 !== "function")
    return null;
  try {
    return cacheDirectory(process.env["XDG_CACHE_HOME"], homedir(), process.geteuid());
  } catch {
    // A home that is missing, full or read-only: the program starts as fast as it does without.
    return null;
  }
}

/**
 * The file for a command. Each has one of its own, since it calls other code. V8's version and settings are in the name:
 * it takes no code that was made under others.
 */
function cacheFile(command: string): string | null {
  const caches = ownCaches();
  const name = /^[a-z]{1,20}$/u.test(command) ? command : "other";
  const made = `${process.version}-${process.arch}-${cachedDataVersionTag().toString(16)}`;
  return caches === null ? null : join(caches, `${name}-${made}`);
}

/**
 * What a file of the program exports.
 *
 * @param path the file: CommonJS
 * @param command whose code is kept; one of the first runs writes it anew when it ends, unless its exit code is 2
 */
function loadCompiled(path: string, command: string): unknown {
  const cache = cacheFile(command);
  const name = basename(path);
  const loader = new Loader(dirname(path), () => (cache === null ? noCompiledCode : readCompiledCode(cache)));
  const keep = (): void => {
    clearTimeout(timer);
    process.off("exit", keep);
    const isComplete = loader.runs >= RUNS && !loader.hasCompiled;
    if (isComplete || process.exitCode === 2) return;
    // Looked up again: V8's settings may be others now, and another user may write the directory.
    if (cache === null || cacheFile(command) !== cache) return;
    const { runs, files } = readCompiledCode(cache);
    const isSame = files.get(name)?.source === loader.sourceOf(name);
    try {
      const added = loader.code();
      writeCompiledCode(
        cache,
        isSame ? { runs: Math.min(runs, RUNS) + 1, files: new Map([...files, ...added]) } : { runs: 1, files: added },
      );
    } catch {
      // A full disk, or a directory that may only be read: the next start is as fast as this one.
    }
  };
  const timer = setTimeout(keep, LONG).unref();
  process.on("exit", keep);
  return loader.loadFirst(name);
}
