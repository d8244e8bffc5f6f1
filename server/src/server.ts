/** The language server: LSP wiring and nothing else. What is said comes from the language service. */
import {
  DidChangeConfigurationNotification,
  DidChangeWatchedFilesNotification,
  LSPErrorCodes,
  ResponseError,
  TextDocuments,
  TextDocumentSyncKind,
  type CancellationToken,
  type Connection,
  type FileOperationRegistrationOptions,
  type InitializeParams,
  type InitializeResult,
} from "vscode-languageserver";
import { TextDocument } from "vscode-languageserver-textdocument";
import { diagnosticSource } from "./features/diagnosticData.ts";
import type { Host } from "./host.ts";
import { createHostWatch } from "./hostWatch.ts";
import { createLanguageService } from "./languageService.ts";
import {
  collectFixesKind,
  explainRequest,
  moduleRequest,
  refreshRequest,
  snapshotRequest,
  planFormats,
  planRequest,
  statusNotification,
  trustNotification,
  type ExplainParams,
  type ModuleParams,
  type PlanParams,
  type StatusParams,
} from "./protocol.ts";
import { workspaceSnapshot } from "./policies.ts";
import { createPublisher, type Publisher, type Schedule } from "./publisher.ts";
import { settingsByFolder, type FolderSettings } from "./serverSettings.ts";
import { settingsSection } from "./settings.ts";
import { pathOfUri } from "./uri.ts";
import { Cancelled, type Cancellation } from "./workspace.ts";

