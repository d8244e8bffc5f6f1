/** The types of LSP that the features speak, for those around them that only pass them on. */
export type {
  CodeAction,
  CodeActionContext,
  Diagnostic,
  DocumentDiagnosticReport,
  DocumentLink,
  DocumentSymbol,
  Hover,
  Location,
  RelatedFullDocumentDiagnosticReport,
} from "vscode-languageserver";
