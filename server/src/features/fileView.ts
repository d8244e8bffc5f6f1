/** One file of an analysed configuration, as the features look at it. */
import type { Analysis } from "../analysis/analysis.ts";
import { lineIndexOf } from "../nginx/tree/lineIndexes.ts";
import type { Place } from "../nginx/access.ts";
import type { ConfigFile } from "../nginx/load/configuration.ts";
import type { Tree } from "../nginx/tree/tree.ts";
import type { Position, Range, Span } from "../base/text.ts";

export interface FileView {
  readonly analysis: Analysis;
  /** Index into the configuration's files. */
  readonly file: number;
  readonly tree: Tree;
  /** URI of a file of the configuration, as the client names it. */
  uriOf(file: number): string;
}

/** The view of the file with this path; undefined where the configuration does not contain it. */
export function fileView(analysis: Analysis, path: string, uriOf: (path: string) => string): FileView | undefined {
  const { files } = analysis.configuration;
  const file = files.findIndex((each) => each.path === path);
  const found: ConfigFile | undefined = files[file];
  if (found === undefined) return undefined;
  return { analysis, file, tree: found.tree, uriOf: (index) => uriOf(files[index]?.path ?? "") };
}

/** LSP range of a span in this file. */
export function rangeIn(view: FileView, span: Span): Range {
  return lineIndexOf(view.tree).rangeOf(span);
}

/** Byte offset of an LSP position in this file. */
export function offsetIn(view: FileView, position: Position): number {
  return lineIndexOf(view.tree).offsetAt(position);
}

/** URI and LSP range of a place in any file of the configuration. */
export function locationOf(view: FileView, place: Place): { readonly uri: string; readonly range: Range } {
  const tree = view.analysis.configuration.files[place.file]?.tree ?? view.tree;
  return { uri: view.uriOf(place.file), range: lineIndexOf(tree).rangeOf(place.span) };
}

/** True where an offset lies in a span or right behind it, as a cursor does. */
export function touches(span: Span, offset: number): boolean {
  return span.start <= offset && offset <= span.end;
}