/** Files whose changes on disk may matter to a configuration. */
const watchedFiles = [
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

/** What the client can do, as far as it matters here. */
interface Client {
  readonly configuration: boolean;
  readonly dynamicConfiguration: boolean;
  readonly dynamicWatchers: boolean;
  readonly folders: boolean;
  /** Pulls diagnostics and takes those of other files with them. A client that cannot do the latter gets pushes. */
  readonly pull: boolean;
  readonly refresh: boolean;
  /** Knows our own notifications. */
  readonly status: boolean;
}

/** Serves one client. `schedule`: when to run delayed work, injected so that tests need no clock. */
export function startServer(connection: Connection, host: Host, schedule: Schedule): void {
  const documents = new TextDocuments(TextDocument);
  const service = createLanguageService(host);
  let client: Client | null = null;
  let trusted = false;
  let folders: readonly string[] = [];
  let publisher: Publisher | null = null;
  /** What a client without `workspace/configuration` has sent. */
  let pushedSettings: unknown = undefined;
  let configured: Promise<void> = Promise.resolve();
  const watch = createHostWatch({
    host,
    hosts: service.hosts,
    changed: () => publisher?.changed(),
    log: (error) => log(error),
  });

  const log = (error: unknown): void => {
    try {
      connection.console.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
    } catch {
      // The connection is gone, and whoever would read the message with it.
    }
  };

  /** Fences a request: no error of a feature stops the server, and no answer is given for an older text. */
  const answer = async <T>(
    uri: string,
    token: CancellationToken,
    fallback: T,
    work: (cancellation: Cancellation) => Promise<T>,
  ): Promise<T> => {
    const version = documents.get(uri)?.version;
    try {
      await configured;
      const result = await work(cancellationOf(token));
      if (token.isCancellationRequested) throw new Cancelled();
      if (documents.get(uri)?.version !== version)
        throw new ResponseError(LSPErrorCodes.ContentModified, "the document has changed");
      return result;
    } catch (error) {
      if (error instanceof ResponseError) throw error;
      if (error instanceof Cancelled) throw new ResponseError(LSPErrorCodes.RequestCancelled, "cancelled");
      log(error);
      return fallback;
    }
  };

  const readSettings = async (): Promise<readonly FolderSettings[]> => {
    const scopes: readonly (string | null)[] = [...folders, null];
    if (client?.configuration !== true) return scopes.map((folder) => ({ folder, value: pushedSettings }));
    const items = scopes.map((folder) => ({
      section: settingsSection,
      ...(folder === null ? {} : { scopeUri: uris.get(folder) ?? "" }),
    }));
    const values: unknown = await connection.workspace.getConfiguration(items);
    return scopes.map((folder, i) => ({ folder, value: Array.isArray(values) ? values[i] : undefined }));
  };
  /** URIs of the workspace folders, as the client names them. */
  const uris = new Map<string, string>();

  /** Asks for the settings again and computes everything under them. */
  const configure = (): void => {
    configured = configured
      .then(readSettings)
      .then((answers) => {
        const { settingsFor, problems } = settingsByFolder(answers);
        for (const problem of problems) connection.console.warn(problem);
        service.configure({ trusted, folders, settingsFor, domain: null, strict: false });
        publisher?.changed();
      })
      .catch(log);
  };

  const setFolders = (list: readonly { readonly uri: string }[]): void => {
    uris.clear();
    for (const { uri } of list) uris.set(pathOfUri(uri), uri);
    folders = [...uris.keys()];
  };

  connection.onInitialize((params): InitializeResult => {
    client = readClient(params);
    trusted = readTrust(params.initializationOptions);
    setFolders(params.workspaceFolders ?? (typeof params.rootUri === "string" ? [{ uri: params.rootUri }] : []));
    publisher = createPublisher({
      compute: async (cancellation) => {
        await configured;
        return service.diagnostics(cancellation);
      },
      push: client.pull ? null : (uri, items) => publish(uri, items),
      refresh: client.pull && client.refresh ? () => connection.languages.diagnostics.refresh() : null,
      status: client.status
        ? (status: StatusParams) => void connection.sendNotification(statusNotification, status)
        : null,
      isOpen: (uri) => documents.get(uri) !== undefined,
      schedule,
      now: host.now,
      log,
    });
    return capabilities(client);
  });

  const publish = (uri: string, diagnostics: Parameters<typeof connection.sendDiagnostics>[0]["diagnostics"]): void => {
    const version = documents.get(uri)?.version;
    connection.sendDiagnostics({ uri, diagnostics, ...(version === undefined ? {} : { version }) }).catch(log);
  };

  connection.onInitialized(() => {
    if (client?.dynamicConfiguration === true)
      connection.client.register(DidChangeConfigurationNotification.type, { section: settingsSection }).catch(log);
    if (client?.dynamicWatchers === true)
      connection.client
        .register(DidChangeWatchedFilesNotification.type, {
          watchers: watchedFiles.map((globPattern) => ({ globPattern })),
        })
        .catch(log);
    if (client?.folders === true)
      connection.workspace.onDidChangeWorkspaceFolders(() => {
        connection.workspace
          .getWorkspaceFolders()
          .then((list) => setFolders(list ?? []))
          .then(configure)
          .catch(log);
      });
    configure();
  });

  connection.onDidChangeConfiguration(({ settings }: { readonly settings: unknown }) => {
    pushedSettings = sectionOf(settings);
    configure();
  });
  connection.onNotification(trustNotification, (params: unknown) => {
    trusted = readTrust(params);
    configure();
  });

  documents.onDidOpen(({ document }) => {
    service.openDocument(document.uri, document.version, document.getText());
    watch.need(true);
  });
  documents.onDidChangeContent(({ document }) => {
    service.changeDocument(document.uri, document.version, document.getText());
    publisher?.changed();
  });
  documents.onDidClose(({ document }) => {
    service.closeDocument(document.uri);
    if (documents.keys().length === 0) watch.need(false);
    publisher?.changed();
  });
  documents.onDidSave(() => publisher?.changed());
  connection.onDidChangeWatchedFiles(() => publisher?.changed());
  connection.workspace.onDidCreateFiles(() => publisher?.changed());
  connection.workspace.onDidRenameFiles(() => publisher?.changed());
  connection.workspace.onDidDeleteFiles(() => publisher?.changed());
  documents.listen(connection);
  connection.onShutdown(() => watch.need(false));

  connection.languages.diagnostics.on(async ({ textDocument: { uri }, previousResultId }, token) => {
    const empty = { kind: "full" as const, items: [] };
    return answer(uri, token, empty, async (cancellation) =>
      publisher === null ? empty : publisher.pull(uri, previousResultId, cancellation),
    );
  });
  connection.onCodeAction(({ textDocument: { uri }, range, context }, token) =>
    answer(uri, token, [], async (cancellation) => [...(await service.codeActions(uri, range, context, cancellation))]),
  );
  connection.onHover(({ textDocument: { uri }, position }, token) =>
    answer(uri, token, null, (cancellation) => service.hover(uri, position, cancellation)),
  );
  connection.onDocumentLinks(({ textDocument: { uri } }, token) =>
    answer(uri, token, [], async (cancellation) => [...(await service.documentLinks(uri, cancellation))]),
  );
  connection.onDefinition(({ textDocument: { uri }, position }, token) =>
    answer(uri, token, [], async (cancellation) => [...(await service.definition(uri, position, cancellation))]),
  );
  connection.onDocumentSymbol(({ textDocument: { uri } }, token) =>
    answer(uri, token, [], async (cancellation) => [...(await service.documentSymbols(uri, cancellation))]),
  );
  connection.onRequest(refreshRequest, async () => {
    await watch.refresh();
    publisher?.changed();
    return null;
  });
  connection.onRequest(snapshotRequest, async (value: unknown) => {
    const uri = readSnapshotUri(value);
    if (uri === undefined) throw new ResponseError(-32602, "snapshot needs uri, a document's or null");
    await configured;
    return service.snapshot(uri).catch((error: unknown) => {
      throw new ResponseError(LSPErrorCodes.RequestFailed, error instanceof Error ? error.message : String(error));
    });
  });
  connection.onRequest(explainRequest, (value: unknown, token: CancellationToken) => {
    const params = readExplainParams(value);
    if (params === undefined) throw new ResponseError(-32602, "explain needs uri, rule, line and character");
    return answer(params.uri, token, null, (cancellation) => service.explain(params, cancellation));
  });
  connection.onRequest(moduleRequest, (value: unknown, token: CancellationToken) => {
    const params = readModuleParams(value);
    if (params === undefined) throw new ResponseError(-32602, "module needs uri, rule, line, character and fix");
    return answer(params.uri, token, null, (cancellation) => service.module(params, cancellation));
  });
  connection.onRequest(planRequest, (value: unknown, token: CancellationToken) => {
    const params = readPlanParams(value);
    if (params === undefined) throw new ResponseError(-32602, `plan needs uri, and format: ${planFormats.join(", ")}`);
    return answer(params.uri, token, null, (cancellation) => service.plan(params, cancellation));
  });

  connection.listen();
}

function cancellationOf(token: CancellationToken): Cancellation {
  return {
    get aborted() {
      return token.isCancellationRequested;
    },
  };
}

function readClient({ capabilities, initializationOptions }: InitializeParams): Client {
  const { workspace, textDocument } = capabilities;
  return {
    configuration: workspace?.configuration === true,
    dynamicConfiguration: workspace?.didChangeConfiguration?.dynamicRegistration === true,
    dynamicWatchers: workspace?.didChangeWatchedFiles?.dynamicRegistration === true,
    folders: workspace?.workspaceFolders === true,
    pull: textDocument?.diagnostic?.relatedDocumentSupport === true,
    refresh: workspace?.diagnostics?.refreshSupport === true,
    status:
      typeof initializationOptions === "object" && initializationOptions !== null && "trusted" in initializationOptions,
  };
}

function capabilities(client: Client): InitializeResult {
  const fileOperations: FileOperationRegistrationOptions = { filters: [{ pattern: { glob: "**/*" } }] };
  return {
    serverInfo: { name: "nginx-selinux" },
    capabilities: {
      textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental, save: true },
      codeActionProvider: { codeActionKinds: ["quickfix", collectFixesKind] },
      hoverProvider: true,
      documentLinkProvider: {},
      definitionProvider: true,
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

/** Anything but a plain `trusted: true` counts as untrusted, for a client that knows of trust; others are trusted. */
function readTrust(value: unknown): boolean {
  if (typeof value !== "object" || value === null || !("trusted" in value))
    return value === undefined || value === null;
  return value.trusted === true;
}

/** `{ nginxSelinux: {...} }` or the section itself, as clients differ. */
function sectionOf(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  return settingsSection in value ? Object.entries(value).find(([name]) => name === settingsSection)?.[1] : value;
}

function readExplainParams(value: unknown): ExplainParams | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  if (!("uri" in value && "rule" in value && "line" in value && "character" in value)) return undefined;
  const { uri, rule, line, character } = value;
  if (typeof uri !== "string" || typeof rule !== "string") return undefined;
  if (!isCount(line) || !isCount(character)) return undefined;
  return { uri, rule, line, character };
}

function readModuleParams(value: unknown): ModuleParams | undefined {
  const params = readExplainParams(value);
  if (params === undefined || typeof value !== "object" || value === null || !("fix" in value)) return undefined;
  return typeof value.fix === "string" ? { ...params, fix: value.fix } : undefined;
}

function readPlanParams(value: unknown): PlanParams | undefined {
  if (typeof value !== "object" || value === null || !("uri" in value && "format" in value)) return undefined;
  const format = planFormats.find((each) => each === value.format);
  return typeof value.uri === "string" && format !== undefined ? { uri: value.uri, format } : undefined;
}

function readSnapshotUri(value: unknown): string | null | undefined {
  if (typeof value !== "object" || value === null || !("uri" in value)) return undefined;
  return typeof value.uri === "string" || value.uri === null ? value.uri : undefined;
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0;
}
