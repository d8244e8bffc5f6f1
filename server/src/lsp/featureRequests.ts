/** The requests of LSP for one document: each is an answer of the language service. */
import { LSPErrorCodes, ResponseError } from "vscode-languageserver";
import { plainHover } from "../features/plainHover.ts";
import { CannotRename } from "../features/rename.ts";
import type { Serving } from "./serving.ts";

const noAbilities = { commands: false, snippets: false };

/** Answers that rest on the check: diagnostics, code actions, hovers, hints; links, the definition and symbols. */
export function answerFeatures({ connection, service, answer, client, publisher }: Serving): void {
  connection.languages.diagnostics.on(async ({ textDocument: { uri }, previousResultId }, token) => {
    const empty = { kind: "full" as const, items: [] };
    return answer(
      uri,
      token,
      empty,
      async (cancellation) => publisher()?.pull(uri, previousResultId, cancellation) ?? empty,
    );
  });
  connection.onCodeAction(({ textDocument: { uri }, range, context }, token) =>
    answer(uri, token, [], async (cancellation) => [
      ...(await service.codeActions(uri, range, context, client() ?? noAbilities, cancellation)),
    ]),
  );
  connection.onHover(({ textDocument: { uri }, position }, token) =>
    answer(uri, token, null, async (cancellation) => {
      const { markdown = false, commands = false } = client() ?? {};
      const hover = await service.hover(uri, position, markdown && commands, cancellation);
      return hover === null || markdown ? hover : plainHover(hover);
    }),
  );
  connection.onDocumentLinks(({ textDocument: { uri } }, token) =>
    answer(uri, token, [], async (cancellation) => [...(await service.documentLinks(uri, cancellation))]),
  );
  connection.onDefinition(({ textDocument: { uri }, position }, token) =>
    answer(uri, token, [], async (cancellation) => [...(await service.definition(uri, position, cancellation))]),
  );
  connection.languages.inlayHint.on(({ textDocument: { uri }, range }, token) =>
    answer(uri, token, [], async (cancellation) => [...(await service.inlayHints(uri, range, cancellation))]),
  );
  connection.onCodeLens(({ textDocument: { uri } }, token) =>
    answer(uri, token, [], async (cancellation) => [...(await service.codeLenses(uri, cancellation))]),
  );
  connection.onDocumentSymbol(({ textDocument: { uri } }, token) =>
    answer(uri, token, [], async (cancellation) => [...(await service.documentSymbols(uri, cancellation))]),
  );
}

/** Names, ranges and completion: what needs the text, and a policy only for ports. */
export function answerTextFeatures({ connection, service, answer }: Serving): void {
  connection.onReferences(({ textDocument: { uri }, position, context }, token) =>
    answer(uri, token, [], async (cancellation) => [
      ...(await service.references(uri, position, context.includeDeclaration, cancellation)),
    ]),
  );
  connection.onDocumentHighlight(({ textDocument: { uri }, position }, token) =>
    answer(uri, token, [], async (cancellation) => [
      ...(await service.documentHighlights(uri, position, cancellation)),
    ]),
  );
  connection.onPrepareRename(({ textDocument: { uri }, position }, token) =>
    answer(uri, token, null, (cancellation) => service.prepareRename(uri, position, cancellation)),
  );
  connection.onRenameRequest(({ textDocument: { uri }, position, newName }, token) =>
    answer(uri, token, null, (cancellation) =>
      service.rename(uri, position, newName, cancellation).catch((error: unknown) => {
        throw error instanceof CannotRename ? new ResponseError(LSPErrorCodes.RequestFailed, error.message) : error;
      }),
    ),
  );
  connection.onFoldingRanges(({ textDocument: { uri } }, token) =>
    answer(uri, token, [], async (cancellation) => [...(await service.foldingRanges(uri, cancellation))]),
  );
  connection.languages.semanticTokens.on(({ textDocument: { uri } }, token) =>
    answer(uri, token, { data: [] }, (cancellation) => service.semanticTokens(uri, cancellation)),
  );
  connection.onSelectionRanges(({ textDocument: { uri }, positions }, token) =>
    answer(uri, token, [], async (cancellation) => [...(await service.selectionRanges(uri, positions, cancellation))]),
  );
  connection.onCompletion(({ textDocument: { uri }, position }, token) =>
    answer(uri, token, [], async (cancellation) => [...(await service.completions(uri, position, cancellation))]),
  );
}
