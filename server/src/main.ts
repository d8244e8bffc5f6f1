/** The entry of the language server: over standard input and output, or over the channel of a parent Node process. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import {
  createConnection,
  IPCMessageReader,
  IPCMessageWriter,
  StreamMessageReader,
  StreamMessageWriter,
} from "vscode-languageserver/node";
import { createNodeHost, programVersion } from "./host/hostNode.ts";
import { EVERY, idleCollector } from "./host/idleMemory.ts";
import type { Schedule } from "./lsp/publisher.ts";
import { startServer } from "./lsp/server.ts";

/*
 * V8's own limits are for a process that has its machine for itself: 100 MB for what is new, and for what is kept several
 * times as much as is in use. With these the peak is half as high, and no more time is spent.
 */
setFlagsFromString("--semi-space-growth-factor=1");
setFlagsFromString("--heap-growing-percent=100");

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

const schedule: Schedule = (work, milliseconds) => {
  const timer = setTimeout(work, milliseconds);
  return () => clearTimeout(timer);
};
startServer(connection, host, schedule, programVersion(import.meta.dirname));

collectWhenIdle();

// A client that is gone says nothing more; the watch of its process alone would keep this one alive.
if (!usesIpc) process.stdin.once("end", () => setTimeout(() => process.exit(1), farewell));

/** Gives memory back while this process is idle, as long as it lives. */
function collectWhenIdle(): void {
  setFlagsFromString("--expose-gc");
  const gc: unknown = runInNewContext("gc");
  if (typeof gc !== "function") return;
  const collect = idleCollector({
    processorTime: () => {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1000;
    },
    resident: () => process.memoryUsage.rss(),
    // The only kind that shrinks the heap at once.
    collect: () => void Reflect.apply(gc, undefined, [{ type: "major", flavor: "last-resort" }]),
  });
  setInterval(collect, EVERY).unref();
}
