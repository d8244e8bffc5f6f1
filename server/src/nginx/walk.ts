/**
 * One walk over a configuration in nginx's reading order, through the includes, each with the context that the place of
 * its include gives. Gathers what later steps resolve, and the problems that nginx finds while reading.
 */
import type { Access } from "./access.ts";
import { isBindAddress, parseAddress } from "./address.ts";
import type { BlockKind, FileStatement, Node, SetDefinition, ValueBlock } from "./blocks.ts";
import { Block, blockKinds, BlockFlag, Space, Upstream } from "./blocks.ts";
import type { Configuration } from "./configuration.ts";
import { includeKey } from "./configuration.ts";
import { acceptsArgumentCount, directiveContexts, isBlockDirective } from "./directives.ts";
import type { FileDirective } from "./fileDirectives.ts";
import { fileDirectivesIn, sslCommandFile } from "./fileDirectives.ts";
import { implicitListen, readListen } from "./listen.ts";
import { ProblemList, treeOf } from "./places.ts";
import type { Ocsp } from "./services.ts";
import {
  authConnection,
  certificateResponder,
  codeConnection,
  fetchConnection,
  limit,
  localBind,
  mailBackends,
  redisConnection,
  resolverConnections,
  responderConnection,
  responderFlag,
  syslogConnection,
} from "./services.ts";
import { hasPlaceholder } from "./template.ts";
import type { Statement, Terminator, Tree } from "./tree.ts";
import { ROOT } from "./tree.ts";
import { readUpstreamServer } from "./upstreams.ts";

export interface Findings {
  readonly http: Space;
  readonly stream: Space;
  readonly binds: readonly Access[];
  readonly upstreams: readonly Upstream[];
  /** What nginx does beside listening, passing on and opening files, in the order of the directives. */
  readonly services: readonly Access[];
  /** Directives that name a path, document roots left out. */
  readonly fileStatements: readonly FileStatement[];
  /** `client_body_in_file_only` other than `off`. */
  readonly bodiesInFiles: readonly Node[];
  /** Blocks in which a file may be the answer. */
  readonly servesFiles: readonly Block[];
  /** Blocks in which responses of a pass are stored below the root. */
  readonly storesInRoot: readonly Block[];
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
  /** Nothing is said of a statement that is not as it should be; it is passed over. Null where nginx's checks are made. */
  readonly quiet: Terminator | null;
}

type Table = ReadonlyMap<string, Entry>;

/** More arguments than any directive with a fixed number takes (NGX_CONF_MAX_ARGS). */
const MANY = 10;

/** @param handlers of directives that are checked as nginx does; all others are of `quietHandlers` */
function tableOf(kind: BlockKind, handlers: readonly (readonly [string, Handler])[]): Table {
  const table = new Map<string, Entry>();
  for (const [name, run] of handlers) {
    const accepts = Array.from({ length: MANY + 1 }, (_, count) => acceptsArgumentCount(name, kind, count) !== false);
    table.set(name, { run, isBlock: isBlockDirective(name, kind), accepts, quiet: null });
  }
  const quiet = { isBlock: undefined, accepts: [] };
  for (const [name, run] of quietHandlers) {
    const terminator = name.endsWith("_by_lua_block") ? "lua" : "simple";
    if (directiveContexts(name)?.includes(kind) === false || kind === "events") continue;
    const other = table.get(name);
    if (other === undefined) table.set(name, { ...quiet, run, quiet: terminator });
    else table.set(name, { ...other, run: both(other.run, run) });
  }
  for (const [name, file] of fileDirectivesIn(kind)) {
    const terminator = name === "geoip2" ? "block" : "simple";
    const other = table.get(name);
    const isRoot = name === "root" || name === "alias";
    const run: Handler = isRoot ? readRoot(file) : readFile(file);
    if (other === undefined) table.set(name, { ...quiet, run, quiet: terminator });
    else table.set(name, { ...other, run: both(other.run, run) });
  }
  return table;
}

