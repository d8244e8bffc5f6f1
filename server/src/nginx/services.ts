/** Connections of nginx itself, beside its passes: name servers, authentication, OCSP, syslog, code. */
import type { Access, Certainty, ConnectPort, ConnectSocket, LimitAccess, Step } from "./access.ts";
import { parseAddress } from "./address.ts";
import type { Address, AddressOptions } from "./address.ts";
import type { Block, Node } from "./blocks.ts";
import { BlockFlag } from "./blocks.ts";
import type { Configuration } from "./configuration.ts";
import { partSpan, treeOf, wordPlace } from "./places.ts";
import { hasPlaceholder } from "./template.ts";
import type { Tree } from "./tree.ts";

const noSteps: readonly Step[] = [];

/** How a connection is made, and how sure it is. */
interface Manner {
  readonly socket: "stream" | "dgram";
  readonly certainty: Certainty;
  readonly reason: string | null;
}

const sure: Manner = { socket: "stream", certainty: "certain", reason: null };

/** A connection to an address that stands in word `word` from `from` on. */
function connection(
  tree: Tree,
  node: Node,
  at: { readonly word: number; readonly from: number },
  address: Address,
  { socket, certainty, reason }: Manner,
): ConnectPort | ConnectSocket {
  const text = tree.word(node.statement, at.word);
  const common = {
    file: node.file,
    span: partSpan(tree, node.statement, at.word, text, at.from, address.length),
    kind: "connect",
    directive: tree.name(node.statement),
    via: noSteps,
    certainty,
    ...(reason === null ? {} : { reason }),
  } as const;
  if (address.family === "unix") return { ...common, protocol: "unix", path: address.host, socket };
  const protocol = socket === "dgram" ? "udp" : "tcp";
  return { ...common, protocol, host: address.host, port: address.port };
}

/** A connection of which nothing is known, at word `word` of a directive. */
function unknownConnection(configuration: Configuration, node: Node, word: number, reason: string): ConnectPort {
  const directive = treeOf(configuration, node.file).name(node.statement);
  return {
    ...wordPlace(configuration, node, word),
    kind: "connect",
    protocol: "tcp",
    host: null,
    port: null,
    directive,
    via: noSteps,
    certainty: "unknown",
    reason,
  };
}

/** An address that nginx reads when it loads; null where it is none, which others tell. */
function loadedConnection(
  configuration: Configuration,
  node: Node,
  at: { readonly word: number; readonly from: number },
  options: AddressOptions,
  manner: Manner = sure,
): ConnectPort | ConnectSocket | null {
  const tree = treeOf(configuration, node.file);
  const text = tree.word(node.statement, at.word).slice(at.from);
  if (hasPlaceholder(text)) return unknownConnection(configuration, node, at.word, "a template placeholder");
  if (text.includes("$")) {
    const reason = `nginx does not expand variables here, so something else must replace "${text}"`;
    return unknownConnection(configuration, node, at.word, reason);
  }
  const address = parseAddress(text, options);
  return address.ok ? connection(tree, node, at, address, manner) : null;
}

/** Length of a scheme at the start of a word, without regard to case; 0 where it has another or none. */
function schemeLength(text: string, scheme: string): number {
  return text.slice(0, scheme.length).toLowerCase() === scheme ? scheme.length : 0;
}

/** `auth_http [http://]host[:port][/uri]` of mail (`ngx_mail_auth_http`). */
export function authConnection(configuration: Configuration, node: Node): Access | null {
  const text = treeOf(configuration, node.file).word(node.statement, 1);
  const from = text.startsWith("http://") ? 7 : 0;
  return loadedConnection(configuration, node, { word: 1, from }, { uriPart: true, defaultPort: 80 });
}

/** What a mail server's users are passed on to. */
export function mailBackends(configuration: Configuration, mail: Node): Access {
  const reason =
    "the auth_http server names each mail server to pass on to (Auth-Server, Auth-Port); the usual ports 25, 110, 143, " +
    "465, 587, 993 and 995 need the boolean httpd_can_sendmail";
  return unknownConnection(configuration, mail, 0, reason);
}

