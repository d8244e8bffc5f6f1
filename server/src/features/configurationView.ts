/** One file of a configuration, for the features that need no policy. */
import { lineIndexOf } from "../nginx/tree/lineIndexes.ts";
import type { Configuration } from "../nginx/load/configuration.ts";
import type { Place } from "../nginx/access.ts";
import type { Tree } from "../nginx/tree/tree.ts";
import type { Position, Range } from "../base/text.ts";

export interface ConfigurationView {
  readonly configuration: Configuration;
  /** Index into the configuration's files. */
  readonly file: number;
  readonly tree: Tree;
  /** URI of a file of the configuration, as the client names it. */
  uriOf(file: number): string;
}

/** Byte offset of an LSP position in the view's file. */
export function offsetAt(view: ConfigurationView, position: Position): number {
  return lineIndexOf(view.tree).offsetAt(position);
}

/** URI and LSP range of a place in any file of the configuration. */
export function locationAt(
  view: ConfigurationView,
  { file, span }: Place,
): { readonly uri: string; readonly range: Range } {
  const tree = view.configuration.files[file]?.tree ?? view.tree;
  return { uri: view.uriOf(file), range: lineIndexOf(tree).rangeOf(span) };
}
