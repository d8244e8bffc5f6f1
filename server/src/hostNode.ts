/** The only implementation of `Host`: the file system of the machine that runs this, through Node. */
import { constants } from "node:fs";
import { open, readdir, readFile, realpath, stat } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { promisify } from "node:util";
import { brotliDecompress } from "node:zlib";
import { HostError, type FileStat, type Host } from "./host.ts";

const decompress = promisify(brotliDecompress);

/**
 * `policies`: directory with the bundled `NAME.json.br`.
 * `log`: where messages go; never standard output, which belongs to reports and to the protocol.
 */
export function createNodeHost(policies: string, log: Host["log"]): Host {
  return {
    readFile: (path, limit) => asHostError(readRegularFile(nativePath(path), limit)),
    stat: (path) => asHostError(statFile(nativePath(path))),
    readDirectory: (path) => asHostError(listDirectory(nativePath(path))),
    realPath: (path) => asHostError(realpath(nativePath(path)).then(enginePath)),
    bundledPolicy: (name) => asHostError(readPolicy(policies, name)),
    now: () => performance.now(),
    yield: () => setImmediate(),
    log,
  };
}

/** The engine's paths begin with a slash everywhere; on Windows `/c:/x` stands for `c:/x`. */
function nativePath(path: string): string {
  return process.platform === "win32" && /^\/[A-Za-z]:/.test(path) ? path.slice(1) : path;
}

/** A native absolute path in the form in which the engine knows paths: slashes, and one in front. */
export function enginePath(path: string): string {
  if (process.platform !== "win32") return path;
  const slashed = path.replaceAll("\\", "/");
  return slashed.startsWith("/") ? slashed : `/${slashed}`;
}

/** O_NONBLOCK: opening a pipe that nobody writes to must not hang; it is refused right after. */
async function readRegularFile(path: string, limit: number): Promise<Uint8Array> {
  const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const facts = await file.stat();
    if (facts.isDirectory()) throw new HostError("EISDIR", "Is a directory");
    if (!facts.isFile()) throw new HostError("ENOTREG", "Not a regular file");
    if (facts.size > limit) throw new HostError("ETOOLARGE", tooLarge(limit));
    const bytes = await file.readFile();
    if (bytes.length > limit) throw new HostError("ETOOLARGE", tooLarge(limit));
    return bytes;
  } finally {
    await file.close();
  }
}

function tooLarge(limit: number): string {
  return `larger than the limit of ${Math.round((limit / 2 ** 20) * 100) / 100} MB`;
}

async function statFile(path: string): Promise<FileStat> {
  const facts = await stat(path, { bigint: true });
  const kind = facts.isFile() ? "file" : facts.isDirectory() ? "directory" : "other";
  return { kind, size: Number(facts.size), stamp: `${facts.dev}:${facts.ino}:${facts.size}:${facts.mtimeNs}` };
}

async function listDirectory(path: string): Promise<readonly { name: string; directory: boolean }[]> {
  const entries = await readdir(path, { withFileTypes: true });
  return Promise.all(
    entries.map(async (entry) => ({
      name: entry.name,
      directory: entry.isSymbolicLink() ? await isDirectory(join(path, entry.name)) : entry.isDirectory(),
    })),
  );
}

async function isDirectory(path: string): Promise<boolean> {
  return stat(path).then(
    (facts) => facts.isDirectory(),
    () => false,
  );
}

async function readPolicy(directory: string, name: string): Promise<string> {
  if (!/^[a-z0-9-]+$/.test(name)) throw new HostError("ENOENT", `no bundled policy "${name}"`);
  return (await decompress(await readFile(join(directory, `${name}.json.br`)))).toString("utf8");
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
    const code = error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "EIO";
    throw new HostError(code, sentences[code] ?? (error instanceof Error ? error.message : String(error)));
  }
}
