/** What a running host says beside its policy: runtime values, labels on disk, domains of processes. */
import type { FileKind, Mode } from "./policy.ts";

/** The label of one object on disk. `missing`: nothing is there, or a directory above it is not. */
export type DiskLabel =
  | { readonly state: "present"; readonly type: string; readonly kind: FileKind }
  | { readonly state: "missing" }
  | { readonly state: "unknown"; readonly reason: string };

/** nginx's own domain and, in words for the user, how it was found; or why it is not known. */
export type NginxDomain =
  { readonly domain: string; readonly how: string } | { readonly domain: null; readonly reason: string };

/** The process that listens on a unix socket; or why it is not known. */
export type SocketPeer =
  { readonly domain: string; readonly process: string } | { readonly domain: null; readonly reason: string };

/** Immutable; gathered for the paths that a configuration names. */
export interface HostState {
  readonly mode: Mode;
  /** Runtime values. One that differs from `facts.booleans` (the persistent value) will change at the next boot. */
  readonly booleans: ReadonlyMap<string, boolean>;
  /** `net.ipv4.ip_local_port_range`, inclusive. */
  readonly localPorts: readonly [low: number, high: number];
  readonly nginx: NginxDomain;
  /** Label on disk of a path that was asked for, or of a directory above one; `unknown` for any other. */
  label(path: string): DiskLabel;
  /** Domain of the process that listens on a unix socket that was asked for. */
  peer(socketPath: string): SocketPeer;
}
