/** The only implementation of `Host`: the file system of the machine that runs this, through Node. */
import { isUtf8 } from "node:buffer";
import * as fs from "node:fs";
import { constants, existsSync, readFileSync, type BigIntStats, type Dirent } from "node:fs";
import { userInfo } from "node:os";
import { join, posix, win32 } from "node:path";
import { setImmediate, setTimeout } from "node:timers/promises";
import { promisify } from "node:util";
import { brotliDecompress } from "node:zlib";
import { isReleaseName } from "../base/bundledReleases.ts";
import type { DirectoryEntry } from "../base/directoryEntry.ts";
import { HostError, type FileStat, type Host, type LinkStat, type RunLimits, type RunResult } from "./host.ts";

const decompress = promisify(brotliDecompress);

// Not those of node:fs/promises, which takes a millisecond and a megabyte to load.
const close = promisify(fs.close);
const fstat = promisify(fs.fstat);
const lstat = promisify(fs.lstat);
const open = promisify(fs.open);
const read = promisify(fs.read);
const readdir = promisify(fs.readdir);
const readlink = promisify(fs.readlink);
const realpath = promisify(fs.realpath.native);
const stat = promisify(fs.stat);
const write = promisify(fs.write);

/**
 * `policies`: directory with the bundled `NAME.json.br`.
 * `log`: where messages go; never standard output, which belongs to reports and to the protocol.
 */
export function createNodeHost(policies: string, log: Host["log"]): Host {
  return {
    user: userName(),
    readFile: (path, limit) => asHostError(readRegularFile(nativePath(path), limit)),
    stat: (path) => asHostError(stat(nativePath(path), { bigint: true }).then(factsOf)),
    linkStat: (path) => asHostError(lstat(nativePath(path), { bigint: true }).then(linkFactsOf)),
    readDirectory: (path) => asHostError(listDirectory(nativePath(path))),
    realPath: (path) => asHostError(realpath(nativePath(path)).then(enginePath)),
    readLink: (path) => asHostError(readlink(nativePath(path))),
    run: (file, args, limits) => asHostError(runProgram(file, args, limits)),
    askKernel: (path, request) => asHostError(transact(path, request)),
    bundledPolicy: (name) => asHostError(readPolicy(policies, name)),
    now: monotonicTime,
    date: () => Date.now(),
    after: (milliseconds, work) => {
      const timer = globalThis.setTimeout(work, milliseconds);
      timer.unref();
      return () => clearTimeout(timer);
    },
    yield: () => setImmediate(),
    log,
  };
}

/** The version in the package.json of the program that a directory of code belongs to; `unknown` where there is none. */
export function programVersion(directory: string): string {
  for (const path of ["..", "../..", "../../.."]) {
    const file = join(directory, path, "package.json");
    if (!existsSync(file)) continue;
    const value: unknown = JSON.parse(readFileSync(file, "utf8"));
    if (typeof value === "object" && value !== null && "version" in value) return String(value.version);
  }
  return "unknown";
}

/** Milliseconds. `performance` would load a module of Node's that nothing else needs. */
function monotonicTime(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return 1000 * seconds + nanoseconds / 1e6;
}

/** In a container a user often has a number and no name, which `userInfo` rejects. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `user ${process.getuid?.() ?? "?"}`;
  }
}

const isWindows = process.platform === "win32";

/**
 * The engine's paths begin with a slash everywhere; on Windows `/c:/x` stands for `c:/x`, and `/c:` for the root of the drive:
 * `c:` alone is its working directory.
 */
export function nativePath(path: string, windows = isWindows): string {
  if (!windows || !/^\/[A-Za-z]:/.test(path)) return path;
  return path.length === 3 ? `${path.slice(1)}/` : path.slice(1);
}

/** A native absolute path in the form in which the engine knows paths: slashes, and one in front of a drive's small letter. */
export function enginePath(path: string, windows = isWindows): string {
  if (!windows) return path;
  const slashed = path.replaceAll("\\", "/");
  return slashed.startsWith("/") ? slashed : `/${slashed.charAt(0).toLowerCase()}${slashed.slice(1)}`;
}

/** The engine's path for one that a user wrote. `directory`: where a relative one begins, as the engine knows it. */
export function resolvedPath(directory: string, path: string, windows = isWindows): string {
  return enginePath((windows ? win32 : posix).resolve(nativePath(directory, windows), path), windows);
}

/** O_NONBLOCK: opening a pipe without a writer must not hang; it is refused right after. */
async function readRegularFile(path: string, limit: number): Promise<Uint8Array> {
  const file = await openToRead(path);
  try {
    const facts = await fstat(file);
    if (facts.isDirectory()) throw new HostError("EISDIR", "Is a directory");
    if (!facts.isFile()) throw new HostError("ENOTREG", "Not a regular file");
    if (facts.size > limit) throw new HostError("ETOOLARGE", tooLarge(limit));
    return await readToEnd(file, facts.size, limit);
  } finally {
    await close(file);
  }
}

/** The descriptor. /sys/fs/selinux/policy has one opener at a time; others get EBUSY for the moment that it takes to read it. */
async function openToRead(path: string): Promise<number> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    } catch (error) {
      if (attempt === BUSY_ATTEMPTS || errorCode(error) !== "EBUSY") throw error;
      await setTimeout(BUSY_PAUSE_MS);
    }
  }
}

const BUSY_ATTEMPTS = 20;
const BUSY_PAUSE_MS = 25;

