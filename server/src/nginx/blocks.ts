/** What one walk over a configuration finds out, before names are resolved. */
import type { Address } from "./address.ts";
import type { Statement } from "./tree.ts";

/** A statement of one file. */
export interface Node {
  readonly file: number;
  readonly statement: Statement;
}

export type BlockKind =
  | "main"
  | "events"
  | "http"
  | "server"
  | "location"
  | "if-in-server"
  | "if-in-location"
  | "limit_except"
  | "upstream"
  | "stream"
  | "stream.server"
  | "stream.upstream"
  | "mail"
  | "mail.server";

/** A `set`. It is conditional inside `if`. */
export interface SetDefinition extends Node {
  readonly conditional: boolean;
}

/** A `map`, `geo` or `split_clients` block. */
export interface ValueBlock extends Node {
  readonly kind: "map" | "geo" | "split_clients";
}

export interface UpstreamServer extends Node {
  /** Null where the word cannot be known: see `reason`. */
  readonly address: Address | null;
  readonly reason: string | null;
  readonly down: boolean;
  readonly backup: boolean;
  readonly resolve: boolean;
  readonly service: boolean;
}

/** An entered block. A file that is included into it continues the same block. */
export class Block {
  readonly kind: BlockKind;
  readonly parent: Block | null;
  readonly file: number;
  readonly statement: Statement;
  /** Where names live: null in main, events and mail. */
  readonly space: Space | null;
  /** The enclosing server (or the outermost block of a fragment): variables that `set` defines are looked for here. */
  readonly server: Block;
  upstream: Upstream | null = null;
  /** Directives that may stand here once, of those that are checked. */
  once: Set<string> | null = null;
  /** Sets directly in this block and in its `if`s. */
  sets: Map<string, SetDefinition[]> | null = null;
  /** Sets anywhere in this server; only on `server` blocks. */
  allSets: Map<string, SetDefinition[]> | null = null;
  /** Directives were included here that could not be seen. */
  unseen = false;
  hasListen = false;
  listensTcp = false;
  listensUdp = false;
  /** Of a mail server: `protocol`, or a port that implies one. */
  hasProtocol = false;
  /** Of a location: `@name`, `internal`: reached from other locations only. */
  internal = false;
  named = false;
  /** The pass directive that nginx uses in this location: the last one. */
  pass: Pass | null = null;

  constructor(kind: BlockKind, parent: Block | null, file: number, statement: Statement, space: Space | null) {
    this.kind = kind;
    this.parent = parent;
    this.file = file;
    this.statement = statement;
    this.space = space;
    const isServer = kind === "server" || kind === "stream.server" || parent === null;
    this.server = isServer ? this : parent.server;
  }
}

export interface Upstream extends Node {
  readonly name: string;
  readonly servers: UpstreamServer[];
  hasZone: boolean;
  hasResolver: boolean;
  /** `balancer_by_lua*`: Lua chooses the peer, and the `server` lines are placeholders. */
  balancer: Node | null;
  /** A server line was rejected, so the checks on the whole do not count. */
  rejected: boolean;
  unseen: boolean;
}

/** A pass directive with an argument that nginx reads when it loads. */
export interface Pass extends Node {
  readonly directive: string;
  readonly block: Block;
  readonly space: Space;
  /** The argument, or null for `tunnel_pass;`. */
  readonly text: string | null;
}

/** The names of `http` or of `stream`, which do not see each other. */
export class Space {
  readonly kind: "http" | "stream";
  readonly upstreams = new Map<string, Upstream>();
  readonly passes: Pass[] = [];
  readonly values = new Map<string, ValueBlock[]>();
  /** Variables that a directive computes at run time: `auth_request_set`, `js_set`, `set_by_lua*`. */
  readonly computed = new Set<string>();
  hasResolver = false;
  /** Upstreams, maps and servers may be defined where they could not be seen. */
  unseen = false;
  /** Directives of any block may stand where they could not be seen. */
  unseenBelow = false;
  hasCertificate = false;
  /** The first `listen ... ssl` or `quic`. */
  secureListen: (Node & { readonly word: number; readonly parameter: string }) | null = null;

  constructor(kind: "http" | "stream") {
    this.kind = kind;
  }
}
