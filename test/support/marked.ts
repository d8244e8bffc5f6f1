/** Configurations in memory with a cursor: `|` marks it in one file, and is taken out of the text. */
import { loadConfiguration } from "../../server/src/nginx/load/loadConfiguration.ts";
import type { TreeView } from "../../server/src/features/fileView.ts";
import { lineIndexOf } from "../../server/src/nginx/tree/lineIndexes.ts";
import type { Position } from "../../server/src/base/text.ts";
import { memoryReader } from "./memoryReader.ts";

export interface Marked {
  readonly view: TreeView;
  readonly position: Position;
}

/** The view of the file with the mark. `files`: text by path; the first one is the main file. */
export async function marked(files: Readonly<Record<string, string>>): Promise<Marked> {
  const [main = ""] = Object.keys(files);
  const [path = ""] = Object.entries(files).find(([, text]) => text.includes("|")) ?? [];
  const at = (files[path] ?? "").indexOf("|");
  const texts = { ...files, [path]: (files[path] ?? "").replace("|", "") };
  const configuration = await loadConfiguration(main, memoryReader(texts), {});
  const file = configuration.files.findIndex((each) => each.path === path);
  const tree = configuration.files[file]?.tree;
  if (tree === undefined) throw new Error(`${path} is not part of the configuration`);
  const offset = new TextEncoder().encode((texts[path] ?? "").slice(0, at)).length;
  const view = {
    configuration,
    file,
    tree,
    uriOf: (index: number) => `file://${configuration.files[index]?.path ?? ""}`,
    firstLineOf: () => 0,
    encoding: "utf-16" as const,
  };
  return { view, position: lineIndexOf(tree).positionAt(offset) };
}
