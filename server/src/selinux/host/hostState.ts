/** The state of a running host beside its policy: runtime values, labels on disk, domains of processes. */
import type { Change, Mode, PolicyFacts } from "../policy.ts";
import type { HostPermissions } from "../../permissions/hostPermissions.ts";
import type { FileKind } from "../fileContextLists.ts";

/** The label of one object on disk, symbolic links followed. `missing`: nothing is there, or a directory above it is not. */
export type DiskLabel =
  | { readonly state: "present"; readonly type: string; readonly kind: FileKind }
  | { readonly state: "missing" }
  | { readonly state: "unknown"; readonly reason: string };

/** nginx's own domain and, in words for the user, how it was found; or why it is not known. */
export type NginxDomain =
  | {
      readonly domain: string;
      readonly how: string;
      /** True where the only nginx runs in a container: it sees other files, and the host's labels say nothing of them. */
      readonly container: boolean;
      /** Process id of the running master process. */
      readonly pid?: number;
      /** Of the running master process, which its workers inherit; missing where none runs or it cannot be seen. */
      readonly hardLimits?: HardLimits;
    }
  | { readonly domain: null; readonly reason: string };

/** Hard limits of a process (getrlimit(2)); null for none. */
export interface HardLimits {
  readonly nofile: number | null;
  /** In bytes. */
  readonly core: number | null;
}

/** A file or directory that has another label than most of what lies beside it. */
export interface Stray {
  readonly path: string;
  readonly type: string;
  readonly kind: "file" | "dir";
}

/** What nginx.service says of the files of nginx. */
export interface NginxUnit {
  /** True where nginx has a /tmp and a /var/tmp of its own (`PrivateTmp=`). */
  readonly privateTmp: boolean;
  /** Absolute paths that are removed before each start (`ExecStartPre=/usr/bin/rm -f /run/nginx.pid`). */
  readonly removes: readonly string[];
}

/** A systemd service and the program that it starts, which is no symbolic link. */
export interface ServiceProgram {
  /** For example `blog.service`. */
  readonly unit: string;
  /** Absolute. */
  readonly program: string;
}

/** The process that listens on a unix socket; or why it is not known. */
export type SocketPeer =
  | {
      readonly domain: string;
      /** For the user, for example `php-fpm (pid 771)`. */
      readonly process: string;
      /** True where no process was seen: the domain is the one that the service's program would get. */
      readonly assumed: boolean;
      /** The systemd service behind it, where its domain follows from the label of its program. */
      readonly service?: ServiceProgram;
    }
  | {
      readonly domain: null;
      readonly reason: string;
      /** True where a process listens that this user may not see. */
      readonly isHidden?: true;
      /** The domain of a service that systemd starts from an ordinary program of this host. */
      readonly usual?: string;
    };

/** Immutable; gathered for the paths that a configuration names. */
export interface HostState {
  readonly mode: Mode;
  /** Runtime values. One that differs from `facts.booleans` (the persistent value) will change at the next boot. */
  readonly booleans: ReadonlyMap<string, boolean>;
  /** `net.ipv4.ip_local_port_range`, inclusive. */
  readonly localPorts: readonly [low: number, high: number];
  readonly nginx: NginxDomain;
  /** Null, or left out, where the host has no nginx.service. */
  readonly unit?: NginxUnit | null;
  /** Types that restorecon leaves alone unless it is forced. */
  readonly customizableTypes: ReadonlySet<string>;
  /** What makes a policy of the host's facts answer as the host does now: runtime booleans, labels on disk. */
  readonly changes: readonly Change[];
  /** Label on disk of a path that was asked for, or of a directory above one; `unknown` for any other. */
  label(path: string): DiskLabel;
  /** Files in directories that were asked for, whose labels stand for those of all. */
  readonly contents?: readonly string[];
  /** What strays in directories that were asked for, by directory. */
  readonly strays?: ReadonlyMap<string, readonly Stray[]>;
  /** Where file systems are mounted with one label for all that is in them (`context=`): it cannot be changed. */
  readonly fixedLabels?: readonly string[];
  /** Where file systems are mounted; left out where that cannot be read. */
  readonly mounts?: readonly string[];
  /** The path that a path which was asked for stands for, symbolic links resolved; null where that is not known. */
  realPath(path: string): string | null;
  /** Domain of the process that listens on a unix socket that was asked for. */
  peer(socketPath: string): SocketPeer;
  /** Owners and modes on the way to the paths that were asked for; null where a copy does not carry them. */
  readonly permissions: HostPermissions | null;
}

/** A path that a configuration names, and what nginx takes it for. */
export interface NamedPath {
  /** Absolute, on the host: without the prefix of a copy. */
  readonly path: string;
  readonly kind: "sock" | "file" | "dir";
}

/** Everything in a HostState that is no function. */
export interface HostFacts {
  readonly mode: Mode;
  readonly booleans: ReadonlyMap<string, boolean>;
  readonly localPorts: readonly [low: number, high: number];
  readonly nginx: NginxDomain;
  readonly unit?: NginxUnit | null;
  readonly customizableTypes: ReadonlySet<string>;
  readonly labels: ReadonlyMap<string, DiskLabel>;
  /** Only of paths that are not their own real path. */
  readonly realPaths: ReadonlyMap<string, string | null>;
  readonly peers: ReadonlyMap<string, SocketPeer>;
  readonly contents?: readonly string[];
  readonly permissions?: HostPermissions | null;
  readonly strays?: ReadonlyMap<string, readonly Stray[]>;
  readonly fixedLabels?: readonly string[];
  readonly mounts?: readonly string[];
}

/** The label of a path that was not looked at. */
export const unasked: DiskLabel = { state: "unknown", reason: "this path was not asked for" };

/** The state of a host whose policy has these facts. */
export function hostStateOf(facts: PolicyFacts, host: HostFacts): HostState {
  const { labels, realPaths, peers, ...values } = host;
  return {
    ...values,
    permissions: host.permissions ?? null,
    changes: [...booleanChanges(facts, host.booleans), ...labelChanges(labels)],
    label: (path) => labels.get(path) ?? unasked,
    realPath: (path) => {
      const real = realPaths.get(path);
      return real === undefined && labels.has(path) ? path : (real ?? null);
    },
    peer: (path) => peers.get(path) ?? { domain: null, reason: "this socket was not asked for" },
  };
}

/** The same host with other runtime values: its labels, links and processes are as they were seen. */
export function withValues(
  state: HostState,
  facts: PolicyFacts,
  {
    mode,
    booleans,
    localPorts,
    customizableTypes,
  }: Pick<HostFacts, "mode" | "booleans" | "localPorts" | "customizableTypes">,
): HostState {
  const labels = state.changes.filter(({ kind }) => kind !== "boolean");
  const changes = [...booleanChanges(facts, booleans), ...labels];
  return { ...state, mode, booleans, localPorts, customizableTypes, changes };
}

function booleanChanges(facts: PolicyFacts, runtime: ReadonlyMap<string, boolean>): readonly Change[] {
  return [...runtime].flatMap(([name, value]) =>
    facts.booleans.has(name) && facts.booleans.get(name) !== value ? [{ kind: "boolean" as const, name, value }] : [],
  );
}

function labelChanges(labels: ReadonlyMap<string, DiskLabel>): readonly Change[] {
  return [...labels].flatMap(([path, label]) =>
    label.state === "present" ? [{ kind: "label" as const, path, type: label.type }] : [],
  );
}
