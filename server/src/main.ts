/** The entry of the language server: over standard input and output, or over the channel of a parent Node process. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import {
  createConnection,
  IPCMessageReader,
  IPCMessageWriter,
  StreamMessageReader,
  StreamMessageWriter,
} from "vscode-languageserver/node";
import { createNodeHost } from "./host/hostNode.ts";
import { startServer } from "./lsp/server.ts";

const packed = join(import.meta.dirname, "policies");
const policies = existsSync(packed) ? packed : join(import.meta.dirname, "../policies");

/** Milliseconds for the answers that are under way when the client's end of the pipe is closed. */
const farewell = 500;

const usesIpc = process.argv.includes("--node-ipc");
const connection = usesIpc
  ? createConnection(new IPCMessageReader(process), new IPCMessageWriter(process))
  : createConnection(new StreamMessageReader(process.stdin), new StreamMessageWriter(process.stdout));

const host = createNodeHost(policies, (level, message) => {
  if (level === "error") connection.console.error(message);
  else if (level === "warning") connection.console.warn(message);
  else connection.console.info(message);
});

startServer(connection, host, (work, milliseconds) => {
  const timer = setTimeout(work, milliseconds);
  return () => clearTimeout(timer);
});

// A client that is gone says nothing more; the watch of its process alone would keep this one alive.
if (!usesIpc) process.stdin.once("end", () => setTimeout(() => process.exit(1), farewell));
