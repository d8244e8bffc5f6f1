/** Abilities of the client, and those that it is told of. */
import {
  TextDocumentSyncKind,
  type FileOperationRegistrationOptions,
  type InitializeParams,
  type InitializeResult,
} from "vscode-languageserver";
import { readCommandsAbility } from "./parameters.ts";
import type { PositionEncoding } from "../base/text.ts";
import { diagnosticSource } from "../features/diagnosticData.ts";
import { tokensLegend } from "../features/semanticTokens.ts";
import { workspaceSnapshot } from "../providers/policies.ts";
import { collectFixesKind } from "../shared/protocol.ts";

/** Files whose changes on disk may matter to a configuration. */
export const watchedFiles: readonly string[] = [
  "**/*.{conf,nginx,nginxconf}",
  "**/*.conf.*",
  "**/nginx/**",
  "**/sites-*/*",
  "**/conf.d/*",
  `**/${workspaceSnapshot}`,
  // What says that a configuration is for a container.
  "**/*{Dockerfile,dockerfile,Containerfile}*",
  "**/*compose*.{yml,yaml}",
  "**/*.container",
];

/** The abilities of a client that matter here. */
export interface Client {
  readonly configuration: boolean;
  readonly dynamicConfiguration: boolean;
  readonly dynamicWatchers: boolean;
  readonly folders: boolean;
  /** Pulls diagnostics and takes those of other files with them. A client that cannot do the latter gets pushes. */
  readonly pull: boolean;
  readonly refresh: boolean;
  /** Asks again for code lenses and inlay hints when told to. */
  readonly refreshLenses: boolean;
  readonly refreshHints: boolean;
  /** Has our client commands, and takes our notifications. */
  readonly commands: boolean;
  /** Applies edits with placeholders. */
  readonly snippets: boolean;
  /** Shows hover texts as Markdown. */
  readonly markdown: boolean;
  /** How columns are counted, in both directions. */
  readonly encoding: PositionEncoding;
}

/** Reads them from the request that begins a session. */
export function readClient({ capabilities, initializationOptions }: InitializeParams): Client {
  const { general, workspace, textDocument } = capabilities;
  return {
    configuration: workspace?.configuration === true,
    dynamicConfiguration: workspace?.didChangeConfiguration?.dynamicRegistration === true,
    dynamicWatchers: workspace?.didChangeWatchedFiles?.dynamicRegistration === true,
    folders: workspace?.workspaceFolders === true,
    pull: textDocument?.diagnostic?.relatedDocumentSupport === true,
    refresh: workspace?.diagnostics?.refreshSupport === true,
    refreshLenses: workspace?.codeLens?.refreshSupport === true,
    refreshHints: workspace?.inlayHint?.refreshSupport === true,
    commands: readCommandsAbility(initializationOptions),
    snippets: workspace?.workspaceEdit?.documentChanges === true && workspace.workspaceEdit.snippetEditSupport === true,
    markdown: textDocument?.hover?.contentFormat?.includes("markdown") === true,
    encoding: general?.positionEncodings?.find(isSupported) ?? "utf-16",
  };
}

/** The client lists encodings in the order of its preference; UTF-16, which every client has, need not be among them. */
function isSupported(encoding: string): encoding is PositionEncoding {
  return encoding === "utf-8" || encoding === "utf-16";
}

/** The answer to that request. */
export function capabilitiesFor(client: Client): InitializeResult {
  const fileOperations: FileOperationRegistrationOptions = { filters: [{ pattern: { glob: "**/*" } }] };
  return {
    serverInfo: { name: "nginx-selinux" },
    capabilities: {
      positionEncoding: client.encoding,
      textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental, save: true },
      codeActionProvider: { codeActionKinds: ["quickfix", collectFixesKind] },
      hoverProvider: true,
      documentLinkProvider: {},
      definitionProvider: true,
      referencesProvider: true,
      documentHighlightProvider: true,
      renameProvider: { prepareProvider: true },
      foldingRangeProvider: true,
      selectionRangeProvider: true,
      semanticTokensProvider: { legend: tokensLegend, full: true },
      inlayHintProvider: true,
      ...(client.commands ? { codeLensProvider: {} } : {}),
      completionProvider: { triggerCharacters: ["$", "@", "/", ":", " ", "="] },
      documentSymbolProvider: true,
      ...(client.pull
        ? {
            diagnosticProvider: {
              identifier: diagnosticSource,
              interFileDependencies: true,
              workspaceDiagnostics: false,
            },
          }
        : {}),
      workspace: {
        workspaceFolders: { supported: true, changeNotifications: true },
        fileOperations: { didCreate: fileOperations, didRename: fileOperations, didDelete: fileOperations },
      },
    },
  };
}
