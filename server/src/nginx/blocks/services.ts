/** Connections of nginx itself, beside its passes: name servers, authentication, OCSP, syslog, code. */
import type {
  Access,
  Certainty,
  ConnectPort,
  ConnectSocket,
  Failing,
  LimitAccess,
  RightAccess,
  Step,
} from "../access.ts";
import { parseAddress } from "./address.ts";
import type { Address, AddressOptions } from "./address.ts";
import type { Block, Node } from "./blocks.ts";
import { BlockFlag } from "./blocks.ts";
import type { Configuration } from "../load/configuration.ts";
import { treeOf } from "./places.ts";
import { StatementReader } from "./statementReader.ts";
import { hasPlaceholder } from "../tree/template.ts";

const noSteps: readonly Step[] = [];

/** How a connection is made, and how sure it is. */
interface Manner {
  readonly socket: "stream" | "dgram";
  readonly certainty: Certainty;
  readonly reason: string | null;
}

/** The same access, whose failure is seen elsewhere than in a request over HTTP. */
export function failing<T extends Access>(fails: Failing, access: T | null): T | null {
  return access === null ? null : { ...access, fails };
}

const sure: Manner = { socket: "stream", certainty: "certain", reason: null };

/** A connection to an address that stands in word `word` from `from` on. */
function connection(
  statement: StatementReader,
  at: { readonly word: number; readonly from: number },
  address: Address,
  { socket, certainty, reason }: Manner,
): ConnectPort | ConnectSocket {
  const common = {
    file: statement.file,
    span: statement.part(at.word, at.from, address.length),
    kind: "connect",
    directive: statement.directive,
    via: noSteps,
    certainty,
    ...(reason === null ? {} : { reason }),
  } as const;
  if (address.family === "unix") return { ...common, protocol: "unix", path: address.host, socket };
  const protocol = socket === "dgram" ? "udp" : "tcp";
  return { ...common, protocol, host: address.host, port: address.port };
}

/** A connection with an unknown target, at word `word` of a directive. */
function unknownConnection(statement: StatementReader, word: number, reason: string): ConnectPort {
  return {
    ...statement.place(word),
    kind: "connect",
    protocol: "tcp",
    host: null,
    port: null,
    directive: statement.directive,
    via: noSteps,
    certainty: "unknown",
    reason,
  };
}

/** An address that nginx reads when it loads; null where it is none, which others tell. */
function loadedConnection(
  statement: StatementReader,
  at: { readonly word: number; readonly from: number },
  options: AddressOptions,
  manner: Manner = sure,
): ConnectPort | ConnectSocket | null {
  const text = statement.argument(at.word).slice(at.from);
  if (hasPlaceholder(text)) return unknownConnection(statement, at.word, "a template placeholder");
  if (text.includes("$")) {
    const reason = `nginx does not expand variables here, so something else must replace "${text}"`;
    return unknownConnection(statement, at.word, reason);
  }
  const address = parseAddress(text, options);
  return address.ok ? connection(statement, at, address, manner) : null;
}

/** Length of a scheme at the start of a word, without regard to case; 0 where it has another or none. */
function schemeLength(text: string, scheme: string): number {
  return text.slice(0, scheme.length).toLowerCase() === scheme ? scheme.length : 0;
}

/** Schemes of URLs with the ports that stand for none. */
export type Schemes = readonly (readonly [scheme: string, port: number])[];

export const httpSchemes: Schemes = [
  ["http://", 80],
  ["https://", 443],
];

/**
 * The connection that a URL in a part of an argument leads to; null if it is no address.
 *
 * @param at the argument, and where in it the URL begins
 * @param otherPort the port of an address that has neither a scheme of the list nor a port; 0 if that is no address
 */
export function urlConnection(
  statement: StatementReader,
  at: { readonly word: number; readonly from: number },
  schemes: Schemes,
  otherPort = 0,
): ConnectPort | ConnectSocket | null {
  const text = statement.argument(at.word).slice(at.from);
  for (const [scheme, defaultPort] of schemes) {
    const length = schemeLength(text, scheme);
    if (length === 0) continue;
    const user = /^[^/?@]*@/.exec(text.slice(length))?.[0].length ?? 0;
    return loadedConnection(statement, { ...at, from: at.from + length + user }, { uriPart: true, defaultPort });
  }
  const found = loadedConnection(statement, at, { uriPart: true, defaultPort: otherPort });
  return found?.certainty === "certain" && found.protocol !== "unix" && found.port === 0 ? null : found;
}

