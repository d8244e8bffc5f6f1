/** Edits of the configuration as candidates: another place for a socket or a log, another port. */
import { nameOf, parentOf } from "../base/paths.ts";
import type { FileUse } from "../selinux/filePermissions.ts";
import type { Change, Policy, Protocol } from "../selinux/policy.ts";
import type { Query } from "../selinux/query.ts";
import type { Candidate, FixContext } from "./candidate.ts";
import { isRelabellable, normalPath } from "./directories.ts";
import { namesFor } from "./appNames.ts";
import { GRACEFUL, RELAY, WEB_PORT_TYPE, WEB_PORT_TYPES, WEB_SOCKET_TYPE } from "./purpose.ts";
import { directorySpec } from "./regex.ts";
import { isOfferable, solves } from "./replay.ts";

/** What the configuration says afterwards, at every place that says the same now. */
export type Edit =
  /** Another path, of the socket or of the file. */
  | { readonly kind: "path"; readonly path: string }
  /** Another port of the same host. */
  | { readonly kind: "port"; readonly port: number }
  /** A TCP port of this host in place of a unix socket. */
  | { readonly kind: "tcp"; readonly host: "127.0.0.1"; readonly port: number };

export interface EditCandidate extends Candidate {
  readonly edit: Edit;
}

/** What the configuration uses already, so that nothing is put in its place. */
export interface Taken {
  port(port: number): boolean;
  path(path: string): boolean;
}

/** Where a socket belongs (hier(7), systemd.exec(5) RuntimeDirectory=), and where php-fpm's are right by default. */
const RUN = "/run";
const PHP_DIRECTORY = "/run/php-fpm";

/**
 * Another place for a socket: the directory of php-fpm, which has the right label by itself, for a socket of that name;
 * otherwise a directory of the application's own below /run, with the label of a web server's run files.
 */
export function socketEdits(context: FixContext, path: string, taken: Taken): readonly EditCandidate[] {
  const socket = normalPath(path);
  if (socket === null || isRight(socket)) return [];
  const leaf = nameOf(socket);
  for (const name of namesFor(socket)) {
    const directory = /php/iu.test(name) ? PHP_DIRECTORY : `${RUN}/${name}`;
    const to = `${directory}/${/^[A-Za-z0-9][A-Za-z0-9_.-]*\.sock(?:et)?$/u.test(leaf) ? leaf : `${name}.sock`}`;
    if (taken.path(to) || to === socket) continue;
    const label = directoryLabel(context, directory, to);
    if (label === null) continue;
    const unit =
      directory === PHP_DIRECTORY
        ? "listen = there in the pool's file"
        : `RuntimeDirectory=${name} in its service's unit`;
    return [
      {
        id: "edit",
        tier: "edit",
        title: `Move the socket to ${to} (${unit})`,
        edit: { kind: "path", path: to },
        changes: label,
        makeDirectory: label.length === 0 ? null : directory,
        restore: label.length === 0 ? null : directory,
        durable: true,
        notes: () => [
          "The service must make its socket there too, and be restarted before nginx is reloaded.",
          ...(label.length === 0
            ? [`A socket made in ${directory} gets the right label by itself.`]
            : [`Gives ${directory} and everything in it the label of the web server's run files.`]),
        ],
      },
    ];
  }
  return [];
}

/** A socket that is in an application's own directory below /run needs no other place. */
function isRight(socket: string): boolean {
  return /^(?:\/var)?\/run\/[^/]+\/[^/]+$/u.test(socket);
}

/** The changes with which a socket in a directory can be reached: none, or its label. Null where the label is another service's. */
function directoryLabel(context: FixContext, directory: string, socket: string): readonly Change[] | null {
  const { policy, source } = context;
  const query: Query = { kind: "connect-socket", source, path: socket };
  if (solves(context, [query], { changes: [] })) return [];
  if (!isRelabellable(policy, directory)) return null;
  const spec = directorySpec(policy.facts.canonicalPath(directory));
  const changes: readonly Change[] = [{ kind: "fileContext", spec, fileKind: "any", type: WEB_SOCKET_TYPE }];
  return solves(context, [query], { changes }) ? changes : null;
}

/**
 * A port of this host in place of a socket: over TCP the domain of the service is not checked, only the label of its
 * port. One that is open as it is, else a web port with the least boolean that opens it.
 */
export function tcpEdits(context: FixContext, taken: Taken): readonly EditCandidate[] {
  const ports = [...webPorts(context.policy, "tcp", [WEB_PORT_TYPE], taken, false)];
  for (const boolean of [null, GRACEFUL, RELAY]) {
    const changes: readonly Change[] = boolean === null ? [] : [{ kind: "boolean", name: boolean, value: true }];
    if (!isOfferable(context, { changes })) continue;
    const port = ports.find((each) => solves(context, [connectQuery(context, each)], { changes }));
    if (port === undefined) continue;
    return [
      {
        id: "edit-tcp",
        tier: "edit",
        title: `Connect to 127.0.0.1:${port} in place of the socket${boolean === null ? "" : ` and turn on ${boolean}`}`,
        edit: { kind: "tcp", host: "127.0.0.1", port },
        changes,
        restore: null,
        durable: true,
        notes: () => [
          `The service must listen on 127.0.0.1:${port} in place of its socket: every user of this host can then connect to it.`,
        ],
      },
    ];
  }
  return [];
}

