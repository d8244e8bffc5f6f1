/** The diagnostics of several configurations, by file. */
import type { Analysis } from "../analysis/analysis.ts";
import { diagnosticsOf, diagnosticsOutside } from "./diagnostics.ts";
import { treeView, type Documents } from "./fileView.ts";
import type { Diagnostic } from "./lsp.ts";

/** A file that belongs to several configurations gets what each of them says, once. */
export async function diagnosticsByUri(
  analyses: Iterable<{ readonly analysis: Analysis; readonly documents: Documents }>,
  pace: () => Promise<void>,
): Promise<Map<string, readonly Diagnostic[]>> {
  const files = new Map<string, readonly Diagnostic[]>();
  const add = (uri: string, diagnostics: readonly Diagnostic[]): void => {
    const before = files.get(uri);
    files.set(uri, before === undefined ? diagnostics : merged(before, diagnostics));
  };
  for (const { analysis, documents } of analyses) {
    for (const [file, { path, tree }] of analysis.configuration.files.entries()) {
      await pace();
      const view = { ...treeView(analysis.configuration, file, tree, documents), analysis };
      add(documents.uriOf(path), diagnosticsOf(view));
    }
    for (const [path, diagnostics] of diagnosticsOutside(analysis, documents.encoding))
      add(documents.uriOf(path), diagnostics);
  }
  return files;
}

function merged(first: readonly Diagnostic[], second: readonly Diagnostic[]): readonly Diagnostic[] {
  const keyOf = ({ range, code, message }: Diagnostic): string => JSON.stringify([range, code, message]);
  const known = new Set(first.map(keyOf));
  return [...first, ...second.filter((each) => !known.has(keyOf(each)))];
}
