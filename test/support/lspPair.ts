/** A real server and a client in one process, joined by two streams. Nothing waits for a clock. */
import { PassThrough } from "node:stream";
import {
  createConnection,
  createProtocolConnection,
  StreamMessageReader,
  StreamMessageWriter,
  type ClientCapabilities,
  type Diagnostic,
  type InitializeResult,
  type ProtocolConnection,
  type PublishDiagnosticsParams,
} from "vscode-languageserver/node";
import { statusNotification, type StatusParams } from "../../server/src/shared/protocol.ts";
import { startServer } from "../../server/src/lsp/server.ts";
import type { MemoryHost } from "./memoryHost.ts";

export interface LspPair {
  readonly client: ProtocolConnection;
  readonly initialized: InitializeResult;
  /** What was published last, by URI. */
  readonly published: ReadonlyMap<string, PublishDiagnosticsParams>;
  /** Every publication in order. */
  readonly publications: readonly PublishDiagnosticsParams[];
  readonly statuses: readonly StatusParams[];
  /** Log messages of the server. */
  readonly logged: readonly string[];
  /** Messages that the server has the client show. */
  readonly shown: readonly string[];
  /** Number of times the server asked for another pull. */
  refreshes(): number;
  /** Settings that the client answers with; `configure` also tells the server. */
  configure(settings: unknown): Promise<void>;
  open(uri: string, text: string, version?: number): Promise<void>;
  /** Replaces the first occurrence of a text in a document that this pair has opened. */
  edit(uri: string, before: string, after: string): Promise<void>;
  close(uri: string): Promise<void>;
  /** Resolves when a publication for this URI fulfils the condition; the last one counts too. */
  until(uri: string, condition: (diagnostics: readonly Diagnostic[]) => boolean): Promise<readonly Diagnostic[]>;
  /** Resolves when a status fulfils the condition; the last one counts too. */
  untilStatus(condition: (status: StatusParams) => boolean): Promise<StatusParams>;
  /** Resolves when the messages that were shown fulfil the condition. */
  untilShown(condition: (messages: readonly string[]) => boolean): Promise<readonly string[]>;
  /** From now on what is put off for a second or longer runs at once. */
  elapse(): void;
  dispose(): void;
}

export interface LspPairOptions {
  readonly capabilities?: ClientCapabilities;
  readonly initializationOptions?: unknown;
  readonly folders?: readonly string[];
  readonly settings?: unknown;
  /** True for a client that never answers a question for its settings. */
  readonly silent?: boolean;
  /** True for a client that answers it with an error. */
  readonly refusing?: boolean;
}

/** Capabilities of a client that gets pushes, as VS Code does for files that are not open. */
const pushCapabilities: ClientCapabilities = {
  workspace: { configuration: true, workspaceFolders: true },
  textDocument: { publishDiagnostics: { relatedInformation: true, versionSupport: true } },
};

/** Capabilities of a client that pulls and takes the diagnostics of other files along. */
export const pullCapabilities: ClientCapabilities = {
  workspace: { configuration: true, diagnostics: { refreshSupport: true } },
  textDocument: { diagnostic: { relatedDocumentSupport: true } },
};

/** What is put off for so many milliseconds waits for `elapse`. */
const long = 1000;

