/** Accesses and problems of a configuration in a line each, for tests. */
import type { Access, FileAccess } from "../../server/src/nginx/access.ts";
import { collectAccesses } from "../../server/src/nginx/collectAccesses.ts";
import type { Configuration } from "../../server/src/nginx/load/configuration.ts";
import { loadConfiguration, loadFragment } from "../../server/src/nginx/load/loadConfiguration.ts";
import { memoryReader } from "./memoryReader.ts";

export interface Result {
  readonly configuration: Configuration;
  /** Of ports, sockets and limits. */
  readonly accesses: readonly Access[];
  /** Accesses to files, includes among them, in the order in which they are collected. */
  readonly files: readonly FileAccess[];
  /** `connect tcp 127.0.0.1:3000`, with ` (one-of)` or ` (unknown)` after it, by file and place. */
  readonly lines: readonly string[];
  /** Text under each access, in the order of `lines`. */
  readonly texts: readonly string[];
  /** Messages of the loader and of the accesses. */
  readonly problems: readonly string[];
}

/** An access in a line. */
function describeAccess(access: Access): string {
  const sure = access.certainty === "certain" ? "" : ` (${access.certainty})`;
  if (access.kind === "limit") return `limit process${sure}`;
  if (access.kind === "capability") return `right ${access.right}${sure}`;
  if (access.protocol === "file") {
    const path = access.path ?? `${access.below ?? ""}/?`;
    return `${access.kind} ${access.use} ${access.object} ${path} ${access.by}${sure}`;
  }
  if (access.protocol === "unix") return `${access.kind} unix ${access.path ?? "?"}${sure}`;
  const host = access.host === null ? "?" : access.host.includes(":") ? `[${access.host}]` : access.host;
  const last = access.kind === "bind" && access.lastPort !== access.port ? `-${access.lastPort}` : "";
  return `${access.kind} ${access.protocol} ${host}:${access.port ?? "?"}${last}${sure}`;
}

function summarize(configuration: Configuration): Result {
  const collected = collectAccesses(configuration);
  const accesses = collected.accesses
    .filter((access) => access.protocol !== "file")
    .sort((a, b) => a.file - b.file || a.span.start - b.span.start);
  const decoder = new TextDecoder();
  return {
    configuration,
    accesses,
    files: collected.accesses.filter((access) => access.protocol === "file"),
    lines: accesses.map(describeAccess),
    texts: accesses.map((access) =>
      decoder.decode(configuration.files[access.file]?.tree.bytes.subarray(access.span.start, access.span.end)),
    ),
    problems: [...configuration.problems, ...collected.problems].map((problem) => problem.message),
  };
}

/** Analyses files; the main one is `/etc/nginx/nginx.conf`. */
export async function analyzeFiles(files: Readonly<Record<string, string>>): Promise<Result> {
  return summarize(await loadConfiguration("/etc/nginx/nginx.conf", memoryReader(files)));
}

/** Analyses the text of a main file. */
export function analyzeMain(text: string): Promise<Result> {
  return analyzeFiles({ "/etc/nginx/nginx.conf": text });
}

/** Analyses text inside `http { }`. */
export function analyzeHttp(text: string): Promise<Result> {
  return analyzeMain(`events {}\nhttp {\n${text}\n}\n`);
}

/** Analyses text inside `stream { }`. */
export function analyzeStream(text: string): Promise<Result> {
  return analyzeMain(`events {}\nstream {\n${text}\n}\n`);
}

/** Analyses one location of one server that listens on port 80. */
export function analyzeLocation(text: string, server = ""): Promise<Result> {
  return analyzeHttp(`server { listen 80; ${server} location / { ${text} } }`);
}

/** Analyses a lone file that no main file reaches. */
export async function analyzeFragment(text: string, path = "/project/app.conf"): Promise<Result> {
  return summarize(await loadFragment(path, memoryReader({ [path]: text })));
}

/** The lines that are connections. */
export function connects(result: Result): string[] {
  return result.lines.filter((line) => line.startsWith("connect"));
}

/** The lines that are listening ports and sockets. */
export function binds(result: Result): string[] {
  return result.lines.filter((line) => line.startsWith("bind"));
}

/** The accesses to files in a line each, without those of `include`. */
export function files(result: Result): string[] {
  return result.files.filter((access) => access.directive !== "include").map(describeAccess);
}
