/** Finds the main file whose includes reach an opened file. */
import type { LoadOptions } from "./loadConfiguration.ts";
import { loadConfiguration } from "./loadConfiguration.ts";
import { filesBelow } from "./filesBelow.ts";
import { isMainTree } from "./fragmentContext.ts";
import type { Configuration } from "./configuration.ts";
import { memo } from "../../base/memo.ts";
import { createPathMap, directoryOf } from "./pathMap.ts";
import { readerIn, type ConfigReader, type ReadFailure, type ReadTree } from "./reader.ts";

export interface MainFileOptions {
  /** The user's setting: tried first. Null or left out where there is none. */
  readonly setting?: string | null;
  /** Main files that the caller knows, tried after the ancestors'. */
  readonly candidates?: readonly string[];
  /** Workspace folders in which main files are searched last. */
  readonly folders?: readonly string[];
  readonly load?: LoadOptions;
  /** What searches for other files of the same computation have loaded already, with the same reader's options. */
  readonly loads?: SharedLoads;
}

/** What the searches of one computation share: the main file of many fragments is loaded once. */
export interface SharedLoads {
  /** By the path of the main file. */
  readonly configurations: Map<string, Promise<Configuration>>;
  /** Files named like a main file, by the folder. */
  readonly searches: Map<string, Promise<readonly string[]>>;
}

/** Main files of a workspace that are tried. One with more needs the setting. */
const MAX_CANDIDATES = 50;

/**
 * The main file of a configuration that holds `path`: the file itself if it is one, the setting, `nginx.conf` in the
 * directories above it, the candidates, main files in the workspace. Only one whose includes reach `path` counts.
 *
 * @returns null where there is none: then the file is a lone fragment
 */
export async function findMainFile(
  path: string,
  reader: ConfigReader,
  options: MainFileOptions = {},
): Promise<string | null> {
  const { load } = options;
  const loads: SharedLoads = options.loads ?? { configurations: new Map(), searches: new Map() };
  const alone = await readAs(path, path, reader, load);
  if (alone.ok && isMainTree(alone.tree)) return path;
  const tried = new Set<string>();
  const reaches = async (candidate: string, isGiven = false): Promise<boolean> => {
    if (tried.has(candidate)) return false;
    tried.add(candidate);
    await reader.checkpoint();
    const main = await readAs(candidate, candidate, reader, load);
    // A file that only includes others is a main file where the user says so.
    if (!main.ok || !(isGiven || isMainTree(main.tree))) return false;
    const opened = await readAs(path, candidate, reader, load);
    if (!opened.ok || main.path === opened.path) return false;
    const configuration = await memo(loads.configurations, candidate, () => loadConfiguration(candidate, reader, load));
    return configuration.files.some((file) => file.path === opened.path);
  };
  if (typeof options.setting === "string" && (await reaches(options.setting, true))) return options.setting;
  const above = ancestors(path).map((directory) => `${directory}/nginx.conf`);
  for (const candidate of [...above, ...(options.candidates ?? [])]) {
    if (await reaches(candidate)) return candidate;
  }
  for (const folder of options.folders ?? []) {
    for (const candidate of await memo(loads.searches, folder, () => searchMainFiles(folder, reader))) {
      if (await reaches(candidate)) return candidate;
    }
  }
  return null;
}

/** Reads a file as one of the configuration whose main file is `main`: in a copy links can lead elsewhere than here. */
export function readAs(
  path: string,
  main: string,
  reader: ConfigReader,
  load: LoadOptions = {},
): Promise<ReadTree | ReadFailure> {
  return readerIn(reader, createPathMap(main, load).copy).read(path);
}

/** Directories that hold a path, the nearest first, the root last. */
function ancestors(path: string): string[] {
  const found: string[] = [];
  for (let directory = directoryOf(path); ; directory = directoryOf(directory)) {
    found.push(directory);
    if (!directory.includes("/")) return found;
  }
}

/** Files named like a main file, the nearest to the folder first. */
async function searchMainFiles(folder: string, reader: ConfigReader): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const { directory, name } of filesBelow(folder, reader)) {
    if (!/^nginx[\w.-]*\.conf(?:\.[\w.]+)?$/.test(name)) continue;
    found.push(`${directory}/${name}`);
    if (found.length >= MAX_CANDIDATES) break;
  }
  return found;
}
