/** What was refused to whom, in one form for every kind of line. */
import type { AvcDenial, Denial, NginxLine } from "./denial.ts";

export interface Subject {
  /** Name of the program, `nginx`; null where the line does not say. */
  readonly process: string | null;
  /** Whether it was nginx; null where that cannot be told. */
  readonly nginx: boolean | null;
  /** Types; null where the line has none. */
  readonly source: string | null;
  readonly target: string | null;
  readonly cls: string | null;
  /** Permissions of the class; of a line of nginx's none. */
  readonly permissions: readonly string[];
  readonly protocol: "tcp" | "udp" | "unix" | null;
  readonly host: string | null;
  readonly port: number | null;
  /** Whole path: of `rename` the second. */
  readonly path: string | null;
  /** Last component of the path, where no more is known. */
  readonly name: string | null;
  readonly permissive: boolean | null;
}

const unknown: Subject = {
  process: null,
  nginx: null,
  source: null,
  target: null,
  cls: null,
  permissions: [],
  protocol: null,
  host: null,
  port: null,
  path: null,
  name: null,
  permissive: null,
};

/** The subject of a line. */
export function subjectOf(denial: Denial): Subject {
  switch (denial.kind) {
    case "avc":
      return ofAvc(denial);
    case "nginx":
      return ofNginx(denial);
    case "setroubleshoot": {
      const { program, permissions, cls, port, path, name, source, target } = denial;
      const process = program.slice(program.lastIndexOf("/") + 1);
      const protocol = cls === "tcp_socket" ? "tcp" : cls === "udp_socket" ? "udp" : null;
      return {
        ...unknown,
        process,
        nginx: isNginx(process),
        permissions,
        cls,
        port,
        path,
        name,
        source,
        target,
        protocol,
      };
    }
    case "rule": {
      const { source, target, cls, permissions } = denial;
      return {
        ...unknown,
        source,
        target,
        cls,
        permissions,
        protocol: cls === "tcp_socket" ? "tcp" : cls === "udp_socket" ? "udp" : null,
      };
    }
    case "summary": {
      const process = denial.exe === null ? null : denial.exe.slice(denial.exe.lastIndexOf("/") + 1);
      return { ...unknown, process, nginx: process === null ? null : isNginx(process) };
    }
    case "other-lsm":
      return {
        ...unknown,
        process: denial.comm,
        nginx: denial.comm === null ? null : isNginx(denial.comm),
        path: denial.path,
        name: denial.name,
      };
    case "notice":
      return { ...unknown, nginx: false };
  }
}

function ofAvc(denial: AvcDenial): Subject {
  const { permissions, port, source, target, event } = denial;
  const process = denial.comm ?? lastPart(denial.exe);
  const cls = denial.cls ?? (permissions.includes("name_connect") ? "tcp_socket" : null);
  const isUnix = cls === "sock_file" || cls === "unix_stream_socket" || cls === "unix_dgram_socket";
  const address = splitAddress(event.address);
  return {
    process,
    nginx: process === null ? null : isNginx(process),
    source,
    target,
    cls,
    permissions,
    protocol: isUnix ? "unix" : denial.protocol,
    host: address !== null && address.port === port ? address.host : denial.destinationAddress,
    port,
    path: denial.path ?? wholePath(denial),
    name: denial.name,
    permissive: denial.permissive ?? (event.success === true ? true : null),
  };
}

/** The path from the other records, where its last component is the one that the record names. */
function wholePath({ name, cls, event }: AvcDenial): string | null {
  const path = event.path ?? (event.address?.startsWith("/") === true && cls === "sock_file" ? event.address : null);
  if (path === null || name === null) return null;
  return lastPart(path) === name ? path : null;
}

function ofNginx(line: NginxLine): Subject {
  const { call, path, to } = line;
  const isUdp = line.phase === "while resolving" || call === "sendmsg" || call === "sendto" || call === "send";
  const target = targetAddress(line);
  const isUnix = (call === "connect" || call === "bind") && target?.startsWith("unix:") === true;
  const address = splitAddress(target);
  return {
    ...unknown,
    process: "nginx",
    nginx: true,
    protocol: isUnix ? "unix" : address === null || call === "bind" ? null : isUdp ? "udp" : "tcp",
    host: isUnix ? null : (address?.host ?? line.address),
    port: isUnix ? null : (line.port ?? address?.port ?? null),
    path: to ?? path ?? (isUnix && target !== null ? target.slice(5).replace(/:.*$/u, "") : null),
  };
}

/** The address that a call was about: nginx names it at `[crit]` only, and else in what follows. */
function targetAddress(line: NginxLine): string | null {
  const { call, address } = line;
  if (address !== null) return address;
  if (call !== "connect" && call !== "sendmsg") return null;
  const { said } = line;
  if (call === "sendmsg") return said.server ?? null;
  const url = said.upstream ?? said.resolver ?? said.peer ?? null;
  return url === null ? null : url.replace(/^[a-z]+:\/\//u, "").replace(/^(?!unix:)([^/]*).*$/u, "$1");
}

function splitAddress(address: string | null): { readonly host: string; readonly port: number } | null {
  const match = address === null ? null : /^(?:\[([^\]]*)\]|([^:/\s]+)):(\d{1,5})$/u.exec(address);
  return match === null ? null : { host: match[1] ?? match[2] ?? "", port: Number(match[3]) };
}

function lastPart(path: string | null): string | null {
  return path === null ? null : path.slice(path.lastIndexOf("/") + 1);
}

/** `nginx`, `nginx:` of a worker, `(nginx)` of systemd before it executes it, `openresty`, `angie`. */
function isNginx(process: string): boolean {
  return /^\(?(?:nginx|openresty|angie|tengine)\b/u.test(process);
}
