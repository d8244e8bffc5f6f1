/**
 * One walk over a configuration in nginx's reading order, through the includes, each with the context that the place of
 * its include gives. Gathers what later steps resolve, and the problems that nginx finds while reading.
 */
import type { Access } from "./access.ts";
import { isBindAddress, parseAddress } from "./address.ts";
import type { BlockKind, Node, SetDefinition, ValueBlock } from "./blocks.ts";
import { Block, BlockFlag, Space, Upstream } from "./blocks.ts";
import type { Configuration } from "./configuration.ts";
import { includeKey } from "./configuration.ts";
import { acceptsArgumentCount, directiveContexts, isBlockDirective } from "./directives.ts";
import { implicitListen, readListen } from "./listen.ts";
import { ProblemList, treeOf } from "./places.ts";
import { hasPlaceholder } from "./template.ts";
import type { Statement, Tree } from "./tree.ts";
import { ROOT } from "./tree.ts";
import { readUpstreamServer } from "./upstreams.ts";

export interface Findings {
  readonly http: Space;
  readonly stream: Space;
  readonly binds: readonly Access[];
  readonly upstreams: readonly Upstream[];
  readonly problems: ProblemList;
}

interface Frame {
  readonly file: number;
  readonly tree: Tree;
  readonly block: Block;
  /** The block ends with this frame. */
  readonly owns: boolean;
  next: Statement;
}

type Handler = (walk: Walk, node: Node, tree: Tree, block: Block) => void;

/** A handler with what nginx checks before it calls one. */
interface Entry {
  readonly run: Handler;
  /** Undefined where the table of directives does not have it there. */
  readonly isBlock: boolean | undefined;
  /** By number of arguments; the last one stands for more. */
  readonly accepts: readonly boolean[];
}

type Table = ReadonlyMap<string, Entry>;

/** More arguments than any directive with a fixed number takes (NGX_CONF_MAX_ARGS). */
const MANY = 10;

function tableOf(kind: BlockKind, handlers: readonly (readonly [string, Handler])[]): Table {
  return new Map(
    handlers.map(([name, run]) => {
      const accepts = Array.from({ length: MANY + 1 }, (_, count) => acceptsArgumentCount(name, kind, count) !== false);
      return [name, { run, isBlock: isBlockDirective(name, kind), accepts }];
    }),
  );
}

/** Directives that nginx takes once in a block. */
const onceNames: readonly string[] = [
  "proxy_pass",
  "fastcgi_pass",
  "uwsgi_pass",
  "scgi_pass",
  "grpc_pass",
  "memcached_pass",
  "tunnel_pass",
  "resolver",
];

/** Directives whose place is checked. Others may be widened by modules and forks, and do not matter here. */
const checkedNames: ReadonlySet<string> = new Set([
  "http",
  "stream",
  "mail",
  "upstream",
  "server",
  "listen",
  "location",
  "limit_except",
  "proxy_pass",
  "fastcgi_pass",
  "uwsgi_pass",
  "scgi_pass",
  "grpc_pass",
  "memcached_pass",
  "tunnel_pass",
]);

class Walk implements Findings {
  readonly configuration: Configuration;
  readonly problems: ProblemList;
  readonly http = new Space("http");
  readonly stream = new Space("stream");
  readonly binds: Access[] = [];
  readonly upstreams: Upstream[] = [];
  readonly #stack: Frame[] = [];

  constructor(configuration: Configuration) {
    this.configuration = configuration;
    this.problems = new ProblemList(configuration);
  }

  run(): void {
    const tree = treeOf(this.configuration, 0);
    const kind = blockKind(this.configuration.fragmentContext ?? "main");
    const root = new Block(kind, null, 0, ROOT, this.#spaceOf(kind));
    if (this.configuration.fragmentContext !== null) {
      root.flags |= BlockFlag.unseen;
      this.http.unseen = true;
      this.stream.unseen = true;
      this.http.unseenBelow = true;
      if (kind === "upstream" || kind === "stream.upstream") openLoneUpstream(this, root);
    }
    this.#push(0, tree, root, true, tree.firstChild(ROOT));
    for (let frame = this.#stack.at(-1); frame !== undefined; frame = this.#stack.at(-1)) {
      const s = frame.next;
      if (s < 0) {
        this.#stack.pop();
        if (frame.owns) finish(this, frame.block);
        continue;
      }
      frame.next = frame.tree.nextSibling(s);
      this.#statement(frame, s);
    }
  }

  #spaceOf(kind: BlockKind): Space | null {
    switch (kind) {
      case "http":
      case "server":
      case "location":
      case "if-in-server":
      case "if-in-location":
      case "limit_except":
      case "upstream":
        return this.http;
      case "stream":
      case "stream.server":
      case "stream.upstream":
        return this.stream;
      default:
        return null;
    }
  }