/** A name server in word `word`: asked over UDP, and over TCP where a reply is truncated (`ngx_tcp_connect`). */
export function resolverConnections(configuration: Configuration, node: Node, word: number): Access[] {
  const at = { word, from: 0 };
  const options = { defaultPort: 53 };
  const reason = "only after a reply that is truncated";
  const found = [
    loadedConnection(configuration, node, at, options, { ...sure, socket: "dgram" }),
    loadedConnection(configuration, node, at, options, { ...sure, certainty: "one-of", reason }),
  ];
  // Over what is not known there is one thing to say.
  return found.filter((access) => access !== null).slice(0, found[0]?.certainty === "unknown" ? 1 : 2);
}

/** `error_log syslog:server=ADDRESS[,...]` and the same of `access_log` (`ngx_syslog_parse_args`). */
export function syslogConnection(configuration: Configuration, node: Node): Access | null {
  const text = treeOf(configuration, node.file).word(node.statement, 1);
  if (!text.startsWith("syslog:")) return null;
  const server = /^syslog:(?:[^,]*,)*?server=/.exec(text);
  if (server === null) return null;
  const from = server[0].length;
  const comma = text.indexOf(",", from);
  const tree = treeOf(configuration, node.file);
  const written = text.slice(from, comma < 0 ? undefined : comma);
  if (hasPlaceholder(written) || written.includes("$")) return null;
  const address = parseAddress(written, { defaultPort: 514 });
  return address.ok ? connection(tree, node, { word: 1, from }, address, { ...sure, socket: "dgram" }) : null;
}

/** `nchan_redis_url` and `nchan_redis_server`: `redis://[:password@]host[:port][/database]`, port 6379 if none. */
export function redisConnection(configuration: Configuration, node: Node): Access | null {
  const text = treeOf(configuration, node.file).word(node.statement, 1);
  if (/^unix:/i.test(text)) return loadedConnection(configuration, node, { word: 1, from: 0 }, {});
  let from = schemeLength(text, "redis://") + schemeLength(text, "rediss://");
  const slash = text.indexOf("/", from);
  const end = slash < 0 ? text.length : slash;
  from = Math.max(from, text.lastIndexOf("@", end - 1) + 1);
  return loadedConnection(configuration, node, { word: 1, from }, { uriPart: true, defaultPort: 6379 });
}

/** `push` and `pull` of nginx-rtmp-module: `[rtmp://]host[:port][/app]`, port 1935 if none (`ngx_rtmp_relay_push_pull`). */
export function relayConnection(configuration: Configuration, node: Node): Access | null {
  const from = schemeLength(treeOf(configuration, node.file).word(node.statement, 1), "rtmp://");
  return loadedConnection(configuration, node, { word: 1, from }, { uriPart: true, defaultPort: 1935 });
}

/** `on_publish` and the like of nginx-rtmp-module: `[http://]host[:port][/uri]` (`ngx_rtmp_notify_parse_url`). */
export function notifyConnection(configuration: Configuration, node: Node): Access | null {
  const from = schemeLength(treeOf(configuration, node.file).word(node.statement, 1), "http://");
  return loadedConnection(configuration, node, { word: 1, from }, { uriPart: true, defaultPort: 80 });
}

/** `modsecurity_rules_remote KEY http[s]://host[:port]/...`, fetched when nginx loads (libmodsecurity, by curl). */
export function remoteRulesConnection(configuration: Configuration, node: Node): Access | null {
  const tree = treeOf(configuration, node.file);
  if (tree.wordCount(node.statement) < 3) return null;
  const url = tree.word(node.statement, 2);
  for (const [scheme, defaultPort] of [
    ["http://", 80],
    ["https://", 443],
  ] as const) {
    const from = schemeLength(url, scheme);
    if (from > 0) return loadedConnection(configuration, node, { word: 2, from }, { uriPart: true, defaultPort });
  }
  return null;
}

/** A local address with a port, to which outgoing connections are bound; null where the kernel picks the port. */
export function localBind(configuration: Configuration, node: Node): Access | null {
  const tree = treeOf(configuration, node.file);
  const address = parseAddress(tree.word(node.statement, 1));
  if (!address.ok || address.noPort || address.family === "unix") return null;
  const { file, statement } = node;
  return {
    file,
    span: tree.wordSpan(statement, 1),
    kind: "bind",
    protocol: "tcp",
    host: address.host,
    port: address.port,
    lastPort: address.port,
    directive: tree.name(statement),
    via: noSteps,
    certainty: "certain",
  };
}