export async function startPair(host: MemoryHost, options: LspPairOptions = {}): Promise<LspPair> {
  const up = new PassThrough();
  const down = new PassThrough();
  const server = createConnection(new StreamMessageReader(up), new StreamMessageWriter(down));
  const later = new Set<() => void>();
  let elapsed = false;
  const schedule = (work: () => void, milliseconds: number): (() => void) => {
    if (milliseconds >= long && !elapsed) {
      later.add(work);
      return () => later.delete(work);
    }
    const handle = setImmediate(work);
    return () => clearImmediate(handle);
  };
  startServer(server, host, schedule, "1.2.3");
  const client = createProtocolConnection(new StreamMessageReader(down), new StreamMessageWriter(up));
  const published = new Map<string, PublishDiagnosticsParams>();
  const publications: PublishDiagnosticsParams[] = [];
  const statuses: StatusParams[] = [];
  const logged: string[] = [];
  const shown: string[] = [];
  const waiting = new Set<() => void>();
  const texts = new Map<string, { text: string; version: number }>();
  let settings: unknown = options.settings === undefined ? { policy: "rhel9" } : options.settings;
  let refreshes = 0;

  const wake = (): void => {
    for (const each of [...waiting]) each();
  };
  client.onNotification("textDocument/publishDiagnostics", (params: PublishDiagnosticsParams) => {
    published.set(params.uri, params);
    publications.push(params);
    wake();
  });
  client.onNotification(statusNotification, (params: StatusParams) => {
    statuses.push(params);
    wake();
  });
  client.onNotification("window/showMessage", ({ message }: { readonly message: string }) => {
    shown.push(message);
    wake();
  });
  client.onNotification("window/logMessage", ({ message }: { readonly message: string }) => void logged.push(message));
  client.onRequest("workspace/configuration", ({ items }: { readonly items: readonly unknown[] }) => {
    if (options.refusing === true) throw new Error("no settings here");
    return options.silent === true ? new Promise<never>(() => undefined) : items.map(() => settings);
  });
  client.onRequest("workspace/diagnostic/refresh", () => {
    refreshes++;
    wake();
    return null;
  });
  client.onRequest("client/registerCapability", () => null);
  client.listen();

  const when = <T>(look: () => T | undefined): Promise<T> =>
    new Promise((resolve) => {
      const check = (): void => {
        const found = look();
        if (found === undefined) return;
        waiting.delete(check);
        resolve(found);
      };
      waiting.add(check);
      check();
    });

  const initialized = await client.sendRequest<InitializeResult>("initialize", {
    processId: null,
    rootUri: null,
    capabilities: options.capabilities ?? pushCapabilities,
    initializationOptions: options.initializationOptions ?? { trusted: true, commands: true },
    workspaceFolders: (options.folders ?? []).map((path) => ({ uri: `file://${path}`, name: path })),
  });
  await client.sendNotification("initialized", {});

  return {
    client,
    initialized,
    published,
    publications,
    statuses,
    logged,
    shown,
    refreshes: () => refreshes,
    async configure(value) {
      settings = value;
      await client.sendNotification("workspace/didChangeConfiguration", { settings: {} });
    },
    async open(uri, text, version = 1) {
      texts.set(uri, { text, version });
      await client.sendNotification("textDocument/didOpen", {
        textDocument: { uri, languageId: "nginx", version, text },
      });
    },
    async edit(uri, before, after) {
      const document = texts.get(uri);
      const at = document?.text.indexOf(before) ?? -1;
      if (document === undefined || at < 0) throw new Error(`"${before}" is not in ${uri}`);
      const range = { start: positionOf(document.text, at), end: positionOf(document.text, at + before.length) };
      document.text = document.text.slice(0, at) + after + document.text.slice(at + before.length);
      document.version++;
      await client.sendNotification("textDocument/didChange", {
        textDocument: { uri, version: document.version },
        contentChanges: [{ range, text: after }],
      });
    },
    async close(uri) {
      texts.delete(uri);
      await client.sendNotification("textDocument/didClose", { textDocument: { uri } });
    },
    until: (uri, condition) =>
      when(() => {
        const last = published.get(uri)?.diagnostics;
        return last !== undefined && condition(last) ? last : undefined;
      }),
    untilStatus: (condition) =>
      when(() => {
        const last = statuses.at(-1);
        return last !== undefined && condition(last) ? last : undefined;
      }),
    untilShown: (condition) => when(() => (condition(shown) ? shown : undefined)),
    elapse() {
      elapsed = true;
      for (const work of later) work();
      later.clear();
    },
    dispose() {
      client.dispose();
      server.dispose();
      up.destroy();
      down.destroy();
    },
  };
}

function positionOf(text: string, offset: number): { line: number; character: number } {
  const lines = text.slice(0, offset).split("\n");
  return { line: lines.length - 1, character: lines.at(-1)?.length ?? 0 };
}
