/**
 * The language server in a process of its own, over its standard input and output, as an editor that pulls diagnostics
 * waits for it. Run it alone with `node test/bench/editor.ts`.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Diagnostic, DocumentDiagnosticReport } from "vscode-languageserver/node";
import { writeLiveTree } from "../support/liveDirectory.ts";
import { webPolicy } from "../support/policies/webPolicy.ts";
import { bundledServer, startStdio, type ClientProfile, type StdioServer } from "../support/stdioServer.ts";
import { pause } from "../editor/host/processes.ts";
import { generateConfiguration } from "./generate.ts";
import { table, type Row } from "./table.ts";

/** Milliseconds in which a server that is left alone gives memory back. */
const REST = 12_000;

/** As VS Code announces itself. */
const editor: ClientProfile = {
  initializationOptions: { trusted: true, commands: true },
  settings: { policy: "rhel9" },
  capabilities: {
    workspace: { configuration: true, workspaceFolders: true },
    textDocument: { diagnostic: { relatedDocumentSupport: true }, hover: { contentFormat: ["markdown"] } },
  },
};

/** An open document, and what the editor asks about it. */
interface Session {
  readonly server: StdioServer;
  /** Milliseconds from the start of the server to the first diagnostics. */
  readonly first: number;
  readonly found: number;
  /** Gives the upstream another port; milliseconds until the diagnostics are there. */
  edit(port: number): Promise<number>;
  /** Milliseconds of a request at the port of an upstream, by its number. */
  ask(method: "textDocument/hover" | "textDocument/completion", upstream: number): Promise<number>;
}