/** A connection to a client, or to a host that another directive names: the port is a part of an argument. */
export function anyHostConnection(
  statement: StatementReader,
  at: { readonly word: number; readonly from: number },
): ConnectPort {
  const text = statement.argument(at.word).slice(at.from);
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  const unknown = unknownConnection(statement, at.word, `"${text}" tells no single port`);
  if (port < 1 || port > 65535) return unknown;
  const { file, directive } = unknown;
  const span = statement.part(at.word, at.from, text.length);
  return {
    file,
    span,
    kind: "connect",
    protocol: "tcp",
    host: null,
    port,
    directive,
    via: noSteps,
    certainty: "certain",
  };
}

/** `auth_http [http://]host[:port][/uri]` of mail (`ngx_mail_auth_http`). */
export function authConnection(statement: StatementReader): Access | null {
  const text = statement.argument(1);
  const from = text.startsWith("http://") ? 7 : 0;
  return failing("logins fail", loadedConnection(statement, { word: 1, from }, { uriPart: true, defaultPort: 80 }));
}

/** What a mail server's users are passed on to. */
export function mailBackends(configuration: Configuration, { file, statement }: Node): Access {
  const reason =
    "the auth_http server names each mail server to pass on to (Auth-Server, Auth-Port); the usual ports 25, 110, 143, " +
    "465, 587, 993 and 995 need the boolean httpd_can_sendmail";
  return unknownConnection(new StatementReader(file, statement, treeOf(configuration, file)), 0, reason);
}

/** A name server in word `word`: asked over UDP, and over TCP where a reply is truncated (`ngx_tcp_connect`). */
export function resolverConnections(statement: StatementReader, word: number): Access[] {
  const at = { word, from: 0 };
  const options = { defaultPort: 53 };
  const reason = "only after a reply that is truncated";
  const found = [
    loadedConnection(statement, at, options, { ...sure, socket: "dgram" }),
    failing(
      "names are not resolved",
      loadedConnection(statement, at, options, { ...sure, certainty: "one-of", reason }),
    ),
  ];
  // Over what is not known there is one thing to say.
  return found.filter((access) => access !== null).slice(0, found[0]?.certainty === "unknown" ? 1 : 2);
}

/** Where the address of `syslog:server=ADDRESS[,...]` begins, and the address; null without a known one. */
function syslogServer(statement: StatementReader): { readonly from: number; readonly written: string } | null {
  const text = statement.argument(1);
  const server = /^syslog:(?:[^,]*,)*?server=/.exec(text);
  if (server === null) return null;
  const from = server[0].length;
  const comma = text.indexOf(",", from);
  const written = text.slice(from, comma < 0 ? undefined : comma);
  return hasPlaceholder(written) || written.includes("$") ? null : { from, written };
}

/** `error_log syslog:server=ADDRESS[,...]` and the same of `access_log` (`ngx_syslog_parse_args`). */
export function syslogConnection(statement: StatementReader): Access | null {
  const server = syslogServer(statement);
  if (server === null) return null;
  const address = parseAddress(server.written, { defaultPort: 514 });
  const at = { word: 1, from: server.from };
  return address.ok ? connection(statement, at, address, { ...sure, socket: "dgram" }) : null;
}

/** What nginx says of the address of a syslog server; null where it takes it. */
export function syslogProblem(statement: StatementReader): string | null {
  const server = syslogServer(statement);
  if (server === null) return null;
  const address = parseAddress(server.written, { defaultPort: 514 });
  return address.ok ? null : `${address.error} in syslog server "${server.written}"`;
}

/** `nchan_redis_url` and `nchan_redis_server`: `redis://[:password@]host[:port][/database]`, port 6379 if none. */
export function redisConnection(statement: StatementReader): Access | null {
  const text = statement.argument(1);
  if (/^unix:/i.test(text)) return failing(UNSENT, loadedConnection(statement, { word: 1, from: 0 }, {}));
  let from = schemeLength(text, "redis://") + schemeLength(text, "rediss://");
  const slash = text.indexOf("/", from);
  const end = slash < 0 ? text.length : slash;
  from = Math.max(from, text.lastIndexOf("@", end - 1) + 1);
  return failing(UNSENT, loadedConnection(statement, { word: 1, from }, { uriPart: true, defaultPort: 6379 }));
}

const UNSENT = "messages are not relayed";

/** `push` and `pull` of nginx-rtmp-module: `[rtmp://]host[:port][/app]`, port 1935 if none (`ngx_rtmp_relay_push_pull`). */
export function relayConnection(statement: StatementReader): Access | null {
  return failing("streams are not relayed", urlConnection(statement, { word: 1, from: 0 }, [["rtmp://", 1935]], 1935));
}

