/** The paths that an `include` can name: the directory that its argument begins with is the one to be listed. */
import type { CompletionItem, CompletionItemKind } from "vscode-languageserver";
import type { DirectoryEntry } from "../../base/directoryEntry.ts";
import type { Position } from "../../base/text.ts";
import { isGlob } from "../../nginx/load/glob.ts";
import { offsetIn, type TreeView } from "../fileView.ts";
import { typedTextAt } from "./typedText.ts";

const file: CompletionItemKind = 17;
const folder: CompletionItemKind = 19;
/** Items for one directory; a longer list helps little. */
const MOST_ITEMS = 500;
/** Names that are one word of nginx as they are written: no quote, no variable, no pattern. */
const plainName = /^[^\s;{}"'$\\#*?[\]]+$/u;

/** The directory part of the argument at a position, `""` or with its final slash; null where no include's argument is typed. */
export function includeDirectoryAt(view: TreeView, position: Position): string | null {
  const typed = typedTextAt(view.tree, offsetIn(view, position));
  if (typed === null || typed.isQuoted || typed.words.length !== 1 || typed.words[0] !== "include") return null;
  const directory = directoryIn(typed.word);
  return isGlob(directory) ? null : directory;
}

/** An item for each entry: folders, files, and the pattern for all `.conf` files where there are several. */
export function includeItems(
  word: string,
  entries: readonly DirectoryEntry[],
): readonly Omit<CompletionItem, "textEdit">[] {
  const directory = directoryIn(word);
  const named = entries
    .filter(({ name, isMangled }) => isMangled !== true && !name.startsWith(".") && plainName.test(name))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const several = named.filter(({ name, kind }) => kind !== "directory" && name.endsWith(".conf")).length > 1;
  const pattern = {
    label: `${directory}*.conf`,
    kind: file,
    detail: "every file of this folder that ends in .conf",
    sortText: "0",
  };
  return [
    ...(several ? [pattern] : []),
    ...named
      .slice(0, MOST_ITEMS)
      .map(({ name, kind }) =>
        kind === "directory"
          ? { label: `${directory}${name}/`, kind: folder, sortText: `2${name}` }
          : { label: `${directory}${name}`, kind: file, sortText: `1${name}` },
      ),
  ];
}

function directoryIn(word: string): string {
  return word.slice(0, word.lastIndexOf("/") + 1);
}