  #push(file: number, tree: Tree, block: Block, owns: boolean, next: Statement): void {
    this.#stack.push({ file, tree, block, owns, next });
  }

  #statement(frame: Frame, s: Statement): void {
    const { file, tree, block } = frame;
    const name = tree.name(s);
    if (name === "include") {
      this.#include(file, s, block);
      return;
    }
    const entry = tables[block.kind].get(name);
    if (entry !== undefined) {
      const node = { file, statement: s };
      if (this.#isWellFormed(entry, node, tree, name, block)) entry.run(this, node, tree, block);
      return;
    }
    if (checkedNames.has(name)) {
      const contexts = directiveContexts(name);
      const whole = this.configuration.fragmentContext === null;
      if (whole && contexts !== undefined && !contexts.includes(block.kind)) {
        this.problems.add({ file, statement: s }, `"${name}" directive is not allowed here`);
        return;
      }
    }
    // A module's directive can take the place of `server` lines, as NGINX Plus's `state` and `jdomain` do.
    if (block.upstream !== null && directiveContexts(name) === undefined) block.upstream.unseen = true;
    // A template's own braces make blocks that nginx will not see; what stands in them belongs to the block around.
    if (this.configuration.template[file] === true && tree.terminator(s) === "block") {
      this.#push(file, tree, block, false, tree.firstChild(s));
    }
  }

  /** The checks of `ngx_conf_handler`, in its order. */
  #isWellFormed(entry: Entry, node: Node, tree: Tree, name: string, block: Block): boolean {
    const terminator = tree.terminator(node.statement);
    const { isBlock } = entry;
    if (isBlock === undefined) return true;
    if (isBlock && terminator === "simple") {
      this.problems.add(node, `directive "${name}" has no opening "{"`);
      return false;
    }
    if (!isBlock && terminator === "block") {
      this.problems.add(node, `directive "${name}" is not terminated by ";"`);
      if (this.configuration.template[node.file] === true) {
        this.#push(node.file, tree, block, false, tree.firstChild(node.statement));
        return tree.wordCount(node.statement) > 1;
      }
      return false;
    }
    const count = tree.wordCount(node.statement) - 1;
    if (entry.accepts[Math.min(count, MANY)] !== false) return true;
    // A placeholder may have brought more words than nginx will see; a first argument is still the target.
    if (this.configuration.template[node.file] === true || anyPlaceholder(tree, node.statement)) return count > 0;
    this.problems.add(node, `invalid number of arguments in "${name}" directive`);
    return false;
  }

  #include(file: number, s: Statement, block: Block): void {
    const edge = this.configuration.includes.get(includeKey(file, s));
    if (edge === undefined) return;
    if (edge.unseen) {
      block.flags |= BlockFlag.unseen;
      if (block.upstream !== null) block.upstream.unseen = true;
      if (block.space !== null) {
        block.space.unseenBelow = true;
        if (block.kind === "http" || block.kind === "stream") block.space.unseen = true;
      }
    }
    for (let i = edge.targets.length - 1; i >= 0; i--) {
      const target = edge.targets[i] ?? 0;
      const tree = treeOf(this.configuration, target);
      this.#push(target, tree, block, false, tree.firstChild(ROOT));
    }
  }

  /** Enters a block statement. */
  enter(kind: BlockKind, node: Node, tree: Tree, parent: Block): Block {
    const block = new Block(kind, parent, node.file, node.statement, this.#spaceOf(kind));
    this.#push(node.file, tree, block, true, tree.firstChild(node.statement));
    return block;
  }

  /** True the first time that a directive stands in a block; otherwise nginx says that it is duplicate. */
  isFirst(name: string, node: Node, block: Block): boolean {
    const bit = 1 << onceNames.indexOf(name);
    if ((block.once & bit) !== 0) {
      this.problems.add(node, `"${name}" directive is duplicate`);
      return false;
    }
    block.once |= bit;
    return true;
  }
}

function anyPlaceholder(tree: Tree, s: Statement): boolean {
  for (let i = 1; i < tree.wordCount(s); i++) {
    if (hasPlaceholder(tree.word(s, i))) return true;
  }
  return false;
}