/** `on_publish` and the like of nginx-rtmp-module: `[http://]host[:port][/uri]` (`ngx_rtmp_notify_parse_url`). */
export function notifyConnection(statement: StatementReader): Access | null {
  return failing("its clients are turned away", urlConnection(statement, { word: 1, from: 0 }, [["http://", 80]], 80));
}

/** `modsecurity_rules_remote KEY http[s]://host[:port]/...`, fetched when nginx loads (libmodsecurity, by curl). */
export function remoteRulesConnection(statement: StatementReader): Access | null {
  if (!/^https?:/i.test(statement.argument(2))) return null;
  return failing("nginx does not start", urlConnection(statement, { word: 2, from: 0 }, httpSchemes));
}

/** A local address with a port, to which outgoing connections are bound; null where the kernel picks the port. */
export function localBind(statement: StatementReader): Access | null {
  const address = parseAddress(statement.argument(1));
  if (!address.ok || address.noPort || address.family === "unix") return null;
  return {
    ...statement.place(1),
    kind: "bind",
    protocol: "tcp",
    host: address.host,
    port: address.port,
    lastPort: address.port,
    outgoing: true,
    directive: statement.directive,
    via: noSteps,
    certainty: "certain",
  };
}

/** `worker_rlimit_nofile` and `worker_rlimit_core`: `setrlimit` in each worker (`ngx_worker_process_init`). */
export function limit(statement: StatementReader): Access {
  const { directive } = statement;
  const resource = directive === "worker_rlimit_core" ? "core" : "nofile";
  const amount = amountOf(statement.argument(1), resource);
  return {
    ...statement.place(1),
    kind: "limit",
    protocol: "process",
    resource,
    amount,
    directive,
    via: noSteps,
    certainty: "certain",
  };
}

/** A right that a directive makes nginx use; `word` is the one that asks for it. */
export function ownRight(
  statement: StatementReader,
  word: number,
  right: RightAccess["right"],
  doubt: string | null = null,
): RightAccess {
  const { directive } = statement;
  const common = { kind: "capability", protocol: "process", right, directive, via: noSteps } as const;
  const place = statement.place(word);
  return doubt === null
    ? { ...place, ...common, certainty: "certain" }
    : { ...place, ...common, certainty: "one-of", reason: doubt };
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
 * where no directive names another; then those that directives name. Without stapling or OCSP there is no connection.
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
  const reader = new StatementReader(file, statement, treeOf(configuration, file));
  return {
    ...unknownConnection(reader, 0, "the certificate names the OCSP responder; nearly all have port 80"),
    port: 80,
    certainty: "one-of",
    fails: ocspFailing(what),
  };
}

/** What fails without the responder: without a staple clients ask by themselves; nginx takes no client that it cannot check. */
function ocspFailing(what: Ocsp["what"]): Failing {
  return what === "stapling" ? "no OCSP response is stapled" : "handshakes of clients fail";
}

/** `ssl_stapling_responder` and `ssl_ocsp_responder`: `http://` alone is taken (`ngx_ssl_stapling_responder`). */
export function responderConnection(statement: StatementReader, what: Ocsp["what"]): Access | null {
  const from = schemeLength(statement.argument(1), "http://");
  if (from === 0) return null;
  const access = loadedConnection(statement, { word: 1, from }, { uriPart: true, defaultPort: 80 });
  return failing(ocspFailing(what), access);
}

/** What Lua code has in it that connects: `sock:connect(`, and clients that are made of it. */
const connecting =
  /[.:]connect\s{0,9}\(|["']resty\.(?:http|redis|rediscluster|mysql|memcached|mongol|moongoo|postgres|kafka|consul|etcd|websocket\.client|rabbitmqstomp|aws)\b/;

/** Says once that the code of a directive connects, where it seems to; null where it does not. */
export function codeConnection(statement: StatementReader): Access | null {
  const { tree, terminator, count } = statement;
  let body = statement.argument(count);
  if (terminator === "lua") {
    const { start, end } = tree.luaSpan(statement.statement);
    body = latin1.decode(tree.bytes.subarray(start, end));
  }
  return connecting.test(body) ? unknownConnection(statement, 0, "Lua code connects, where to is in the code") : null;
}

const latin1 = new TextDecoder("latin1");

/** `js_fetch_*` directives are there for `ngx.fetch`, which connects to whatever the code says. */
export function fetchConnection(statement: StatementReader): Access {
  return unknownConnection(statement, 0, "ngx.fetch of njs connects, where to is in the code");
}
