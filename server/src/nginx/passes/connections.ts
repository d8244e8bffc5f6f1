/** The accesses of one connection, one for each protocol that it may have. */
import type { Certainty, Place, Step } from "../access.ts";
import type { AccessSink } from "./accessList.ts";
import type { Address } from "../blocks/address.ts";
import type { Span } from "../../base/text.ts";

export type Protocol = "tcp" | "udp";

const none: readonly Protocol[] = [];
const tcpOnly: readonly Protocol[] = ["tcp"];
const udpOnly: readonly Protocol[] = ["udp"];
const both: readonly Protocol[] = ["tcp", "udp"];

/** The protocols of a connection; always the same lists, for there can be a million. */
export function protocolsOf(tcp: boolean, udp: boolean): readonly Protocol[] {
  if (tcp) return udp ? both : tcpOnly;
  return udp ? udpOnly : none;
}

/** Who connects, and how sure it is. */
export interface Origin {
  readonly directive: string;
  readonly via: readonly Step[];
  readonly certainty: Certainty;
  readonly reason: string | null;
}

/** Who connects to something that is not known, and why it is not. */
export interface UnknownOrigin {
  readonly directive: string;
  readonly via: readonly Step[];
  readonly reason: string;
}

const noReason = {};

/** Adds connections to a known address. Written out: there can be a million. */
export function addConnections(
  list: AccessSink,
  file: number,
  span: Span,
  address: Address,
  protocols: readonly Protocol[],
  { directive, via, certainty, reason }: Origin,
): void {
  if (address.family === "unix") {
    const path = address.host;
    const why = reason === null ? noReason : { reason };
    for (const protocol of protocols) {
      const socket = socketOf(protocol);
      const common = { file, span, kind: "connect", protocol: "unix", path, socket } as const;
      list.add({ ...common, directive, via, certainty, ...why });
    }
    return;
  }
  const host = address.host === "" ? null : address.host;
  const { port } = address;
  for (const protocol of protocols) {
    if (reason === null) list.add({ file, span, kind: "connect", protocol, host, port, directive, via, certainty });
    else list.add({ file, span, kind: "connect", protocol, host, port, directive, via, certainty, reason });
  }
}

/** Adds connections to a port that is not known. */
export function addUnknownPorts(
  list: AccessSink,
  { file, span }: Place,
  host: string | null,
  protocols: readonly Protocol[],
  { directive, via, reason }: UnknownOrigin,
): void {
  for (const protocol of protocols) {
    const certainty = "unknown";
    list.add({ file, span, kind: "connect", protocol, host, port: null, directive, via, certainty, reason });
  }
}

/** Adds connections to a unix socket whose path is not known. */
export function addUnknownSockets(
  list: AccessSink,
  { file, span }: Place,
  protocols: readonly Protocol[],
  { directive, via, reason }: UnknownOrigin,
): void {
  for (const protocol of protocols) {
    const common = { file, span, kind: "connect", protocol: "unix", path: null, socket: socketOf(protocol) } as const;
    list.add({ ...common, directive, via, certainty: "unknown", reason });
  }
}

/** What `listen ... udp` is passed on to over a unix socket is datagrams, too (`ngx_event_connect_peer`). */
function socketOf(protocol: Protocol): "stream" | "dgram" {
  return protocol === "tcp" ? "stream" : "dgram";
}