/** `worker_rlimit_nofile` and `worker_rlimit_core`: `setrlimit` in each worker (`ngx_worker_process_init`). */
export function limit(configuration: Configuration, node: Node): Access {
  const tree = treeOf(configuration, node.file);
  const directive = tree.name(node.statement);
  const resource = directive === "worker_rlimit_core" ? "core" : "nofile";
  const amount = amountOf(tree.word(node.statement, 1), resource);
  const place = wordPlace(configuration, node, 1);
  return {
    ...place,
    kind: "limit",
    protocol: "process",
    resource,
    amount,
    directive,
    via: noSteps,
    certainty: "certain",
  };
}

const UNITS: ReadonlyMap<string, number> = new Map([
  ["", 1],
  ["k", 2 ** 10],
  ["m", 2 ** 20],
  ["g", 2 ** 30],
]);

/** A number of files (`ngx_conf_set_num_slot`), or of bytes (`ngx_parse_offset`). */
function amountOf(word: string, resource: LimitAccess["resource"]): number | null {
  const [, digits = "", unit = ""] = (resource === "core" ? /^(\d+)([kmg]?)$/i : /^(\d+)$/).exec(word) ?? [];
  return digits === "" ? null : Number(digits) * (UNITS.get(unit.toLowerCase()) ?? 1);
}

/** Who checks certificates: nginx its own (`ssl_stapling`), or its clients' (`ssl_ocsp`). */
export interface Ocsp extends Node {
  readonly block: Block;
  readonly what: "stapling" | "client";
}

const responderFlags = { stapling: BlockFlag.hasResponder, client: BlockFlag.hasClientResponder } as const;

/** The flag of a block whose directive tells where `what` asks, or that it need not ask. */
export function responderFlag(what: Ocsp["what"]): number {
  return responderFlags[what];
}

/**
 * Whom nginx asks about certificates: for each directive that makes it ask the responder that the certificate names,
 * where no directive names another; then those that directives name. Without stapling or OCSP nobody is asked.
 */
export function ocspConnections(
  configuration: Configuration,
  asking: readonly Ocsp[],
  responders: readonly Access[],
): readonly Access[] {
  if (asking.length === 0) return [];
  return [
    ...asking.map((ocsp) => certificateResponder(configuration, ocsp)).filter((access) => access !== null),
    ...responders,
  ];
}

function certificateResponder(configuration: Configuration, { file, statement, block, what }: Ocsp): Access | null {
  const flag = responderFlags[what];
  if (block.has(flag) || block.parent?.has(flag) === true) return null;
  const node = { file, statement };
  return {
    ...unknownConnection(configuration, node, 0, "the certificate names the OCSP responder; nearly all have port 80"),
    port: 80,
    certainty: "one-of",
  };
}

/** `ssl_stapling_responder` and `ssl_ocsp_responder`: `http://` alone is taken (`ngx_ssl_stapling_responder`). */
export function responderConnection(configuration: Configuration, node: Node): Access | null {
  const from = schemeLength(treeOf(configuration, node.file).word(node.statement, 1), "http://");
  if (from === 0) return null;
  return loadedConnection(configuration, node, { word: 1, from }, { uriPart: true, defaultPort: 80 });
}

/** What Lua code has in it that connects: `sock:connect(`, and clients that are made of it. */
const connecting =
  /[.:]connect\s{0,9}\(|["']resty\.(?:http|redis|rediscluster|mysql|memcached|mongol|moongoo|postgres|kafka|consul|etcd|websocket\.client|rabbitmqstomp|aws)\b/;

/** Says once that the code of a directive connects, where it seems to; null where it does not. */
export function codeConnection(configuration: Configuration, node: Node): Access | null {
  const tree = treeOf(configuration, node.file);
  const s = node.statement;
  const body =
    tree.terminator(s) === "lua"
      ? latin1.decode(tree.bytes.subarray(tree.luaSpan(s).start, tree.luaSpan(s).end))
      : tree.word(s, tree.wordCount(s) - 1);
  return connecting.test(body)
    ? unknownConnection(configuration, node, 0, "Lua code connects, where to is in the code")
    : null;
}

const latin1 = new TextDecoder("latin1");

/** `js_fetch_*` directives are there for `ngx.fetch`, which connects to whatever the code says. */
export function fetchConnection(configuration: Configuration, node: Node): Access {
  return unknownConnection(configuration, node, 0, "ngx.fetch of njs connects, where to is in the code");
}