/** Another port of this host for a backend: one that nginx may connect to as things are. */
export function connectPortEdits(context: FixContext, taken: Taken): readonly EditCandidate[] {
  const port = firstOf(webPorts(context.policy, "tcp", WEB_PORT_TYPES, taken, false), (each) =>
    solves(context, [connectQuery(context, each)], { changes: [] }),
  );
  if (port === undefined) return [];
  return [
    portEdit(port, `Use port ${port}, to which nginx may connect already`, "The service must listen on that port too."),
  ];
}

/** Another port to listen on: one that nginx may bind to as things are. `tls`: one that looks like HTTPS comes first. */
export function listenPortEdits(
  context: FixContext,
  protocol: Protocol,
  taken: Taken,
  tls: boolean,
): readonly EditCandidate[] {
  const { policy, source } = context;
  const port = firstOf(webPorts(policy, protocol, WEB_PORT_TYPES, taken, tls), (each) =>
    solves(context, [{ kind: "bind-port", source, protocol, port: each }], { changes: [] }),
  );
  if (port === undefined) return [];
  return [
    portEdit(
      port,
      `Listen on port ${port}, which nginx may bind to already`,
      "Clients and firewalls must know of the other port.",
    ),
  ];
}

function portEdit(port: number, title: string, note: string): EditCandidate {
  return {
    id: "edit",
    tier: "edit",
    title,
    edit: { kind: "port", port },
    changes: [],
    restore: null,
    durable: true,
    notes: () => [note],
  };
}

function connectQuery({ source }: FixContext, port: number): Query {
  return { kind: "connect-port", source, protocol: "tcp", port };
}

/** Ports below it are for services that start as root (ip(7), ip_unprivileged_port_start). */
const FIRST_UNPRIVILEGED = 1024;

/**
 * The free unprivileged ports of some types, by type and number; with `tls` those that end like 443 in front. Each is
 * looked up when it is reached: the first ones are enough as a rule.
 */
function* webPorts(
  policy: Policy,
  protocol: Protocol,
  types: readonly string[],
  taken: Taken,
  tls: boolean,
): Generator<number, void> {
  const candidates = types.flatMap((type) =>
    policy.facts.ports
      .filter((record) => record.protocol === protocol && record.type === type && record.low >= FIRST_UNPRIVILEGED)
      .flatMap(({ low, high }) => Array.from({ length: Math.min(high - low, MOST_OF_A_RANGE) + 1 }, (_, i) => low + i))
      .toSorted((a, b) => a - b)
      .map((port) => ({ port, type })),
  );
  const looksLikeTls = ({ port }: { readonly port: number }): number => (tls && String(port).endsWith("443") ? 0 : 1);
  for (const { port, type } of candidates.toSorted((a, b) => looksLikeTls(a) - looksLikeTls(b))) {
    // A record in front may give the port to a service.
    if (policy.portType(protocol, port) === type && !taken.port(port)) yield port;
  }
}

function firstOf<T>(items: Iterable<T>, isWanted: (item: T) => boolean): T | undefined {
  for (const item of items) if (isWanted(item)) return item;
  return undefined;
}

const MOST_OF_A_RANGE = 20;

/** Where the distributions keep the logs of nginx (httpd_log_t) and its pid. */
const LOG_DIRECTORY = "/var/log/nginx";
const PID_FILE = "/run/nginx.pid";

/** The place that is labelled for it by default, for a log and for the file with nginx's process id. */
export function fileEdits(context: FixContext, use: FileUse, path: string, taken: Taken): readonly EditCandidate[] {
  const { source } = context;
  const places = use === "pid" ? [PID_FILE] : use === "log" ? logPlaces(path) : [];
  const to = places.find(
    (each) =>
      each !== path &&
      !taken.path(each) &&
      solves(context, [{ kind: "file", source, path: each, object: "file", use, exists: null }], { changes: [] }),
  );
  if (to === undefined) return [];
  return [
    {
      id: "edit",
      tier: "edit",
      title: `Write to ${to}, which is labelled for it`,
      edit: { kind: "path", path: to },
      changes: [],
      restore: null,
      durable: true,
      notes: () => [
        use === "pid"
          ? "It is where the distribution's nginx.service expects it (PIDFile=)."
          : `logrotate takes care of ${parentOf(to)} already; the lines of the old file stay there.`,
      ],
    },
  ];
}

function logPlaces(path: string): readonly string[] {
  const normal = normalPath(path);
  if (normal === null) return [];
  const leaf = nameOf(normal);
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/u.test(leaf)) return [];
  const names = namesFor(`${parentOf(normal)}/`).map((name) => `${name}-${leaf}`);
  return [...names, leaf].map((name) => `${LOG_DIRECTORY}/${name}`);
}
