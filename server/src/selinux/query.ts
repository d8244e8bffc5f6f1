/** The questions that can be put to a policy, and the shape of their answers. Knows nothing of nginx. */
import type { FileUse } from "./filePermissions.ts";
import type { CheckResult, Protocol } from "./policy.ts";

/** How a unix socket is spoken to: a connection, or single datagrams (syslog). */
export type SocketType = "stream" | "dgram";

export type Query =
  | { readonly kind: "connect-port"; readonly source: string; readonly protocol: Protocol; readonly port: number }
  | {
      readonly kind: "bind-port";
      readonly source: string;
      readonly protocol: Protocol;
      readonly port: number;
      /** Last port of a range, which is bound port by port; left out for one port. */
      readonly last?: number;
    }
  /** The label of the socket; the same for both types of sockets. */
  | { readonly kind: "connect-socket"; readonly source: string; readonly path: string; readonly socket?: SocketType }
  /** The domain of the process at the other end of a unix socket: the second check of a connection. */
  | { readonly kind: "connect-peer"; readonly source: string; readonly peer: string; readonly socket: SocketType }
  /** Making a unix socket that is listened on. */
  | { readonly kind: "bind-socket"; readonly source: string; readonly path: string }
  | {
      readonly kind: "file";
      readonly source: string;
      /** Absolute. */
      readonly path: string;
      /** What stands at the path: a file, or a directory whose content is used. */
      readonly object: "file" | "dir";
      readonly use: FileUse;
      /** Whether it exists; null where that is not known: then it is refused only if both ways are. */
      readonly exists: boolean | null;
      /** Set for a file that nginx's unit removes before nginx starts: it does not exist then. */
      readonly isRemoved?: true;
    }
  /** `setrlimit` of the domain on itself. `isSet`: the hard limit is what it is to become, and nothing is checked. */
  | { readonly kind: "set-limit"; readonly source: string; readonly isSet?: boolean }
  /** A right of the domain on itself: for foreign addresses (IP_TRANSPARENT), and for memory that is written and executed. */
  | { readonly kind: "use-right"; readonly source: string; readonly right: "net_raw" | "execmem" };

export type FileQuery = QueryOf<"file">;
export type PeerQuery = QueryOf<"connect-peer">;

/** The questions of one kind. */
export type QueryOf<K extends Query["kind"]> = Extract<Query, { readonly kind: K }>;

export type Verdict = "allowed" | "denied" | "unknown";

/** One checked permission: the evidence of a decision. */
export interface Evidence {
  readonly source: string;
  readonly target: string;
  readonly cls: string;
  readonly permission: string;
  readonly result: CheckResult;
}

/** An answer. Copied by `decisionWith`, never spread: parts of it are made when they are read. */
export interface Decision {
  readonly verdict: Verdict;
  /** The deciding type: of the port, of the socket's label. Null where unknown or where nothing is checked. */
  readonly target: string | null;
  readonly cls: string | null;
  readonly permission: string | null;
  /** Every permission that was looked up, in the kernel's order; the first denied one decides. */
  readonly evidence: readonly Evidence[];
  /** Single booleans (with the value) that would turn a denied decision into allowed, by name, `nis_enabled` last. */
  readonly flips: readonly { readonly name: string; readonly value: boolean }[];
  /** False where the verdict rests on an inexact label. */
  readonly exact: boolean;
  /** Short factual sentences for the user, for example `tcp port 3000 has type ntop_port_t`. */
  readonly because: readonly string[];
}
