/** The language server in a process of its own, over its standard input and output, as editors start it. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";
import {
  createProtocolConnection,
  StreamMessageReader,
  StreamMessageWriter,
  type ClientCapabilities,
  type Diagnostic,
  type InitializeResult,
  type ProtocolConnection,
  type PublishDiagnosticsParams,
} from "vscode-languageserver/node";

const server = join(import.meta.dirname, "../../server");

/** Bundles the server into a directory, so that a process of it starts fast. Resolves with the program's path. */
export async function bundledServer(directory: string): Promise<string> {
  const program = join(directory, "server.cjs");
  await build({
    entryPoints: [join(server, "src/main.ts")],
    outfile: program,
    bundle: true,
    platform: "node",
    format: "cjs",
    define: { "import.meta.dirname": "__dirname" },
    logLevel: "warning",
  });
  await symlink(join(server, "policies"), join(directory, "policies"));
  return program;
}

/** What an editor says of itself. */
export interface ClientProfile {
  readonly capabilities: ClientCapabilities;
  readonly initializationOptions: unknown;
  /** Its answer to `workspace/configuration`; undefined for an editor that has none. */
  readonly settings?: unknown;
}

export interface StdioServer {
  readonly connection: ProtocolConnection;
  readonly initialized: InitializeResult;
  readonly pid: number;
  open(uri: string, text: string): Promise<void>;
  /** The diagnostics that were pushed for a document, as soon as there are any that fulfil the condition. */
  pushed(uri: string, condition?: (diagnostics: readonly Diagnostic[]) => boolean): Promise<readonly Diagnostic[]>;
  /** Ends the session as the protocol says. Resolves with the exit code. */
  end(): Promise<number | null>;
  /** Sends `exit` without `shutdown`. Resolves with the exit code. */
  exit(): Promise<number | null>;
  /** Closes the server's standard input. Resolves with the exit code. */
  hangUp(): Promise<number | null>;
  /** Kills the process. */
  kill(): Promise<void>;
}

/** Starts a server, bundled before, and a session with it. `folder`: path of the workspace. */
export async function startStdio(program: string, profile: ClientProfile, folder: string): Promise<StdioServer> {
  const child = spawn(process.execPath, [program, "--stdio"], { stdio: ["pipe", "pipe", "inherit"] });
  const ended = once(child, "exit").then(([code]: unknown[]) => (typeof code === "number" ? code : null));
  const connection = createProtocolConnection(
    new StreamMessageReader(child.stdout),
    new StreamMessageWriter(child.stdin),
  );
  const published = new Map<string, readonly Diagnostic[]>();
  const waiting = new Set<() => void>();
  connection.onNotification("textDocument/publishDiagnostics", ({ uri, diagnostics }: PublishDiagnosticsParams) => {
    published.set(uri, diagnostics);
    for (const look of [...waiting]) look();
  });
  connection.onRequest("workspace/configuration", ({ items }: { readonly items: readonly unknown[] }) =>
    items.map(() => profile.settings ?? null),
  );
  for (const asked of ["client/registerCapability", "workspace/diagnostic/refresh", "workspace/codeLens/refresh"])
    connection.onRequest(asked, () => null);
  connection.listen();
  const uri = `file://${folder}`;
  const initialized = await connection.sendRequest<InitializeResult>("initialize", {
    processId: process.pid,
    rootUri: uri,
    workspaceFolders: [{ uri, name: "site" }],
    capabilities: profile.capabilities,
    initializationOptions: profile.initializationOptions,
  });
  await connection.sendNotification("initialized", {});
  const exit = async (): Promise<number | null> => {
    await connection.sendNotification("exit");
    return ended;
  };
  return {
    connection,
    initialized,
    pid: child.pid ?? 0,
    open: (document, text) =>
      connection.sendNotification("textDocument/didOpen", {
        textDocument: { uri: document, languageId: "nginx", version: 1, text },
      }),
    pushed: (document, condition = (list) => list.length > 0) =>
      new Promise((resolve) => {
        const look = (): void => {
          const list = published.get(document);
          if (list === undefined || !condition(list)) return;
          waiting.delete(look);
          resolve(list);
        };
        waiting.add(look);
        look();
      }),
    async end() {
      await connection.sendRequest("shutdown");
      return exit();
    },
    exit,
    async hangUp() {
      child.stdin.end();
      return ended;
    },
    async kill() {
      child.kill("SIGKILL");
      await ended;
      connection.dispose();
    },
  };
}
