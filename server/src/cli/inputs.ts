/** The operands of `check`: files, directories, standard input. */
import { isWithin } from "../base/paths.ts";
import { hostBelow } from "../host/copyHost.ts";
import { HostError, type FileStat } from "../host/host.ts";
import type { Engine } from "../workspace/engine.ts";
import { uriOfPath } from "../base/uri.ts";
import type { CheckCommand } from "./arguments.ts";
import { absolutePath, shownPath, type Console } from "./console.ts";
import { UsageError } from "./usageError.ts";

/** A file to check. */
export interface Input {
  /** Absolute. */
  readonly path: string;
  /** Where the main file of a fragment is looked for last. */
  readonly folders: readonly string[];
}

const defaultMain = "/etc/nginx/nginx.conf";

/** What stands for standard input. */
const STANDARD_INPUT = "-";

/**
 * The files that the operands stand for, in their order. `root`: the directory of `--root`, "" for none; `limit`: bytes
 * of standard input that are read. Throws UsageError for a directory without any.
 */
export async function inputsOf(
  { files }: CheckCommand,
  console: Console,
  engine: Engine,
  root: string,
  limit: number,
): Promise<readonly Input[]> {
  const inputs: Input[] = [];
  const input = (path: string, folder: string): Input => ({
    path,
    folders: isWithin(path, [folder]) ? [folder] : [],
  });
  for (const file of files.length === 0 ? [defaultMain] : files) {
    if (file === STANDARD_INPUT) {
      inputs.push({ path: await openStandardInput(console, engine, limit), folders: [] });
      continue;
    }
    const path = await pathOf(console, file, root, files.length === 0);
    if ((await statOf(console, root, path))?.kind !== "directory") {
      inputs.push(input(path, console.directory));
      continue;
    }
    const { mains, fragments } = await engine.configurationsBelow(path);
    if (mains.length + fragments.length === 0)
      throw new UsageError(`${shownPath(console, path)}: there is no configuration of nginx in it`);
    inputs.push(...[...mains, ...fragments].map((each) => input(each, path)));
  }
  return inputs;
}

/** The text of standard input as a file of the working directory, which is called `-`. */
async function openStandardInput(console: Console, engine: Engine, limit: number): Promise<string> {
  const path = absolutePath(console, STANDARD_INPUT);
  // A byte order mark is a part of the text: nginx sees it.
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(await console.input(limit));
  // A single file with its header is no saved configuration here; with a line in front it counts as printed.
  engine.openDocument(uriOfPath(path), 1, text.startsWith("# configuration file /") ? `\n${text}` : text);
  return path;
}

/** Where a file is read: below `--root` if it is there, else as written. */
async function pathOf(console: Console, file: string, root: string, isDefault: boolean): Promise<string> {
  const plain = absolutePath(console, file);
  if (root === "" || isWithin(plain, [root])) return plain;
  const below = `${root}/${file.replace(/^\/+/, "")}`;
  return isDefault || (await statOf(console, root, below)) !== null ? below : plain;
}

/** Null where there is nothing, or nothing that can be seen. */
async function statOf(console: Console, root: string, path: string): Promise<FileStat | null> {
  try {
    return await hostBelow(console.host, root).stat(path);
  } catch (error) {
    if (error instanceof HostError) return null;
    throw error;
  }
}
