/** `listen` of http, stream and mail. */
import type { BindPort, BindSocket } from "./access.ts";
import { parseAddress } from "./address.ts";
import type { Configuration } from "./configuration.ts";
import type { Block, Node } from "./blocks.ts";
import type { ProblemList } from "./places.ts";
import { treeOf, wordPlace } from "./places.ts";
import { hasPlaceholder } from "./template.ts";

/** Ports from which nginx takes the protocol of a mail server (`ngx_mail_protocol_t.port`). */
const mailPorts: ReadonlySet<number> = new Set([25, 465, 587, 110, 995, 143, 993]);

function hasParameter(words: readonly string[], ...names: readonly string[]): boolean {
  return words.some((word) => names.includes(word));
}

/**
 * The access of a `listen`, and what it says about its server.
 *
 * @returns null where nginx rejects the address
 */
export function readListen(
  configuration: Configuration,
  node: Node,
  server: Block,
  problems: ProblemList,
): BindPort | BindSocket | null {
  server.hasListen = true;
  const tree = treeOf(configuration, node.file);
  const text = tree.word(node.statement, 1);
  const count = tree.wordCount(node.statement);
  const parameters: string[] = [];
  for (let i = 2; i < count; i++) parameters.push(tree.word(node.statement, i));
  const udp = hasParameter(parameters, server.kind === "server" ? "quic" : "udp");
  if (udp) server.listensUdp = true;
  else server.listensTcp = true;
  const secure = count < 3 ? -1 : parameters.findIndex((word) => word === "ssl" || word === "quic");
  const { space } = server;
  if (server.kind === "server" && secure >= 0 && space !== null) {
    const parameter = parameters[secure] ?? "";
    space.secureListen ??= { ...node, word: secure + 2, parameter };
  }
  const protocol = udp ? "udp" : "tcp";
  const base = { ...wordPlace(configuration, node, 1), kind: "bind", directive: "listen", via: [] } as const;
  const unknown = (reason: string): BindPort => {
    server.hasProtocol = true;
    return { ...base, protocol, host: null, port: null, lastPort: null, certainty: "unknown", reason };
  };
  if (hasPlaceholder(text)) return unknown("a template placeholder");
  if (text.includes("$"))
    return unknown(`nginx does not expand variables here, so something else must replace "${text}"`);
  const address = parseAddress(text, { listen: true, defaultPort: server.kind === "server" ? 80 : 0 });
  if (!address.ok) {
    server.hasProtocol = true;
    problems.add(node, `${address.error} in "${text}" of the "listen" directive`, base.span);
    return null;
  }
  if (mailPorts.has(address.port)) server.hasProtocol = true;
  if (address.family === "unix") return { ...base, protocol: "unix", path: address.host, certainty: "certain" };
  const { host, port, lastPort } = address;
  return { ...base, protocol, host, port, lastPort, certainty: "certain" };
}

/** What a server of http without any `listen` does: nginx, started as root, takes port 80 (ngx_http_core_server). */
export function implicitListen(configuration: Configuration, server: Node): BindPort {
  return {
    ...wordPlace(configuration, server, 0),
    kind: "bind",
    protocol: "tcp",
    host: "*",
    port: 80,
    lastPort: 80,
    directive: "server",
    via: [],
    certainty: "certain",
  };
}
