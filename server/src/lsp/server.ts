/** The language server: LSP wiring and nothing else. The answers come from the language service. */
import {
  CodeLensRefreshRequest,
  DidChangeConfigurationNotification,
  DidChangeWatchedFilesNotification,
  LSPErrorCodes,
  MessageType,
  ResponseError,
  ShowMessageNotification,
  TextDocuments,
  type CancellationToken,
  type Connection,
  type InitializeParams,
  type InitializeResult,
} from "vscode-languageserver";
import { openTextIn } from "./openText.ts";
import type { Host } from "../host/host.ts";
import { createHostWatch, type HostWatch } from "../providers/hostWatch.ts";
import { looksLikeNginx } from "../nginx/load/recognise.ts";
import { answerTool } from "../assistant/answer.ts";
import { createLanguageService, type LanguageService } from "../languageService.ts";
import { capabilitiesFor, readClient, watchedFiles, type Client } from "./client.ts";
import {
  readExplainLogParams,
  readExplainParams,
  readVerifyParams,
  readFixParams,
  mergedSections,
  readPlanParams,
  readReportParams,
  readSilenceParams,
  readSnapshotUri,
  readToolParams,
  readTrust,
  sectionOf,
} from "./parameters.ts";
import {
  explainLogRequest,
  explainRequest,
  verifyRequest,
  fixCommandsRequest,
  moduleRequest,
  planFormats,
  planRequest,
  reportRequest,
  recogniseRequest,
  refreshRequest,
  silenceRequest,
  snapshotRequest,
  statusNotification,
  toolRequest,
  trustNotification,
  type StatusParams,
} from "../shared/protocol.ts";
import { createPublisher, type Publisher, type Schedule } from "./publisher.ts";
import { plainHover } from "../features/plainHover.ts";
import { CannotRename } from "../features/rename.ts";
import { Summaries } from "./summaries.ts";
import { Troubles } from "./troubles.ts";
import { settingsByFolder, type FolderSettings, type SettingsByFolder } from "./serverSettings.ts";
import { settingsSection } from "../shared/settings.ts";
import { pathOfUri } from "../base/uri.ts";
import { Cancelled, type Cancellation } from "../workspace/workspace.ts";

const noAbilities = { commands: false, snippets: false };

/** Milliseconds that a client gets to say its settings. */
const PATIENCE = 2000;

/** Serves one client. `schedule`: when to run delayed work, injected so that tests need no clock. `version`: of the program. */
export function startServer(connection: Connection, host: Host, schedule: Schedule, version: string): void {
  new Server(connection, host, schedule, version).start();
}

class Server {
  readonly #connection: Connection;
  readonly #host: Host;
  readonly #schedule: Schedule;
  readonly #version: string;
  readonly #documents = new TextDocuments(openTextIn(() => this.#service.encoding));
  readonly #service: LanguageService;
  readonly #watch: HostWatch;
  #client: Client | null = null;
  #publisher: Publisher | null = null;
  #trusted = false;
  /** The workspace folders: URIs, as the client names them, by path. */
  #folders: ReadonlyMap<string, string> = new Map();
  /** Settings that came with `initialize`: what others are put on top of. */
  #initialSettings: unknown = undefined;
  /** Settings that a client without `workspace/configuration` has sent. */
  #pushedSettings: unknown = undefined;
  /** True while a question for the settings waits for its answer longer than `PATIENCE`. */
  #settingsAreLate = false;
  /** Settled when the settings that were asked for last are in use. */
  #configured: Promise<void> = Promise.resolve();

  readonly #summaries: Summaries;
  readonly #troubles: Troubles;

