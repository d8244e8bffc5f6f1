/** `listen` of http, stream, mail and rtmp. */
import type { BindPort, BindSocket, Step } from "../access.ts";
import { parseAddress } from "./address.ts";
import type { Configuration } from "../load/configuration.ts";
import type { Block, BlockKind, Node } from "./blocks.ts";
import { BlockFlag } from "./blocks.ts";
import type { ListenChecks } from "./listenChecks.ts";
import type { ProblemList } from "./places.ts";
import { wordPlace } from "./places.ts";
import type { StatementReader } from "./statementReader.ts";
import { hasPlaceholder } from "../tree/template.ts";
import type { Span } from "../../base/text.ts";

/** Ports from which nginx takes the protocol of a mail server (`ngx_mail_protocol_t.port`). */
const mailPorts: ReadonlySet<number> = new Set([25, 465, 587, 110, 995, 143, 993]);

/** Where an address alone is written. Of stream and mail the kernel picks one; `ngx_rtmp_core_listen` of nginx-rtmp-module. */
const defaultPorts: ReadonlyMap<BlockKind, number> = new Map([
  ["server", 80],
  ["rtmp.server", 1935],
]);

/**
 * The access of a `listen`, and what it says about its server.
 *
 * @returns null where nginx rejects the address
 */
export function readListen(
  statement: StatementReader,
  server: Block,
  problems: ProblemList,
  checks: ListenChecks,
): BindPort | BindSocket | null {
  server.flags |= BlockFlag.hasListen;
  const text = statement.argument(1);
  let udp = false;
  let secure = 0;
  for (let i = 2; i <= statement.count; i++) {
    const parameter = statement.parameter(i);
    if (parameter === (server.kind === "server" ? "quic" : "udp")) udp = true;
    if (secure === 0 && (parameter === "ssl" || parameter === "quic")) secure = i;
  }
  server.flags |= udp ? BlockFlag.listensUdp : BlockFlag.listensTcp;
  const { space } = server;
  if (server.kind === "server" && secure > 0 && space !== null) {
    space.secureListen ??= {
      file: statement.file,
      statement: statement.statement,
      word: secure,
      parameter: statement.argument(secure),
    };
  }
  const protocol = udp ? "udp" : "tcp";
  const { file } = statement;
  const span = statement.span(1);
  const unknown = (reason: string): BindPort => {
    server.flags |= BlockFlag.hasProtocol;
    return { ...bindPort(file, span, protocol, null, null, null), certainty: "unknown", reason };
  };
  if (hasPlaceholder(text)) return unknown("a template placeholder");
  if (text.includes("$"))
    return unknown(`nginx does not expand variables here, so something else must replace "${text}"`);
  const address = parseAddress(text, { listen: true, defaultPort: defaultPorts.get(server.kind) ?? 0 });
  if (!address.ok) {
    server.flags |= BlockFlag.hasProtocol;
    problems.add(statement, `${address.error} in "${text}" of the "listen" directive`, span);
    return null;
  }
  checks.check(statement, server, address, protocol);
  if (mailPorts.has(address.port)) server.flags |= BlockFlag.hasProtocol;
  if (address.family === "unix") {
    return {
      file,
      span,
      kind: "bind",
      protocol: "unix",
      path: address.host,
      directive: "listen",
      via: noSteps,
      certainty: "certain",
    };
  }
  return bindPort(file, span, protocol, address.host, address.port, address.lastPort);
}

const noSteps: readonly Step[] = [];

function bindPort(
  file: number,
  span: Span,
  protocol: "tcp" | "udp",
  host: string | null,
  port: number | null,
  lastPort: number | null,
): BindPort {
  return {
    file,
    span,
    kind: "bind",
    protocol,
    host,
    port,
    lastPort,
    directive: "listen",
    via: noSteps,
    certainty: "certain",
  };
}

/** What a server of http without any `listen` does: nginx, started as root, takes port 80 (ngx_http_core_server). */
export function implicitListen(configuration: Configuration, server: Node): BindPort {
  const { file, span } = wordPlace(configuration, server, 0);
  return { ...bindPort(file, span, "tcp", "*", 80, 80), directive: "server" };
}
