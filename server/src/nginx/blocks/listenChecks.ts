/** What nginx rejects in a `listen` beside its address: parameters, and addresses that are there already. */
import type { Address } from "./address.ts";
import type { Block } from "./blocks.ts";
import type { ProblemList } from "./places.ts";
import type { StatementReader } from "./statementReader.ts";

/**
 * Plain parameters by kind of server, and below those with a value. Those of all versions and forks are taken (`http3`,
 * Tengine's `https_allow_http`), because an nginx that knows them may run. Not `spdy`: nginx with HTTP/2 refuses it (1.22.1).
 */
const words: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  (
    [
      ["server", "default_server default ssl http2 http3 quic h2c https_allow_http"],
      ["stream.server", "default_server ssl udp"],
      ["mail.server", "ssl"],
    ] as const
  ).map(([kind, own]) => [kind, new Set(`bind deferred reuseport multipath proxy_protocol xudp ${own}`.split(" "))]),
);
const named = /^(?:setfib|fastopen|backlog|rcvbuf|sndbuf|accept_filter|ipv6only|so_keepalive)=/;

/** Parameters that set options of the socket (`lsopt.set`): they may be given once for an address. */
const setting = /^(?:bind|deferred|reuseport|multipath)$/;

/** What is known of an address that nginx listens on. */
interface Listened {
  server: Block;
  isSet: boolean;
  hasDefault: boolean;
}

/** The addresses that servers listen on, in the order of the configuration. */
export class ListenChecks {
  readonly #listened = new Map<string, Listened>();
  readonly #problems: ProblemList;

  constructor(problems: ProblemList) {
    this.#problems = problems;
  }

  /** Tells what nginx rejects in the parameters of a `listen`, and remembers its address. */
  check(statement: StatementReader, server: Block, address: Address, protocol: "tcp" | "udp"): void {
    const given = statement.arguments(2);
    if (!this.#checkParameters(statement, given, server)) return;
    const isSet = given.some((word) => setting.test(word) || named.test(word));
    const isDefault = given.includes("default_server") || given.includes("default");
    const text = addressText(address);
    if (text === null) return;
    const last = Math.min(address.lastPort, address.port + MOST_PORTS);
    for (let port = address.port; port <= last; port++) {
      const shown = address.family === "unix" ? text : `${text}:${port}`;
      const message = this.#add(server, `${server.kind} ${protocol} ${shown}`, shown, isSet, isDefault);
      if (message === null) continue;
      this.#problems.add(statement, message, statement.span(1));
      return;
    }
  }

  #checkParameters(statement: StatementReader, given: readonly string[], { kind }: Block): boolean {
    const known = words.get(kind);
    if (known === undefined) return true;
    for (const [index, word] of given.entries()) {
      if (known.has(word) || named.test(word)) continue;
      if (/[$<>{}@%[\]]/.test(word)) continue;
      const message = kind === "server" ? `invalid parameter "${word}"` : `the invalid "${word}" parameter`;
      this.#problems.add(statement, message, statement.span(index + 2));
      return false;
    }
    return true;
  }

  /** Remembers an address; nginx's message where it is one too many (`ngx_http_add_addresses`, `ngx_mail_core_listen`). */
  #add(server: Block, key: string, shown: string, isSet: boolean, isDefault: boolean): string | null {
    const known = this.#listened.get(key);
    if (known === undefined) {
      this.#listened.set(key, { server, isSet, hasDefault: isDefault });
      return null;
    }
    if (server.kind === "mail.server") return `duplicate "${shown}" address and port pair`;
    if (known.server === server) return `a duplicate listen ${shown}`;
    known.server = server;
    if (isSet && known.isSet) return `duplicate listen options for ${shown}`;
    if (isDefault && known.hasDefault) return `a duplicate default server for ${shown}`;
    known.isSet ||= isSet;
    known.hasDefault ||= isDefault;
    return null;
  }
}

/** Ports of a range that are compared; longer ranges are rare, and ranges of ranges would cost time. */
const MOST_PORTS = 1000;

/** An address as nginx prints it, without its port; null for a name, which a resolver would tell. */
function addressText({ family, host }: Address): string | null {
  switch (family) {
    case "unix":
      return `unix:${host}`;
    case "wildcard":
      return "0.0.0.0";
    case "ipv4":
      // Leading zeros are decimal.
      return /(?:^|\.)0\d/.test(host) ? host.split(".").map(Number).join(".") : host;
    case "ipv6":
      return URL.canParse(`http://[${host}]`) ? new URL(`http://[${host}]`).hostname : null;
    case "name":
      return null;
  }
}