function blockKind(context: string): BlockKind {
  for (const kind of kinds) {
    if (kind === context) return kind;
  }
  return "http";
}

function openLoneUpstream(walk: Walk, block: Block): void {
  const { space } = block;
  if (space === null) return;
  const upstream = new Upstream(block, "", space);
  upstream.rejected = true;
  upstream.unseen = true;
  block.upstream = upstream;
  walk.upstreams.push(upstream);
}

/** What nginx checks, or does, when a block is complete. */
function finish(walk: Walk, block: Block): void {
  if (block.kind === "server" && block.parent !== null) {
    if (!block.has(BlockFlag.hasListen | BlockFlag.unseen)) walk.binds.push(implicitListen(walk.configuration, block));
  } else if (block.kind === "stream.server" || block.kind === "mail.server") {
    if (block.parent === null || block.has(BlockFlag.unseen)) return;
    if (!block.has(BlockFlag.hasListen)) walk.problems.add(block, 'no "listen" is defined for server');
    else if (
      block.kind === "mail.server" &&
      !block.has(BlockFlag.hasProtocol) &&
      walk.configuration.fragmentContext === null
    ) {
      walk.problems.add(block, "unknown mail protocol for server");
    }
  } else if (block.upstream !== null && block.parent !== null) {
    finishUpstream(walk, block.upstream);
  }
}

function finishUpstream(walk: Walk, upstream: Upstream): void {
  if (upstream.rejected || upstream.unseen) return;
  if (upstream.servers.length === 0) {
    if (upstream.balancer === null) walk.problems.add(upstream, "no servers are inside upstream", undefined, true);
  } else if (upstream.servers.every((server) => server.backup)) {
    walk.problems.add(upstream, `no servers in upstream "${upstream.name}"`);
  }
}

const enterAs =
  (kind: BlockKind): Handler =>
  (walk, node, tree, block) => {
    walk.enter(kind, node, tree, block);
  };

const readPass: Handler = (walk, node, tree, block) => {
  const directive = tree.name(node.statement);
  if (block.space === null || !walk.isFirst(directive, node, block)) return;
  const text = tree.wordCount(node.statement) > 1 ? tree.word(node.statement, 1) : null;
  const { file, statement } = node;
  block.pass = { file, statement, directive, block, text };
  block.space.passes.push(block.pass);
};

const readLocation: Handler = (walk, node, tree, block) => {
  const location = walk.enter("location", node, tree, block);
  const s = node.statement;
  if (tree.wordCount(s) === 2 && tree.word(s, 1).startsWith("@")) location.flags |= BlockFlag.named;
};

const readHttpListen: Handler = (walk, node, _tree, block) => {
  const access = readListen(walk.configuration, node, block, walk.problems);
  if (access !== null) walk.binds.push(access);
};

const readUpstream: Handler = (walk, node, tree, parent) => {
  const name = tree.word(node.statement, 1);
  const { space } = parent;
  if (space === null) return;
  const block = walk.enter(space.kind === "http" ? "upstream" : "stream.upstream", node, tree, parent);
  const upstream = new Upstream(node, name, space);
  block.upstream = upstream;
  const key = name.toLowerCase();
  if (space.upstreams.has(key) && !hasPlaceholder(name)) {
    walk.problems.add(node, `duplicate upstream "${name}"`, tree.wordSpan(node.statement, 1));
  } else {
    space.upstreams.set(key, upstream);
  }
  walk.upstreams.push(upstream);
};

const readServerLine: Handler = (walk, node, _tree, block) => {
  if (block.upstream === null || block.space === null) return;
  readUpstreamServer(walk.configuration, node, block.upstream, block.space.kind, walk.problems);
};

const readZone: Handler = (_walk, _node, _tree, block) => {
  if (block.upstream !== null) block.upstream.hasZone = true;
};

const readBalancer: Handler = (_walk, node, _tree, block) => {
  if (block.upstream !== null) block.upstream.balancer = node;
};