/** Rows for a file of so many servers and for one of 30; `edits`: how often each is edited. */
export async function benchEditor(servers: number, edits: number): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), "nginx-selinux-bench-"));
  try {
    const program = await bundledServer(folder);
    const large = await rowsOf(program, folder, servers, edits, { first: 2500, edit: 300, memory: 300 });
    const small = await rowsOf(program, folder, 30, edits, { first: 1000, edit: 100, memory: 300 });
    return [...large, ...small, await flipRow(program, folder, servers), await flipRow(program, folder, 1)];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

interface Limits {
  /** Milliseconds. */
  readonly first: number;
  readonly edit: number;
  /** Megabytes. */
  readonly memory: number;
}

async function rowsOf(
  program: string,
  folder: string,
  servers: number,
  edits: number,
  limits: Limits,
): Promise<readonly Row[]> {
  const session = await open(program, folder, servers);
  const edit: number[] = [];
  const firstHover: number[] = [];
  for (let i = 0; i < edits; i++) edit.push(await session.edit(10_000 + i));
  for (let i = 0; i < 10; i++) {
    await session.edit(20_000 + i);
    firstHover.push(await session.ask("textDocument/hover", i));
  }
  const hover: number[] = [];
  const completion: number[] = [];
  for (let i = 0; i < edits; i++) {
    hover.push(await session.ask("textDocument/hover", i));
    completion.push(await session.ask("textDocument/completion", i));
  }
  const peak = memoryOf(session.server.pid, "VmHWM");
  await pause(REST);
  const atRest = memoryOf(session.server.pid, "VmRSS");
  await session.server.end();
  const size = `${servers.toLocaleString("en")} servers`;
  const most = (list: readonly number[]): number => list.toSorted((a, b) => a - b)[Math.floor(0.95 * list.length)] ?? 0;
  const note = `95 in 100 of ${edits} are faster`;
  const first = `from the start of the server; ${session.found} diagnostics`;
  const memory = `${peak} MB of memory at the peak (limit ${limits.memory} MB), ${atRest} MB at rest`;
  return [
    row(`first squiggle, ${size}`, session.first, limits.first, `${first}; ${memory}`),
    row(`edit to squiggle, ${size}`, most(edit), limits.edit, note),
    row(`hover, ${size}`, most(hover), 30, note),
    row(
      `first hover after an edit, ${size}`,
      most(firstHover),
      null,
      "plans the fixes of the whole configuration anew",
    ),
    row(`completion of a port, ${size}`, most(completion), 30, note),
  ];
}

/** `limit`: milliseconds that it may take; null where none is set. */
function row(what: string, milliseconds: number, limit: number | null, note: string): Row {
  return { what: `editor: ${what}`, milliseconds, note: limit === null ? note : `limit ${limit} ms; ${note}` };
}

async function open(program: string, folder: string, servers: number): Promise<Session> {
  const text = new TextDecoder().decode(generateConfiguration(servers));
  const uri = `file://${folder}/nginx.conf`;
  const lines = text.split("\n");
  const upstreams = lines.flatMap((each, line) => (each.includes("max_fails") ? [line] : []));
  const [line = 0] = upstreams;
  const character = "        server 127.0.0.1:".length;
  let port = /:(\d+) /.exec(lines[line] ?? "")?.[1] ?? "";
  const began = performance.now();
  const server = await startStdio(program, editor, folder);
  const { connection } = server;
  const pull = async (): Promise<number> => {
    const params = { textDocument: { uri } };
    const report = await connection.sendRequest<DocumentDiagnosticReport>("textDocument/diagnostic", params);
    return report.kind === "full" ? report.items.length : 0;
  };
  await server.open(uri, text);
  const found = await pull();
  const first = performance.now() - began;
  let version = 1;
  const timed = async (work: () => Promise<unknown>): Promise<number> => {
    const from = performance.now();
    await work();
    return performance.now() - from;
  };
  return {
    server,
    first,
    found,
    edit: (wanted) =>
      timed(async () => {
        const range = { start: { line, character }, end: { line, character: character + port.length } };
        port = String(wanted);
        await connection.sendNotification("textDocument/didChange", {
          textDocument: { uri, version: ++version },
          contentChanges: [{ range, text: port }],
        });
        await pull();
      }),
    ask: (method, upstream) => {
      const position = { line: upstreams[upstream % upstreams.length] ?? 0, character: character + 1 };
      return timed(() => connection.sendRequest(method, { textDocument: { uri }, position }));
    },
  };
}

/** From a boolean that flips on disk to the diagnostics that the server pushes by itself. */
async function flipRow(program: string, folder: string, servers: number): Promise<Row> {
  const root = join(folder, `host-${servers}`);
  mkdirSync(root);
  writeLiveTree(root, { policy: webPolicy(33), booleans: { connect_db: false } });
  const pushed: ClientProfile = { ...editor, capabilities: {}, initializationOptions: { root } };
  const server = await startStdio(program, pushed, folder);
  const uri = `file://${folder}/flip.conf`;
  // The boolean is about this port, and others of a large file.
  const last = "http { server { location / { proxy_pass http://127.0.0.1:8100; } } }\n";
  const text = servers === 1 ? `events {}\n${last}` : new TextDecoder().decode(generateConfiguration(servers));
  await server.open(uri, text);
  // Of a large file the first one says how many are not shown.
  const said = (list: readonly Diagnostic[]): string => JSON.stringify([list.length, list[0]?.message]);
  let before = said(await server.pushed(uri));
  const times: number[] = [];
  for (let flip = 0; flip < 11; flip++) {
    const began = performance.now();
    const value = flip % 2 === 0 ? 1 : 0;
    writeFileSync(join(root, "sys/fs/selinux/booleans/connect_db"), `${value} ${value}`);
    const now = await server.pushed(uri, (list) => said(list) !== before);
    times.push(performance.now() - began);
    before = said(now);
  }
  await server.end();
  const median = times.toSorted((a, b) => a - b)[5] ?? 0;
  const size = servers === 1 ? "1 server" : `${servers.toLocaleString("en")} servers`;
  return row(`boolean flip to squiggle, ${size}`, median, 1000, "median of 11, from the write on disk");
}

/** Megabytes of memory of a process: at most (`VmHWM`), or now (`VmRSS`). */
function memoryOf(pid: number, name: "VmHWM" | "VmRSS"): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const kilobytes = new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1];
  return Math.round((Number(kilobytes) * 1024) / 1e6);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(table(await benchEditor(10_000, 100)));
