/** The views that features have of a file. */
import type { Analysis } from "../analysis/analysis.ts";
import { lineIndexOf } from "../nginx/tree/lineIndexes.ts";
import type { Place } from "../nginx/access.ts";
import type { Configuration } from "../nginx/load/configuration.ts";
import type { Tree } from "../nginx/tree/tree.ts";
import type { Position, Range, Span } from "../base/text.ts";

/** One file of a configuration, for features that need no policy. */
export interface TreeView {
  readonly configuration: Configuration;
  /** Index into the configuration's files. */
  readonly file: number;
  readonly tree: Tree;
  /** URI of a file of the configuration, as the client names it. */
  uriOf(file: number): string;
}

/** One file of an analysed configuration. */
export interface FileView extends TreeView {
  readonly analysis: Analysis;
}

/** The view of a file of a configuration. */
export function treeView(
  configuration: Configuration,
  file: number,
  tree: Tree,
  uriOf: (path: string) => string,
): TreeView {
  return { configuration, file, tree, uriOf: (index) => uriOf(configuration.files[index]?.path ?? "") };
}

/** The view of the file with this path; undefined where the configuration does not contain it. */
export function treeViewOf(
  configuration: Configuration,
  path: string,
  uriOf: (path: string) => string,
): TreeView | undefined {
  const file = configuration.files.findIndex((each) => each.path === path);
  const found = configuration.files[file];
  return found === undefined ? undefined : treeView(configuration, file, found.tree, uriOf);
}

/** The same, with the analysis. */
export function fileView(analysis: Analysis, path: string, uriOf: (path: string) => string): FileView | undefined {
  const view = treeViewOf(analysis.configuration, path, uriOf);
  return view === undefined ? undefined : { ...view, analysis };
}

/** LSP range of a span in this file. */
export function rangeIn(view: TreeView, span: Span): Range {
  return lineIndexOf(view.tree).rangeOf(span);
}

/** Byte offset of an LSP position in this file. */
export function offsetIn(view: TreeView, position: Position): number {
  return lineIndexOf(view.tree).offsetAt(position);
}

/** URI and LSP range of a place in any file of the configuration. */
export function locationOf(view: TreeView, place: Place): { readonly uri: string; readonly range: Range } {
  const tree = view.configuration.files[place.file]?.tree ?? view.tree;
  return { uri: view.uriOf(place.file), range: lineIndexOf(tree).rangeOf(place.span) };
}

/** True where an offset lies in a span or right behind it, as a cursor does. */
export function touches(span: Span, offset: number): boolean {
  return span.start <= offset && offset <= span.end;
}
