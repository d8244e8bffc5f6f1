/** Everything that touches the world is here as an interface; `hostNode.ts` is its only implementation. */

import type { DirectoryEntry } from "../base/directoryEntry.ts";

/** An error of the operating system, by its symbolic name. */
export class HostError extends Error {
  readonly code: string;
  /** `code`: for example ENOENT, EACCES, EISDIR, or ETOOLARGE for a file over the limit, ENOTREG for a device or pipe. */
  constructor(code: string, message: string) {
    super(message);
    this.name = "HostError";
    this.code = code;
  }
}

export interface FileStat {
  readonly kind: "file" | "directory" | "other";
  readonly size: number;
  /** Permission bits of `st_mode` (inode(7)), owner and group. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /**
   * Changes whenever the content or the label may have changed: device, inode, size, and in nanoseconds the times of the last changes
   * of content and of attributes; a label is one.
   */
  readonly stamp: string;
  /** When any of that changed last, in milliseconds since 1970. */
  readonly changed: number;
}

/** Milliseconds between two times of the coarsest file system (FAT). */
const COARSEST_TIME = 2000;

/**
 * True where whatever happens after `asked` (`Host.date`) changes the stamp. A file system may count whole seconds, and a second
 * change in the same second leaves the stamp as it is.
 */
export function isSettled({ changed }: FileStat, asked: number): boolean {
  return asked - changed > COARSEST_TIME;
}

/** A path itself: a symbolic link, or what `stat` says of it. */
export type LinkStat = FileStat | { readonly kind: "link" };

/** Bounds of a program that is run. */
export interface RunLimits {
  /** Milliseconds after which it is killed. */
  readonly timeoutMs: number;
  /** Bytes of output, of each of the two streams, after which it is killed. */
  readonly maxBytes: number;
}

export interface RunResult {
  /** Exit code. */
  readonly code: number;
  /** Decoded as UTF-8. */
  readonly stdout: string;
  readonly stderr: string;
}

export interface Host {
  /** Name of the user who runs this, for messages; a number where the system has no name for it. */
  readonly user: string;
  /**
   * Reads a regular file of at most `limit` bytes, also one whose size is not told beforehand (/proc, /sys). Never opens
   * devices, pipes or sockets. Rejects with HostError.
   */
  readFile(path: string, limit: number): Promise<Uint8Array>;
  /** Follows symbolic links. Rejects with HostError. */
  stat(path: string): Promise<FileStat>;
  /** Follows the links before the last component alone (lstat(2)). Rejects with HostError. */
  linkStat(path: string): Promise<LinkStat>;
  /** What a directory holds, links not followed. Rejects with HostError. */
  readDirectory(path: string): Promise<readonly DirectoryEntry[]>;
  /** The path with every symbolic link resolved. Rejects with HostError. */
  realPath(path: string): Promise<string>;
  /** What a symbolic link says. Rejects with HostError. */
  readLink(path: string): Promise<string>;
  /**
   * Runs a program: no shell, nothing on its standard input, a fixed environment in the C locale. `file` is an absolute
   * path. A failure of the program is a result; rejects with HostError for a program that does not exist, was killed
   * (EKILLED), or went beyond a limit (ETIMEDOUT, ETOOLARGE).
   */
  run(file: string, args: readonly string[], limits: RunLimits): Promise<RunResult>;
  /**
   * One transaction with a file of selinuxfs, below /sys/fs/selinux: the request is written, the answer read. Any other
   * path is refused (EPERM). Rejects with HostError.
   */
  askKernel(path: string, request: string): Promise<string>;
  /** A bundled snapshot by release name, decompressed, as JSON text. Rejects with HostError ENOENT for an unknown one. */
  bundledPolicy(name: string): Promise<string>;
  /** Milliseconds from any origin, never going back. */
  now(): number;
  /** The time of day, in milliseconds since 1970. */
  date(): number;
  /** Runs work after some milliseconds; the result takes it back. Does not keep a process alive. */
  after(milliseconds: number, work: () => void): () => void;
  /** Resolves in a later turn of the event loop, so that input and cancellations get their turn. */
  yield(): Promise<void>;
  log(level: "error" | "warning" | "info" | "debug", message: string): void;
}