const readResolver: Handler = (walk, node, tree, block) => {
  const s = node.statement;
  if (!walk.isFirst("resolver", node, block)) return;
  if (block.upstream !== null) block.upstream.hasResolver = true;
  else if ((block.kind === "http" || block.kind === "stream") && block.space !== null) block.space.hasResolver = true;
  let servers = 0;
  for (let i = 1; i < tree.wordCount(s); i++) {
    const text = tree.word(s, i);
    if (/^(?:valid|ipv4|ipv6|status_zone)=/.test(text)) continue;
    servers++;
    // OpenResty's `local=on`.
    if (text.startsWith("local=") || text.includes("$") || hasPlaceholder(text)) continue;
    const address = parseAddress(text, { defaultPort: 53 });
    if (!address.ok) walk.problems.add(node, `${address.error} in resolver "${text}"`, tree.wordSpan(s, i));
  }
  if (servers === 0) walk.problems.add(node, "no name servers defined");
};

const readBind: Handler = (walk, node, tree) => {
  const s = node.statement;
  const text = tree.word(s, 1);
  const count = tree.wordCount(s);
  if ((count === 2 && text === "off") || text.includes("$") || hasPlaceholder(text)) return;
  if (!isBindAddress(text)) walk.problems.add(node, `invalid address "${text}"`, tree.wordSpan(s, 1));
  else if (count > 2 && tree.word(s, 2) !== "transparent") {
    walk.problems.add(node, `invalid parameter "${tree.word(s, 2)}"`, tree.wordSpan(s, 2));
  }
};

const readSet: Handler = (_walk, node, tree, block) => {
  const name = variableName(tree.word(node.statement, 1));
  if (name === null) return;
  const conditional = block.kind === "if-in-server" || block.kind === "if-in-location";
  block.space?.assigned.add(name);
  const definition: SetDefinition = { file: node.file, statement: node.statement, name, conditional };
  const owner = conditional && block.parent !== null ? block.parent : block;
  const { server } = owner;
  // Most blocks have one, and an array that begins with it is a tenth of one that grows.
  if (owner.sets === null) owner.sets = [definition];
  else owner.sets.push(definition);
  if (server.allSets === null) server.allSets = [definition];
  else server.allSets.push(definition);
};

/** Directives of modules whose argument at that position is a variable that they compute. */
const computedArguments: readonly (readonly [name: string, argument: number])[] = [
  ["auth_request_set", 1],
  ["set_by_lua", 1],
  ["set_by_lua_file", 1],
  ["set_by_lua_block", 1],
  ["js_set", 1],
  ["js_var", 1],
  ["perl_set", 1],
  ["keyval", 2],
  ["set_unescape_uri", 1],
  ["set_escape_uri", 1],
  ["set_if_empty", 1],
  ["set_random", 1],
  ["set_hashed_upstream", 1],
  ["set_misc_set", 1],
];

const computed =
  (argument: number): Handler =>
  (_walk, node, tree, block) => {
    if (tree.wordCount(node.statement) <= argument || block.space === null) return;
    const name = variableName(tree.word(node.statement, argument));
    if (name !== null) block.space.computed.add(name);
  };

/** `map $source $name`, `geo [$address] $name`, `split_clients "key" $name`: the last argument. */
const readValues: Handler = (_walk, node, tree, block) => {
  const { space } = block;
  const kind = tree.name(node.statement);
  const count = tree.wordCount(node.statement);
  if (space === null || count < 2) return;
  if (kind !== "map" && kind !== "geo" && kind !== "split_clients") return;
  const name = variableName(tree.word(node.statement, count - 1));
  if (name !== null) addTo<ValueBlock>(space.values, name, { ...node, kind });
};

const readCertificate: Handler = (_walk, _node, _tree, block) => {
  if (block.space !== null) block.space.hasCertificate = true;
};

const readInternal: Handler = (_walk, _node, _tree, block) => {
  block.flags |= BlockFlag.internal;
};

const readProtocol: Handler = (_walk, _node, _tree, block) => {
  block.flags |= BlockFlag.hasProtocol;
};

const readAuthHttp: Handler = (walk, node, tree) => {
  const text = tree.word(node.statement, 1);
  if (hasPlaceholder(text) || text.includes("$")) return;
  const address = parseAddress(text.startsWith("http://") ? text.slice(7) : text, { uriPart: true, defaultPort: 80 });
  if (address.ok) return;
  const shown = text.startsWith("http://") ? text.slice(7) : text;
  walk.problems.add(node, `${address.error} in auth_http "${shown}"`, tree.wordSpan(node.statement, 1));
};

