/** The types of LSP that the features speak, for those around them that only pass them on. */
export type {
  CodeAction,
  CodeActionContext,
  CompletionItem,
  Diagnostic,
  DocumentDiagnosticReport,
  DocumentHighlight,
  DocumentLink,
  DocumentSymbol,
  FoldingRange,
  Hover,
  Location,
  RelatedFullDocumentDiagnosticReport,
  SelectionRange,
  TextEdit,
  WorkspaceEdit,
} from "vscode-languageserver";