  constructor(connection: Connection, host: Host, schedule: Schedule, version: string) {
    this.#summaries = new Summaries((line) => connection.console.info(line));
    this.#troubles = new Troubles((message) => {
      const params = { type: MessageType.Warning, message };
      connection.sendNotification(ShowMessageNotification.method, params).catch((error: unknown) => this.#log(error));
    });
    this.#version = version;
    this.#connection = connection;
    this.#host = host;
    this.#schedule = schedule;
    this.#service = createLanguageService(host);
    this.#watch = createHostWatch({
      host,
      hosts: this.#service.hosts,
      changed: () => this.#publisher?.changed(true),
      log: (error) => this.#log(error),
    });
  }

  start(): void {
    const connection = this.#connection;
    connection.onInitialize((params) => this.#initialize(params));
    connection.onInitialized(() => this.#initialized());
    connection.onDidChangeConfiguration(({ settings }: { readonly settings: unknown }) => {
      this.#pushedSettings = sectionOf(settings);
      this.#configure();
    });
    connection.onNotification(trustNotification, (params: unknown) => {
      this.#trusted = readTrust(params);
      this.#configure();
    });
    connection.onShutdown(() => this.#watch.need(false));
    this.#followDocuments();
    this.#followFiles();
    this.#answerFeatures();
    this.#answerTextFeatures();
    this.#answerOwnRequests();
    this.#answerFixRequests();
    connection.listen();
  }

  #initialize(params: InitializeParams): InitializeResult {
    const client = readClient(params);
    const { workspaceFolders, rootUri, initializationOptions } = params;
    this.#client = client;
    this.#service.encoding = client.encoding;
    this.#trusted = readTrust(initializationOptions);
    this.#initialSettings = sectionOf(initializationOptions);
    this.#setFolders(workspaceFolders ?? (typeof rootUri === "string" ? [{ uri: rootUri }] : []));
    // Whatever fails from here on, trust is as the client says.
    this.#follow(settingsByFolder([{ folder: null, value: this.#initialSettings }]).settingsFor);
    this.#publisher = this.#publisherFor(client);
    return { ...capabilitiesFor(client), serverInfo: { name: "nginx-selinux", version: this.#version } };
  }

  #publisherFor(client: Client): Publisher {
    const connection = this.#connection;
    return createPublisher({
      compute: async (cancellation) => {
        await this.#configured;
        const began = this.#host.now();
        const result = await this.#service.diagnostics(cancellation);
        this.#summaries.say(result.documents, this.#host.now() - began);
        // Our own client has a status item, and says it there.
        if (!client.commands) this.#troubles.say(result.documents);
        return result;
      },
      push: client.pull
        ? null
        : (uri, diagnostics) => {
            const version = this.#documents.get(uri)?.version;
            const params = { uri, diagnostics, ...(version === undefined ? {} : { version }) };
            connection.sendDiagnostics(params).catch((error: unknown) => this.#log(error));
          },
      refresh: this.#refreshesOf(client),
      status: client.commands
        ? (status: StatusParams) => void connection.sendNotification(statusNotification, status)
        : null,
      isOpen: (uri) => this.#documents.get(uri) !== undefined,
      schedule: this.#schedule,
      now: this.#host.now,
      log: (error) => this.#log(error),
    });
  }

  /** Asks for everything again that the client asks for by itself only when a text changes; null where it cannot be asked. */
  #refreshesOf(client: Client): (() => Promise<void>) | null {
    const { languages } = this.#connection;
    const refreshes = [
      ...(client.pull && client.refresh ? [() => languages.diagnostics.refresh()] : []),
      ...(client.commands && client.refreshLenses
        ? [() => this.#connection.sendRequest(CodeLensRefreshRequest.type)]
        : []),
      ...(client.refreshHints ? [() => languages.inlayHint.refresh()] : []),
    ];
    if (refreshes.length === 0) return null;
    return async () => {
      for (const refresh of refreshes) await refresh();
    };
  }

  #initialized(): void {
    const { client, workspace } = this.#connection;
    const failed = (error: unknown): void => this.#log(error);
    if (this.#client?.commands !== true) this.#connection.console.info(`SELinux for nginx ${this.#version}`);
    if (this.#client?.dynamicConfiguration === true)
      client.register(DidChangeConfigurationNotification.type, { section: settingsSection }).catch(failed);
    if (this.#client?.dynamicWatchers === true)
      client
        .register(DidChangeWatchedFilesNotification.type, {
          watchers: watchedFiles.map((globPattern) => ({ globPattern })),
        })
        .catch(failed);
    if (this.#client?.folders === true)
      workspace.onDidChangeWorkspaceFolders(() => {
        workspace
          .getWorkspaceFolders()
          .then((list) => this.#setFolders(list ?? []))
          .then(() => this.#configure())
          .catch(failed);
      });
    this.#configure();
  }

  /** Asks for the settings again and computes everything under them. */
  #configure(): void {
    this.#configured = this.#configured
      .then(() => this.#readSettings())
      .then((answers) => {
        const { settingsFor, problems } = settingsByFolder(answers);
        for (const problem of problems) this.#connection.console.warn(problem);
        this.#follow(settingsFor);
        this.#publisher?.changed();
      })
      .catch((error: unknown) => this.#log(error));
  }

  #follow(settingsFor: SettingsByFolder["settingsFor"]): void {
    const folders = [...this.#folders.keys()];
    this.#service.configure({ trusted: this.#trusted, folders, settingsFor, domain: null, strict: false });
  }

  async #readSettings(): Promise<readonly FolderSettings[]> {
    const scopes: readonly (string | null)[] = [...this.#folders.keys(), null];
    const values = this.#client?.configuration === true ? await this.#askForSettings(scopes) : null;
    return scopes.map((folder, i) => ({
      folder,
      value: mergedSections(this.#initialSettings, sectionOf(values?.[i]) ?? this.#pushedSettings),
    }));
  }

  /** The client's answers by scope; null where it gives none in time, or an error. One that comes later is taken in when it comes. */
  async #askForSettings(scopes: readonly (string | null)[]): Promise<readonly unknown[] | null> {
    const items = scopes.map((folder) => ({
      section: settingsSection,
      ...(folder === null ? {} : { scopeUri: this.#folders.get(folder) ?? "" }),
    }));
    if (this.#settingsAreLate) return null;
    const asked: Promise<unknown> = this.#connection.workspace.getConfiguration(items).catch((error: unknown) => {
      this.#log(error);
      return null;
    });
    const late = Symbol("late");
    const patience = new Promise<typeof late>((resolve) => {
      const takeBack = this.#schedule(() => resolve(late), PATIENCE);
      void asked.then(takeBack, takeBack);
    });
    const values = await Promise.race([asked, patience]);
    if (values !== late) return Array.isArray(values) ? values : null;
    this.#connection.console.warn(
      "The client did not answer workspace/configuration; what its initialize said is used, and the defaults.",
    );
    this.#settingsAreLate = true;
    void asked.then(() => {
      this.#settingsAreLate = false;
      this.#configure();
    });
    return null;
  }

  #setFolders(list: readonly { readonly uri: string }[]): void {
    this.#folders = new Map(list.map(({ uri }) => [pathOfUri(uri), uri]));
  }

  #followDocuments(): void {
    const documents = this.#documents;
    documents.onDidOpen(({ document }) => {
      this.#service.openDocument(document.uri, document.version, document.lines);
      this.#watch.need(true);
    });
    documents.onDidChangeContent(({ document }) => {
      this.#service.changeDocument(document.uri, document.version, document.lines);
      this.#publisher?.changed();
    });
    documents.onDidClose(({ document }) => {
      this.#service.closeDocument(document.uri);
      if (documents.keys().length === 0) this.#watch.need(false);
      this.#publisher?.changed();
    });
    documents.onDidSave(() => this.#publisher?.changed());
    documents.listen(this.#connection);
  }

  #followFiles(): void {
    const changed = (): void => this.#publisher?.changed();
    const { workspace } = this.#connection;
    this.#connection.onDidChangeWatchedFiles(changed);
    workspace.onDidCreateFiles(changed);
    workspace.onDidRenameFiles(changed);
    workspace.onDidDeleteFiles(changed);
  }

  #answerFeatures(): void {
    const connection = this.#connection;
    const service = this.#service;
    connection.languages.diagnostics.on(async ({ textDocument: { uri }, previousResultId }, token) => {
      const empty = { kind: "full" as const, items: [] };
      return this.#answer(uri, token, empty, async (cancellation) =>
        this.#publisher === null ? empty : this.#publisher.pull(uri, previousResultId, cancellation),
      );
    });
    connection.onCodeAction(({ textDocument: { uri }, range, context }, token) =>
      this.#answer(uri, token, [], async (cancellation) => [
        ...(await service.codeActions(uri, range, context, this.#client ?? noAbilities, cancellation)),
      ]),
    );
    connection.onHover(({ textDocument: { uri }, position }, token) =>
      this.#answer(uri, token, null, async (cancellation) => {
        const { markdown = false, commands = false } = this.#client ?? {};
        const hover = await service.hover(uri, position, markdown && commands, cancellation);
        return hover === null || markdown ? hover : plainHover(hover);
      }),
    );
    connection.onDocumentLinks(({ textDocument: { uri } }, token) =>
      this.#answer(uri, token, [], async (cancellation) => [...(await service.documentLinks(uri, cancellation))]),
    );
    connection.onDefinition(({ textDocument: { uri }, position }, token) =>
      this.#answer(uri, token, [], async (cancellation) => [
        ...(await service.definition(uri, position, cancellation)),
      ]),
    );
    connection.languages.inlayHint.on(({ textDocument: { uri }, range }, token) =>
      this.#answer(uri, token, [], async (cancellation) => [...(await service.inlayHints(uri, range, cancellation))]),
    );
    connection.onCodeLens(({ textDocument: { uri } }, token) =>
      this.#answer(uri, token, [], async (cancellation) => [...(await service.codeLenses(uri, cancellation))]),
    );
    connection.onDocumentSymbol(({ textDocument: { uri } }, token) =>
      this.#answer(uri, token, [], async (cancellation) => [...(await service.documentSymbols(uri, cancellation))]),
    );
  }

  /** Names, ranges and completion: what needs the text, and a policy only for ports. */
  #answerTextFeatures(): void {
    const connection = this.#connection;
    const service = this.#service;
    connection.onReferences(({ textDocument: { uri }, position, context }, token) =>
      this.#answer(uri, token, [], async (cancellation) => [
        ...(await service.references(uri, position, context.includeDeclaration, cancellation)),
      ]),
    );
    connection.onDocumentHighlight(({ textDocument: { uri }, position }, token) =>
      this.#answer(uri, token, [], async (cancellation) => [
        ...(await service.documentHighlights(uri, position, cancellation)),
      ]),
    );
    connection.onPrepareRename(({ textDocument: { uri }, position }, token) =>
      this.#answer(uri, token, null, (cancellation) => service.prepareRename(uri, position, cancellation)),
    );
    connection.onRenameRequest(({ textDocument: { uri }, position, newName }, token) =>
      this.#answer(uri, token, null, (cancellation) =>
        service.rename(uri, position, newName, cancellation).catch((error: unknown) => {
          throw error instanceof CannotRename ? new ResponseError(LSPErrorCodes.RequestFailed, error.message) : error;
        }),
      ),
    );
    connection.onFoldingRanges(({ textDocument: { uri } }, token) =>
      this.#answer(uri, token, [], async (cancellation) => [...(await service.foldingRanges(uri, cancellation))]),
    );
    connection.languages.semanticTokens.on(({ textDocument: { uri } }, token) =>
      this.#answer(uri, token, { data: [] }, (cancellation) => service.semanticTokens(uri, cancellation)),
    );
    connection.onSelectionRanges(({ textDocument: { uri }, positions }, token) =>
      this.#answer(uri, token, [], async (cancellation) => [
        ...(await service.selectionRanges(uri, positions, cancellation)),
      ]),
    );
    connection.onCompletion(({ textDocument: { uri }, position }, token) =>
      this.#answer(uri, token, [], async (cancellation) => [
        ...(await service.completions(uri, position, cancellation)),
      ]),
    );
  }

  #answerOwnRequests(): void {
    const connection = this.#connection;
    const service = this.#service;
    connection.onRequest(refreshRequest, async () => {
      await this.#watch.refresh();
      this.#publisher?.changed(true);
      return null;
    });
    connection.onRequest(snapshotRequest, async (value: unknown) => {
      const uri = readSnapshotUri(value);
      if (uri === undefined) throw invalid("snapshot needs uri, a document's or null");
      await this.#configured;
      return service.snapshot(uri).catch((error: unknown) => {
        throw new ResponseError(LSPErrorCodes.RequestFailed, error instanceof Error ? error.message : String(error));
      });
    });
    connection.onRequest(explainRequest, (value: unknown, token: CancellationToken) => {
      const params = readExplainParams(value);
      if (params === undefined) throw invalid("explain needs uri, rule, key, line and character");
      return this.#answer(params.uri, token, null, (cancellation) => service.explain(params, cancellation));
    });
    connection.onRequest(recogniseRequest, (value: unknown) => {
      const params = readExplainLogParams(value);
      if (params === undefined) throw invalid("recognise needs text");
      return looksLikeNginx(new TextEncoder().encode(params.text));
    });
    connection.onRequest(explainLogRequest, (value: unknown, token: CancellationToken) => {
      const params = readExplainLogParams(value);
      if (params === undefined) throw invalid("explainLog needs text");
      return this.#answer("", token, null, (cancellation) => service.explainLog(params, cancellation));
    });
    connection.onRequest(verifyRequest, (value: unknown, token: CancellationToken) => {
      const params = readVerifyParams(value);
      if (params === undefined) throw invalid("verify needs uri, and since: milliseconds or null");
      return this.#answer(params.uri, token, null, (cancellation) => service.verify(params, cancellation));
    });
    connection.onRequest(toolRequest, (value: unknown, token: CancellationToken) => {
      const params = readToolParams(value);
      if (params === undefined) throw invalid("tool needs name and input");
      const { name, input } = params;
      const place = { host: this.#host, service, folders: [...this.#folders.keys()] };
      const failed = { text: "This failed; the log of the language server says why.", isError: true };
      return this.#answer("", token, failed, (cancellation) => answerTool(name, input, place, cancellation));
    });
  }

  /** Requests for the fixes that our client's commands carry out. */
  #answerFixRequests(): void {
    const connection = this.#connection;
    const service = this.#service;
    connection.onRequest(fixCommandsRequest, (value: unknown, token: CancellationToken) => {
      const params = readFixParams(value);
      if (params === undefined) throw invalid("fixCommands needs uri, rule, key, line, character and fix");
      return this.#answer(params.uri, token, null, (cancellation) => service.fixCommands(params, cancellation));
    });
    connection.onRequest(moduleRequest, (value: unknown, token: CancellationToken) => {
      const params = readFixParams(value);
      if (params === undefined) throw invalid("module needs uri, rule, key, line, character and fix");
      return this.#answer(params.uri, token, null, (cancellation) => service.module(params, cancellation));
    });
    connection.onRequest(silenceRequest, (value: unknown, token: CancellationToken) => {
      const params = readSilenceParams(value);
      if (params === undefined) throw invalid("silence needs uri, rule, key, line, character, silence and reason");
      return this.#answer(params.uri, token, null, (cancellation) => service.silence(params, cancellation));
    });
    connection.onRequest(reportRequest, (value: unknown, token: CancellationToken) => {
      const params = readReportParams(value);
      if (params === undefined) throw invalid("report needs uri and version");
      return this.#answer(params.uri, token, null, (cancellation) => service.report(params, cancellation));
    });
    connection.onRequest(planRequest, (value: unknown, token: CancellationToken) => {
      const params = readPlanParams(value);
      if (params === undefined) throw invalid(`plan needs uri, and format: ${planFormats.join(", ")}`);
      return this.#answer(params.uri, token, null, (cancellation) => service.plan(params, cancellation));
    });
  }

  /** Fences a request: no error of a feature stops the server, and no answer is given for an older text. */
  async #answer<T>(
    uri: string,
    token: CancellationToken,
    fallback: T,
    work: (cancellation: Cancellation) => Promise<T>,
  ): Promise<T> {
    const version = this.#documents.get(uri)?.version;
    try {
      await this.#configured;
      const result = await work(cancellationOf(token));
      if (token.isCancellationRequested) throw new Cancelled();
      if (this.#documents.get(uri)?.version !== version)
        throw new ResponseError(LSPErrorCodes.ContentModified, "the document has changed");
      return result;
    } catch (error) {
      if (error instanceof ResponseError) throw error;
      if (error instanceof Cancelled) throw new ResponseError(LSPErrorCodes.RequestCancelled, "cancelled");
      this.#log(error);
      return fallback;
    }
  }

  #log(error: unknown): void {
    try {
      this.#connection.console.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
    } catch {
      // The connection is gone, so the message has no reader.
    }
  }
}

/** JSON-RPC's error for parameters that a request does not take. */
function invalid(message: string): ResponseError {
  return new ResponseError(-32602, message);
}

function cancellationOf(token: CancellationToken): Cancellation {
  return {
    get aborted() {
      return token.isCancellationRequested;
    },
  };
}
