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
import { createLanguageService, type LanguageService } from "../languageService.ts";
import { capabilitiesFor, readClient, watchedFiles, type Client } from "./client.ts";
import { readTrust } from "./parameters.ts";
import { statusNotification, trustNotification, type StatusParams } from "../shared/protocol.ts";
import { createPublisher, type Publisher, type Schedule } from "./publisher.ts";
import { Summaries } from "./summaries.ts";
import { Troubles } from "./troubles.ts";
import { ClientSettings } from "./clientSettings.ts";
import { answerFeatures, answerTextFeatures } from "./featureRequests.ts";
import { answerFixRequests, answerOwnRequests } from "./ownRequests.ts";
import type { Serving } from "./serving.ts";
import { settingsByFolder, type SettingsByFolder } from "./serverSettings.ts";
import { settingsSection } from "../shared/settings.ts";
import { pathOfUri } from "../base/uri.ts";
import { Cancelled, type Cancellation } from "../workspace/workspace.ts";

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
  /** Settled when the settings that were asked for last are in use. */
  #configured: Promise<void> = Promise.resolve();

  readonly #settings: ClientSettings;
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
    this.#settings = new ClientSettings(
      connection,
      schedule,
      (error) => this.#log(error),
      () => this.#configure(),
    );
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
      this.#settings.push(settings);
      this.#configure();
    });
    connection.onNotification(trustNotification, (params: unknown) => {
      this.#trusted = readTrust(params);
      this.#configure();
    });
    connection.onShutdown(() => this.#watch.need(false));
    this.#followDocuments();
    this.#followFiles();
    const serving = this.#serving();
    answerFeatures(serving);
    answerTextFeatures(serving);
    answerOwnRequests(serving, this.#host);
    answerFixRequests(serving);
    connection.listen();
  }

  #initialize(params: InitializeParams): InitializeResult {
    const client = readClient(params);
    const { workspaceFolders, rootUri, initializationOptions } = params;
    this.#client = client;
    this.#service.encoding = client.encoding;
    this.#trusted = readTrust(initializationOptions);
    const settings = this.#settings.begin(initializationOptions);
    this.#setFolders(workspaceFolders ?? (typeof rootUri === "string" ? [{ uri: rootUri }] : []));
    // Whatever fails from here on, trust is as the client says.
    this.#follow(settingsByFolder(settings).settingsFor);
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
      .then(() => this.#settings.read(this.#folders, this.#client?.configuration === true))
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

  #serving(): Serving {
    return {
      connection: this.#connection,
      service: this.#service,
      client: () => this.#client,
      publisher: () => this.#publisher,
      folders: () => [...this.#folders.keys()],
      configured: () => this.#configured,
      refresh: async () => {
        await this.#watch.refresh();
        this.#publisher?.changed(true);
      },
      answer: (...given) => this.#answer(...given),
    };
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

function cancellationOf(token: CancellationToken): Cancellation {
  return {
    get aborted() {
      return token.isCancellationRequested;
    },
  };
}
