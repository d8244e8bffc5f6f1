/** Targets that a user names in place of a configuration: a port, an address, a socket, a file. */
import type { Access, FileUse } from "../nginx/access.ts";
import { accessKey } from "../rules/accessQueries.ts";
import type { Analysis } from "./analysis.ts";
import type { Finding } from "./finding.ts";

/** The place of an access that no file holds. */
const NOWHERE = { file: -1, span: { start: 0, end: 0 }, directive: "", via: [] } as const;
const base = { ...NOWHERE, certainty: "certain" } as const;

/**
 * The accesses that a target stands for; null where it is none. `tcp/3000`, `udp/443` and `127.0.0.1:3000`: connecting
 * and listening; `unix:/run/x.sock`: connecting; an absolute path: reading and writing. A path whose last part has a dot is
 * a file, any other one a directory.
 */
export function targetAccesses(target: string): readonly Access[] | null {
  if (/^unix:./iu.test(target)) return [socketAccess(target.slice(5))];
  if (target.startsWith("/")) return fileAccesses(target);
  const [, protocol, bare] = /^(tcp|udp)\/([0-9]{1,5})$/u.exec(target) ?? [];
  if (bare !== undefined) return portAccesses(protocol === "udp" ? "udp" : "tcp", null, Number(bare));
  const [, host, port] = /^(\[[0-9A-Fa-f:.]+\]|[0-9A-Za-z_.-]+):([0-9]{1,5})$/u.exec(target) ?? [];
  return host === undefined ? null : portAccesses("tcp", host.replace(/^\[|\]$/gu, ""), Number(port));
}

/** True for more than one word that is no path and no socket: lines of a log. */
export function isLogText(target: string): boolean {
  return /\s/u.test(target.trim()) && !/^(?:\/|unix:)/iu.test(target);
}

function socketAccess(path: string): Access {
  return { ...base, kind: "connect", protocol: "unix", path, socket: "stream" };
}

function portAccesses(protocol: "tcp" | "udp", host: string | null, port: number): readonly Access[] | null {
  if (port < 1 || port > 65535) return null;
  return [
    { ...base, kind: "connect", protocol, host, port },
    { ...base, kind: "bind", protocol, host: host ?? "*", port, lastPort: port },
  ];
}

function fileAccesses(path: string): readonly Access[] {
  const object = /\.[^/]*$/u.test(path) ? "file" : "dir";
  const use = (kind: "read" | "append" | "write", use: FileUse, by: "master" | "worker"): Access => {
    return { ...base, kind, protocol: "file", path, below: null, object, use, by };
  };
  const read = use("read", "content", "worker");
  return [read, object === "file" ? use("append", "log", "master") : use("write", "dav", "worker")];
}

/** The accesses of a configuration that are to a target, each distinct one once. */
export function accessesTo(targets: readonly Access[], accesses: readonly Access[]): readonly Access[] {
  const wanted = new Set(targets.map(nameOf));
  const found = new Map<string, Access>();
  for (const access of accesses) {
    if (!wanted.has(nameOf(access)) && !isInside(access, targets)) continue;
    const key = accessKey(access);
    if (!found.has(key)) found.set(key, access);
  }
  return [...found.values()];
}

/** Equal names: one port, socket or path. Of a port of another host only its number counts, as for SELinux. */
function nameOf(access: Access): string {
  switch (access.protocol) {
    case "tcp":
    case "udp":
      return `${access.protocol} ${access.port}`;
    case "unix":
      return `path ${access.path}`;
    case "file":
      return `path ${access.path ?? access.below}`;
    case "process":
      return "";
  }
}

/** True for a port of a range that is listened on. */
function isInside(access: Access, targets: readonly Access[]): boolean {
  if (access.kind !== "bind" || access.protocol === "unix" || access.port === null) return false;
  const { protocol, port, lastPort } = access;
  return targets.some(
    (target) =>
      "port" in target &&
      target.protocol === protocol &&
      target.port !== null &&
      port <= target.port &&
      target.port <= (lastPort ?? port),
  );
}

/** The gravest finding about an access, one that a comment silences included; null where there is none. */
export function findingAbout(access: Access, { findings, silenced }: Analysis): Finding | null {
  const key = accessKey(access);
  const about = [...findings, ...silenced.map(({ finding }) => finding)].filter(
    (each) => each.access !== null && each.key === key,
  );
  return about.find(({ verdict }) => verdict?.decision?.verdict === "denied") ?? about[0] ?? null;
}