/** `size` is what stat says: of a file in /proc or /sys nothing, of one that grows too little. */
async function readToEnd(file: number, size: number, limit: number): Promise<Uint8Array> {
  let buffer = new Uint8Array(Math.max(size + 1, SMALL_READ));
  let length = 0;
  for (;;) {
    const { bytesRead } = await read(file, buffer, length, buffer.length - length, null);
    length += bytesRead;
    if (length > limit) throw new HostError("ETOOLARGE", tooLarge(limit));
    if (bytesRead === 0) return buffer.subarray(0, length);
    if (length === buffer.length) {
      const larger = new Uint8Array(length * 2);
      larger.set(buffer);
      buffer = larger;
    }
  }
}

const SMALL_READ = 4096;

async function runProgram(file: string, args: readonly string[], limits: RunLimits): Promise<RunResult> {
  if (!file.startsWith("/")) throw new HostError("EINVAL", `${file} is not an absolute path`);
  // Only a live host runs programs, and loading this takes as long as reading a policy.
  const { execFile } = await import("node:child_process");
  return new Promise((resolve, reject) => {
    const child = execFile(
      file,
      [...args],
      {
        cwd: "/",
        env: { LC_ALL: "C", PATH: "/usr/sbin:/usr/bin:/sbin:/bin" },
        timeout: limits.timeoutMs,
        maxBuffer: limits.maxBytes,
        killSignal: "SIGKILL",
        encoding: "utf8",
        windowsHide: true,
      },
      (error, stdout, stderr) => {
        if (error === null) resolve({ code: 0, stdout, stderr });
        else if (typeof error.code === "number") resolve({ code: error.code, stdout, stderr });
        else reject(runError(file, error, limits));
      },
    );
    // A program that ends without reading its input is no failure.
    child.stdin?.on("error", () => undefined).end();
  });
}

function runError(file: string, error: Error, limits: RunLimits): Error {
  if (errorCode(error) === "ERR_CHILD_PROCESS_STDIO_MAXBUFFER") {
    return new HostError("ETOOLARGE", `${file} wrote more than ${limits.maxBytes} bytes`);
  }
  if (!("killed" in error) || errorCode(error) !== undefined) return error;
  return error.killed === true
    ? new HostError("ETIMEDOUT", `${file} took longer than ${limits.timeoutMs} ms`)
    : new HostError("EKILLED", `${file} was killed`);
}

/** The kernel's simple_transaction files: one write, then reads of the answer, on one open file. */
async function transact(path: string, request: string): Promise<string> {
  if (!/^\/sys\/fs\/selinux\/[a-z_]+$/.test(path)) throw new HostError("EPERM", "not a file of selinuxfs");
  const file = await open(path, constants.O_RDWR);
  try {
    await write(file, request);
    const answer = new Uint8Array(SMALL_READ);
    const { bytesRead } = await read(file, answer, 0, answer.length, null);
    return new TextDecoder().decode(answer.subarray(0, bytesRead));
  } finally {
    await close(file);
  }
}

function tooLarge(limit: number): string {
  return `larger than the limit of ${Math.round((limit / 2 ** 20) * 100) / 100} MB`;
}

function linkFactsOf(facts: BigIntStats): LinkStat {
  return facts.isSymbolicLink() ? { kind: "link" } : factsOf(facts);
}

function factsOf(facts: BigIntStats): FileStat {
  const kind = facts.isFile() ? "file" : facts.isDirectory() ? "directory" : "other";
  return {
    kind,
    size: Number(facts.size),
    mode: Number(facts.mode) & 0o7777,
    uid: Number(facts.uid),
    gid: Number(facts.gid),
    stamp: `${facts.dev}:${facts.ino}:${facts.size}:${facts.mtimeNs}:${facts.ctimeNs}`,
    changed: Number(facts.ctimeMs),
  };
}

async function listDirectory(path: string): Promise<readonly DirectoryEntry[]> {
  const entries = await readdir(path, { withFileTypes: true, encoding: "buffer" });
  return entries.map((entry) => ({
    name: entry.name.toString("utf8"),
    kind: kindOf(entry),
    ...(isUtf8(entry.name) ? {} : { isMangled: true }),
  }));
}

function kindOf(entry: Dirent<Buffer>): DirectoryEntry["kind"] {
  if (entry.isSymbolicLink()) return "link";
  return entry.isDirectory() ? "directory" : entry.isFile() ? "file" : "other";
}

async function readPolicy(directory: string, name: string): Promise<string> {
  if (!isReleaseName(name)) throw new HostError("ENOENT", `no bundled policy "${name}"`);
  const packed = await readRegularFile(join(directory, `${name}.json.br`), Infinity);
  return (await decompress(packed)).toString("utf8");
}

/** Sentences of the C library for the codes that users meet, as nginx prints them. */
const sentences: Readonly<Record<string, string>> = {
  ENOENT: "No such file or directory",
  EACCES: "Permission denied",
  EPERM: "Operation not permitted",
  EISDIR: "Is a directory",
  ENOTDIR: "Not a directory",
  ELOOP: "Too many levels of symbolic links",
  ENAMETOOLONG: "File name too long",
  ENXIO: "No such device or address",
};

async function asHostError<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof HostError) throw error;
    const code = errorCode(error) ?? "EIO";
    throw new HostError(code, sentences[code] ?? (error instanceof Error ? error.message : String(error)));
  }
}

/** Node's symbolic name of what went wrong. */
function errorCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}
