/** What one walk over a configuration finds out, before names are resolved. Lean objects: there can be millions. */
import type { Step } from "../access.ts";
import type { Address } from "./address.ts";
import type { FileDirective } from "./fileDirective.ts";
import type { Statement } from "../tree/tree.ts";

/** A statement of one file. */
export interface Node {
  readonly file: number;
  readonly statement: Statement;
}

export const blockKinds = [
  "main",
  "events",
  "http",
  "server",
  "location",
  "if-in-server",
  "if-in-location",
  "limit_except",
  "upstream",
  "stream",
  "stream.server",
  "stream.upstream",
  "mail",
  "mail.server",
  "rtmp",
  "rtmp.server",
  "rtmp.application",
  "module",
] as const;
export type BlockKind = (typeof blockKinds)[number];

/** A `set`. It is conditional inside `if`. */
export interface SetDefinition extends Node {
  /** Lower case, without the dollar sign. */
  readonly name: string;
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

/** What is known of a block, as bits of `Block.flags`. */
export const BlockFlag = {
  /** Directives were included here that could not be seen. */
  unseen: 1,
  hasListen: 2,
  listensTcp: 4,
  listensUdp: 8,
  /** Of a mail server: `protocol`, or a port that implies one. */
  hasProtocol: 16,
  /** Of a location: `@name` or `internal`, so that it is reached from other locations only. */
  internal: 32,
  named: 64,
  /** Something else than a file answers here: `return`, `stub_status`, code. */
  answers: 128,
  /** Of a server: one of its locations takes every request. */
  hasCatchAll: 256,
  /** `allow`, and `deny all`: without the one, the other leaves nothing to answer. */
  allowsSome: 512,
  deniesAll: 1024,
  /** Directives tell where OCSP responders are: of nginx's own certificate, of its clients'. */
  hasResponder: 2048,
  hasClientResponder: 4096,
} as const;

/** A directive that names a path. */
export interface FileStatement extends Node {
  readonly directive: string;
  readonly what: FileDirective;
  readonly block: Block;
}

/** What a block says of the files that it serves; null where it says nothing. */
export interface FileSettings {
  /** `root` or `alias`. */
  root: FileStatement | null;
  autoindex: boolean | null;
  /** What `dav_methods` does with files; see `FileUse`. */
  dav: "dav" | "dav-moved" | "off" | null;
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
  /** Sets directly in this block and in its `if`s, in order. */
  sets: SetDefinition[] | null = null;
  /** Sets anywhere in this server; only on servers. */
  allSets: SetDefinition[] | null = null;
  /** Bits of `BlockFlag`. */
  flags = 0;
  /** Bits of directives that may stand here once. */
  once = 0;
  /** The pass directive that nginx uses in this location: the last one. */
  pass: Pass | null = null;
  files: FileSettings | null = null;
  /** The ports, or ranges of ports, that a server listens on, 0 for one that is not known; null until it has one. */
  ports: { readonly first: number; readonly last: number }[] | null = null;

  constructor(kind: BlockKind, parent: Block | null, file: number, statement: Statement, space: Space | null) {
    this.kind = kind;
    this.parent = parent;
    this.file = file;
    this.statement = statement;
    this.space = space;
    const isServer = kind === "server" || kind === "stream.server" || parent === null;
    this.server = isServer ? this : parent.server;
  }

  has(flag: number): boolean {
    return (this.flags & flag) !== 0;
  }

  /** The settings of this block, to be written. */
  ownFiles(): FileSettings {
    return (this.files ??= { root: null, autoindex: null, dav: null });
  }
}

/** Who uses an upstream. */
export interface Use {
  /** Shared between the accesses of the upstream's servers. */
  steps: Step[];
  certain: boolean;
  reason: string | null;
  tcp: boolean;
  udp: boolean;
}

/** What an upstream begins with. Never written to: the first server replaces it. */
const noServers: UpstreamServer[] = [];

export class Upstream implements Node {
  readonly file: number;
  readonly statement: Statement;
  readonly name: string;
  readonly space: Space;
  servers: UpstreamServer[] = noServers;
  /** Number of passes that come before it. */
  readonly passesBefore: number;
  use: Use | null = null;
  hasZone = false;
  hasResolver = false;
  /** `balancer_by_lua*`: Lua chooses the peer, and the `server` lines are placeholders. */
  balancer: Node | null = null;
  /** A server line was rejected, so the checks on the whole do not count. */
  rejected = false;
  unseen = false;

  constructor(node: Node, name: string, space: Space) {
    this.file = node.file;
    this.statement = node.statement;
    this.name = name;
    this.space = space;
    this.passesBefore = space.passes.length;
  }

  addServer(server: UpstreamServer): void {
    if (this.servers === noServers) this.servers = [server];
    else this.servers.push(server);
  }
}

/** A pass directive with an argument that nginx reads when it loads. */
export interface Pass extends Node {
  readonly directive: string;
  readonly block: Block;
  /** The argument, or null for `tunnel_pass;`. */
  readonly text: string | null;
}

/** The names of `http` or of `stream`, which do not see each other. */
export class Space {
  readonly kind: "http" | "stream";
  /** By name in lower case. */
  readonly upstreams = new Map<string, Upstream>();
  readonly passes: Pass[] = [];
  /** Blocks that define a variable, by its name in lower case. */
  readonly values = new Map<string, ValueBlock[]>();
  /** Variables that a directive computes at run time: `auth_request_set`, `js_set`, `set_by_lua*`. */
  readonly computed = new Set<string>();
  /** Variables that a `set` gives a value. */
  readonly assigned = new Set<string>();
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
