/** The views that features have of a file. */
import type { Analysis } from "../analysis/analysis.ts";
import { lineIndexOf } from "../nginx/tree/lineIndexes.ts";
import type { Place } from "../nginx/access.ts";
import type { Configuration } from "../nginx/load/configuration.ts";
import type { Tree } from "../nginx/tree/tree.ts";
import type { Position, PositionEncoding, Range, Span } from "../base/text.ts";

/** The documents of the client in which the files of a configuration stand. */
export interface Documents {
  /** URI of the document that holds a file, as the client names it. */
  uriOf(path: string): string;
  /** Line of that document at which the file begins: 0 unless the document is the output of `nginx -T`. */
  firstLineOf(path: string): number;
  /** How the client counts columns. */
  readonly encoding: PositionEncoding;
}

/** One file of a configuration, for features that need no policy. */
export interface TreeView {
  readonly configuration: Configuration;
  /** Index into the configuration's files. */
  readonly file: number;
  readonly tree: Tree;
  /** URI of the document that holds a file of the configuration. */
  uriOf(file: number): string;
  /** Line of that document at which the file begins. */
  firstLineOf(file: number): number;
  /** How the client counts columns. */
  readonly encoding: PositionEncoding;
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
  { uriOf, firstLineOf, encoding }: Documents,
): TreeView {
  const pathOf = (index: number): string => configuration.files[index]?.path ?? "";
  return {
    configuration,
    file,
    tree,
    uriOf: (index) => uriOf(pathOf(index)),
    firstLineOf: (index) => firstLineOf(pathOf(index)),
    encoding,
  };
}

/** The view of the file with this path; undefined where the configuration does not contain it. */
export function treeViewOf(configuration: Configuration, path: string, documents: Documents): TreeView | undefined {
  const file = configuration.files.findIndex((each) => each.path === path);
  const found = configuration.files[file];
  return found === undefined ? undefined : treeView(configuration, file, found.tree, documents);
}

/** The same, with the analysis. */
export function fileView(analysis: Analysis, path: string, documents: Documents): FileView | undefined {
  const view = treeViewOf(analysis.configuration, path, documents);
  return view === undefined ? undefined : { ...view, analysis };
}

/** LSP range of a span in this file, in its document. */
export function rangeIn(view: TreeView, span: Span): Range {
  return lowered(lineIndexOf(view.tree).rangeOf(span, view.encoding), view.firstLineOf(view.file));
}

/** Byte offset in this file of an LSP position in its document. */
export function offsetIn(view: TreeView, { line, character }: Position): number {
  const position = { line: line - view.firstLineOf(view.file), character };
  return lineIndexOf(view.tree).offsetAt(position, view.encoding);
}

/** The range, a number of lines further down. */
function lowered({ start, end }: Range, lines: number): Range {
  return { start: { ...start, line: start.line + lines }, end: { ...end, line: end.line + lines } };
}

/** URI and LSP range of a place in any file of the configuration. */
export function locationOf(view: TreeView, place: Place): { readonly uri: string; readonly range: Range } {
  const tree = view.configuration.files[place.file]?.tree ?? view.tree;
  const range = lowered(lineIndexOf(tree).rangeOf(place.span, view.encoding), view.firstLineOf(place.file));
  return { uri: view.uriOf(place.file), range };
}

/** True where an offset lies in a span or right behind it, as a cursor does. */
export function touches(span: Span, offset: number): boolean {
  return span.start <= offset && offset <= span.end;
}
