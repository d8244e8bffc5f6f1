/** Documents as the client has them: bytes with the beginnings of their lines, changed in place. */
import type { TextDocumentsConfiguration } from "vscode-languageserver/node";
import { textOf, withChanges } from "../base/changedText.ts";
import type { LineIndex, PositionEncoding } from "../base/text.ts";

/** A document. */
interface OpenText {
  readonly uri: string;
  readonly version: number;
  readonly lines: LineIndex;
}

/** What keeps them, as `TextDocuments` wants it. `encoding`: how the client counts columns, which its first request says. */
export function openTextIn(encoding: () => PositionEncoding): TextDocumentsConfiguration<OpenText> {
  return {
    create: (uri, _language, version, text) => ({ uri, version, lines: textOf(text) }),
    update: ({ uri, lines }, changes, version) => ({ uri, version, lines: withChanges(lines, changes, encoding()) }),
  };
}