/** `pass` of stream hands the connection to a listening socket of nginx: no connect, but an address is needed. */
const readStreamPass: Handler = (walk, node, tree) => {
  const text = tree.word(node.statement, 1);
  if (text.includes("$") || hasPlaceholder(text)) return;
  const address = parseAddress(text);
  if (address.ok && address.family === "name" && !address.noPort) {
    walk.problems.add(node, '"pass" directive has no addresses', tree.wordSpan(node.statement, 1));
  }
};

function variableName(word: string): string | null {
  return /^\$[A-Za-z0-9_]+$/.test(word) ? word.slice(1).toLowerCase() : null;
}

function addTo<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}

const computedHandlers = computedArguments.map(([name, argument]) => [name, computed(argument)] as const);
const binds = ["proxy", "fastcgi", "uwsgi", "scgi", "grpc", "memcached", "tunnel"].map(
  (name) => [`${name}_bind`, readBind] as const,
);
const passes = ["proxy", "fastcgi", "uwsgi", "scgi", "grpc", "memcached", "tunnel"].map(
  (name) => [`${name}_pass`, readPass] as const,
);
const certificates = [
  "ssl_certificate",
  "ssl_reject_handshake",
  "ssl_certificate_by_lua_block",
  "ssl_certificate_by_lua_file",
  "acme_certificate",
].map((name) => [name, readCertificate] as const);
const nothing: Table = new Map();

const locationBody: readonly (readonly [string, Handler])[] = [
  ...passes,
  ...computedHandlers,
  ["set", readSet],
  ["internal", readInternal],
];

const tables: Readonly<Record<BlockKind, Table>> = {
  main: tableOf("main", [
    ["http", enterAs("http")],
    ["stream", enterAs("stream")],
    ["mail", enterAs("mail")],
  ]),
  events: nothing,
  http: tableOf("http", [
    ...binds,
    ...certificates,
    ...computedHandlers,
    ["server", enterAs("server")],
    ["upstream", readUpstream],
    ["map", readValues],
    ["geo", readValues],
    ["split_clients", readValues],
    ["resolver", readResolver],
  ]),
  server: tableOf("server", [
    ...binds,
    ...certificates,
    ...computedHandlers,
    ["listen", readHttpListen],
    ["location", readLocation],
    ["if", enterAs("if-in-server")],
    ["set", readSet],
    ["resolver", readResolver],
    ["tunnel_pass", readPass],
  ]),
  location: tableOf("location", [
    ...binds,
    ...locationBody,
    ["location", readLocation],
    ["if", enterAs("if-in-location")],
    ["limit_except", enterAs("limit_except")],
    ["resolver", readResolver],
  ]),
  "if-in-server": tableOf("if-in-server", [["set", readSet]]),
  "if-in-location": tableOf("if-in-location", locationBody),
  limit_except: tableOf("limit_except", [["proxy_pass", readPass]]),
  upstream: tableOf("upstream", [
    ["server", readServerLine],
    ["zone", readZone],
    ["resolver", readResolver],
    ["balancer_by_lua_block", readBalancer],
    ["balancer_by_lua_file", readBalancer],
    ["balancer_by_lua", readBalancer],
  ]),
  stream: tableOf("stream", [
    ...binds,
    ...computedHandlers,
    ["server", enterAs("stream.server")],
    ["upstream", readUpstream],
    ["map", readValues],
    ["geo", readValues],
    ["split_clients", readValues],
    ["resolver", readResolver],
  ]),
  "stream.server": tableOf("stream.server", [
    ...binds,
    ...computedHandlers,
    ["listen", readHttpListen],
    ["proxy_pass", readPass],
    ["pass", readStreamPass],
    ["set", readSet],
    ["resolver", readResolver],
  ]),
  "stream.upstream": tableOf("stream.upstream", [
    ["server", readServerLine],
    ["zone", readZone],
    ["resolver", readResolver],
    ["balancer_by_lua_block", readBalancer],
    ["balancer_by_lua_file", readBalancer],
  ]),
  mail: tableOf("mail", [
    ["server", enterAs("mail.server")],
    ["auth_http", readAuthHttp],
    ["resolver", readResolver],
  ]),
  "mail.server": tableOf("mail.server", [
    ["listen", readHttpListen],
    ["protocol", readProtocol],
    ["auth_http", readAuthHttp],
    ["resolver", readResolver],
  ]),
};

const kinds: readonly BlockKind[] = [
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
];

/** Walks a configuration, or a fragment in the context that it implies. Time is linear in the statements read. */
export function walkConfiguration(configuration: Configuration): Findings {
  const walk = new Walk(configuration);
  walk.run();
  return walk;
}
