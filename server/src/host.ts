/** Everything that touches the world is here as an interface; `hostNode.ts` is its only implementation. */

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
  /** Changes whenever the content may have changed: device, inode, size and modification time in nanoseconds. */
  readonly stamp: string;
}

export interface Host {
  /** Reads a regular file of at most `limit` bytes. Never opens devices, pipes or sockets. Rejects with HostError. */
  readFile(path: string, limit: number): Promise<Uint8Array>;
  /** Follows symbolic links. Rejects with HostError. */
  stat(path: string): Promise<FileStat>;
  /** Rejects with HostError. */
  readDirectory(path: string): Promise<readonly { readonly name: string; readonly directory: boolean }[]>;
  /** The path with every symbolic link resolved. Rejects with HostError. */
  realPath(path: string): Promise<string>;
  /** A bundled snapshot by release name, decompressed, as JSON text. Rejects with HostError ENOENT for an unknown one. */
  bundledPolicy(name: string): Promise<string>;
  /** Milliseconds from any origin, never going back. */
  now(): number;
  /** Resolves in a later turn of the event loop, so that input and cancellations get their turn. */
  yield(): Promise<void>;
  log(level: "error" | "warning" | "info" | "debug", message: string): void;
}