function both(first: Handler, second: Handler): Handler {
  return (walk, node, tree, block) => {
    first(walk, node, tree, block);
    second(walk, node, tree, block);
  };
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
  "memc_pass",
  "redis2_pass",
  "redis_pass",
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
  readonly services: Access[] = [];
  readonly fileStatements: FileStatement[] = [];
  readonly bodiesInFiles: Node[] = [];
  readonly servesFiles: Block[] = [];
  readonly storesInRoot: Block[] = [];
  readonly ocsp: Ocsp[] = [];
  readonly responders: Access[] = [];
  /** Files in which njs was seen to fetch, and `mail` blocks whose backends are told. */
  readonly told = new Set<unknown>();
  readonly #answering = new Map<string, boolean>();
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
    for (const ocsp of this.ocsp) this.service(certificateResponder(this.configuration, ocsp));
    // Without stapling or OCSP nobody is asked.
    if (this.ocsp.length > 0) this.services.push(...this.responders);
  }

  service(access: Access | null): void {
    if (access !== null) this.services.push(access);
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
    if (entry !== undefined && (entry.quiet === null || entry.quiet === tree.terminator(s))) {
      const node = { file, statement: s };
      if (entry.quiet !== null) {
        if (entry.quiet === "lua" || tree.wordCount(s) > 1 || name === "stub_status" || name === "empty_gif") {
          entry.run(this, node, tree, block);
        }
      } else if (this.#isWellFormed(entry, node, tree, name, block)) entry.run(this, node, tree, block);
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
    if (block.kind === "location" && !block.has(BlockFlag.answers) && this.#isAnswer(name)) {
      block.flags |= BlockFlag.answers;
    }
    // A module's directive can take the place of `server` lines, as NGINX Plus's `state` and `jdomain` do.
    if (block.upstream !== null && directiveContexts(name) === undefined) block.upstream.unseen = true;
    // A template's own braces make blocks that nginx will not see; what stands in them belongs to the block around.
    if (this.configuration.template[file] === true && tree.terminator(s) === "block") {
      this.#push(file, tree, block, false, tree.firstChild(s));
    }
  }

  /** True for a directive of another module that by its name makes the response. */
  #isAnswer(name: string): boolean {
    let answer = this.#answering.get(name);
    if (answer === undefined) {
      answer = answering.test(name) && directiveContexts(name) === undefined;
      this.#answering.set(name, answer);
    }
    return answer;
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
  for (const kind of blockKinds) {
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

/** `echo`, `nchan_subscriber`, `vhost_traffic_status_display`, `rtmp_stat`, `upload_pass`, `check_status`, `api`. */
const answering =
  /^(?:api|check_status|echo|hls|mono_.*|passenger_.*|push_stream_.*|upload_pass|vod|zstd_status)$|_(?:pass|publisher|subscriber|pubsub|display|stat|status|control|handler|content|exporter|endpoint)$/;

/** What nginx checks, or does, when a block is complete. */
function finish(walk: Walk, block: Block): void {
  if (block.kind === "location") {
    if (block.pass === null && !block.has(BlockFlag.answers)) walk.servesFiles.push(block);
  } else if (block.kind === "if-in-location") {
    if (block.files !== null) walk.servesFiles.push(block);
  } else if (block.kind === "server" && !block.has(BlockFlag.hasCatchAll | BlockFlag.answers)) {
    walk.servesFiles.push(block);
  }
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
  const count = tree.wordCount(s);
  const first = tree.word(s, 1);
  if (count === 2 && first.startsWith("@")) location.flags |= BlockFlag.named;
  if (
    count === 2
      ? first === "/"
      : first === "^~"
        ? tree.word(s, 2) === "/"
        : /^~\*?$/.test(first) && isEverything(tree.word(s, 2))
  ) {
    block.flags |= BlockFlag.hasCatchAll;
  }
};

/** True for the patterns that people write for every path. */
function isEverything(pattern: string): boolean {
  return (
    /^(?:\^|\(|\/|\.\*|\)|\$)*$|^\.$/.test(pattern) &&
    pattern !== "$" &&
    pattern !== "^$" &&
    pattern !== "^/$" &&
    pattern !== "/$"
  );
}

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
  // ngx_mail_core_resolver
  if ((block.kind === "mail" || block.kind === "mail.server") && tree.word(s, 1) === "off") return;
  let servers = 0;
  for (let i = 1; i < tree.wordCount(s); i++) {
    const text = tree.word(s, i);
    if (/^(?:valid|ipv4|ipv6|status_zone)=/.test(text)) continue;
    servers++;
    // OpenResty's `local=on`.
    if (text.startsWith("local=") || text.includes("$") || hasPlaceholder(text)) continue;
    const address = parseAddress(text, { defaultPort: 53 });
    walk.services.push(...resolverConnections(walk.configuration, node, i));
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
  } else walk.service(localBind(walk.configuration, node));
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
  walk.service(authConnection(walk.configuration, node));
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

const readFile =
  (what: FileDirective): Handler =>
  (walk, { file, statement }, tree, block) => {
    if (tree.wordCount(statement) <= what.argument) return;
    walk.fileStatements.push({ file, statement, directive: tree.name(statement), what, block });
  };

const readRoot =
  (what: FileDirective): Handler =>
  (_walk, { file, statement }, tree, block) => {
    block.ownFiles().root = { file, statement, directive: tree.name(statement), what, block };
  };

const readSslCommand: Handler = (walk, node, tree, block) => {
  const what = sslCommandFile(tree.word(node.statement, 1));
  if (what !== null) readFile(what)(walk, node, tree, block);
};

const readAutoindex: Handler = (_walk, node, tree, block) => {
  block.ownFiles().autoindex = tree.word(node.statement, 1) === "on";
};

const readDavMethods: Handler = (_walk, node, tree, block) => {
  block.ownFiles().dav = tree.word(node.statement, 1) !== "off";
};

const readStore: Handler = (walk, node, tree, block) => {
  if (tree.word(node.statement, 1) === "on") walk.storesInRoot.push(block);
};

const readBodiesInFiles: Handler = (walk, node, tree) => {
  if (tree.word(node.statement, 1) !== "off") walk.bodiesInFiles.push(node);
};

const readAnswer: Handler = (_walk, _node, _tree, block) => {
  block.flags |= BlockFlag.answers;
};

/** A `rewrite` of everything: of a server where it redirects, of a location where it does not end there. */
const readRewrite: Handler = (_walk, node, tree, block) => {
  const s = node.statement;
  if (block.kind !== "server" && block.kind !== "location") return;
  if (!isEverything(tree.word(s, 1))) return;
  const flag = tree.wordCount(s) > 3 ? tree.word(s, 3) : "";
  const redirects = flag === "redirect" || flag === "permanent" || /^(?:https?:|\$scheme)/.test(tree.word(s, 2));
  if (redirects || (block.kind === "location" && flag !== "break")) block.flags |= BlockFlag.answers;
};

const readAllow: Handler = (_walk, _node, _tree, block) => {
  block.flags |= BlockFlag.allowsSome;
};

const readDeny: Handler = (_walk, node, tree, block) => {
  if (tree.word(node.statement, 1) === "all") block.flags |= BlockFlag.deniesAll;
};

const readTryFiles: Handler = (_walk, node, tree, block) => {
  const s = node.statement;
  const last = tree.wordCount(s) - 1;
  if (!tree.word(s, last).startsWith("@")) return;
  // `try_files /nonexistent @app`: a file that is not meant to be there.
  for (let i = 1; i < last; i++) if (tree.word(s, i).includes("$")) return;
  block.flags |= BlockFlag.answers;
};

const readLimit: Handler = (walk, node) => {
  walk.service(limit(walk.configuration, node));
};

const readLog: Handler = (walk, node) => {
  walk.service(syslogConnection(walk.configuration, node));
};

const readOcsp =
  (what: Ocsp["what"]): Handler =>
  (walk, { file, statement }, tree, block) => {
    if (tree.word(statement, 1) !== "off") walk.ocsp.push({ file, statement, block, what });
  };

const readResponder =
  (what: Ocsp["what"]): Handler =>
  (walk, node, tree, block) => {
    block.flags |= responderFlag(what);
    const access = tree.name(node.statement).endsWith("_file") ? null : responderConnection(walk.configuration, node);
    if (access !== null) walk.responders.push(access);
  };

const readRedis: Handler = (walk, node, _tree, block) => {
  // It takes the place of `server` lines.
  if (block.upstream !== null) block.upstream.unseen = true;
  walk.service(redisConnection(walk.configuration, node));
};

const readCode: Handler = (walk, node, tree, block) => {
  if (tree.name(node.statement).startsWith("content_by_lua")) block.flags |= BlockFlag.answers;
  walk.service(codeConnection(walk.configuration, node));
};

const readFetch: Handler = (walk, node) => {
  if (walk.told.has(node.file)) return;
  walk.told.add(node.file);
  walk.service(fetchConnection(walk.configuration, node));
};

const readMailServer: Handler = (walk, node, tree, block) => {
  walk.enter("mail.server", node, tree, block);
  if (block.parent === null || walk.told.has(block)) return;
  walk.told.add(block);
  walk.service(mailBackends(walk.configuration, block));
};

const caches = ["proxy", "fastcgi", "uwsgi", "scgi"];
const luaPhases =
  "init init_worker exit_worker set server_rewrite rewrite access precontent content log header_filter body_filter " +
  "ssl_client_hello ssl_certificate ssl_session_fetch ssl_session_store proxy_ssl_certificate proxy_ssl_verify preread";

/** Directives of which we only take what they do: whether they are right is not said. */
const quietHandlers: readonly (readonly [string, Handler])[] = [
  ["autoindex", readAutoindex],
  ["fancyindex", readAutoindex],
  ["dav_methods", readDavMethods],
  ["client_body_in_file_only", readBodiesInFiles],
  ["return", readAnswer],
  ["stub_status", readAnswer],
  ["empty_gif", readAnswer],
  ["perl", readAnswer],
  ["js_content", readAnswer],
  ["content_by_lua_file", readAnswer],
  ["rewrite", readRewrite],
  ["allow", readAllow],
  ["deny", readDeny],
  ["try_files", readTryFiles],
  ["worker_rlimit_nofile", readLimit],
  ["worker_rlimit_core", readLimit],
  ["error_log", readLog],
  ["access_log", readLog],
  ["ssl_stapling", readOcsp("stapling")],
  ["ssl_stapling_file", readResponder("stapling")],
  ["ssl_stapling_responder", readResponder("stapling")],
  ["ssl_ocsp", readOcsp("client")],
  ["ssl_ocsp_responder", readResponder("client")],
  ["nchan_redis_url", readRedis],
  ["nchan_redis_server", readRedis],
  ...["", "proxy_", "grpc_", "uwsgi_", "lua_"].map((name) => [`${name}ssl_conf_command`, readSslCommand] as const),
  ...caches.map((name) => [`${name}_store`, readStore] as const),
  ...[
    "timeout",
    "trusted_certificate",
    "verify",
    "verify_depth",
    "buffer_size",
    "max_response_buffer_size",
    "proxy",
  ].map((name) => [`js_fetch_${name}`, readFetch] as const),
  ...luaPhases.split(" ").map((phase) => [`${phase}_by_lua_block`, readCode] as const),
  ...luaPhases.split(" ").map((phase) => [`${phase}_by_lua`, readCode] as const),
];

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

const locationBody: readonly (readonly [string, Handler])[] = [
  ...passes,
  ...computedHandlers,
  ["memc_pass", readPass],
  ["redis2_pass", readPass],
  ["redis_pass", readPass],
  ["set", readSet],
  ["internal", readInternal],
];

const tables: Readonly<Record<BlockKind, Table>> = {
  main: tableOf("main", [
    ["http", enterAs("http")],
    ["stream", enterAs("stream")],
    ["mail", enterAs("mail")],
  ]),
  events: tableOf("events", []),
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
    ["server", readMailServer],
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

/** Walks a configuration, or a fragment in the context that it implies. Time is linear in the statements read. */
export function walkConfiguration(configuration: Configuration): Findings {
  const walk = new Walk(configuration);
  walk.run();
  return walk;
}
