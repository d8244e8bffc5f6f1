/** What nginx will do to the system when it runs a configuration. Knows nothing of SELinux. */
import type { Span } from "../base/text.ts";

/** A stretch of text in one file of a configuration. */
export interface Place {
  /** Index into `Configuration.files`. */
  readonly file: number;
  readonly span: Span;
}

/** One step of the chain that leads to an access: `proxy_pass http://app` -> `server 127.0.0.1:3000`. */
export interface Step extends Place {
  /** Directive name, for example `proxy_pass`. */
  readonly directive: string;
}

/**
 * How sure it is that nginx will do this:
 * `certain`; `one-of` (a variable has a known set of values, this is one); `unknown` (see `reason`).
 */
export type Certainty = "certain" | "one-of" | "unknown";

interface AccessBase extends Place {
  /** Directive that holds the place which must change: `proxy_pass`, `server`, `listen`. */
  readonly directive: string;
  /** The pass directives that lead here; empty where the place itself is the beginning. Shared between accesses. */
  readonly via: readonly Step[];
  readonly certainty: Certainty;
  /** Why it is not certain, in words for the user. */
  readonly reason?: string;
  /** Set where the directive is not known here, or runs something else than nginx: its certainty is `unknown`. */
  readonly unchecked?: true;
  /** What fails where this is refused; left out for a request over HTTP, and for what the use of a file tells. */
  readonly fails?: Failing;
}

/**
 * What fails where nginx may not do something, in words for the user. A request that is passed on over HTTP gets an error
 * page; clients of other protocols, and services that nginx uses by itself, see something else.
 */
export type Failing =
  | "clients' connections are closed"
  | "logins fail"
  | "handshakes of clients fail"
  | "no OCSP response is stapled"
  | "names are not resolved"
  | "streams are not relayed"
  | "its clients are turned away"
  | "nothing is recorded"
  | "the program does not run"
  | "traces are lost"
  | "no certificate is issued"
  | "servers count as failed"
  | "the list of servers stays as it is"
  | "zones are not shared"
  | "usage reports fail"
  | "messages are not relayed"
  | "applications start late"
  | "fetches fail"
  | "nginx does not start";

/** An outgoing connection to a port. `host` as written without brackets; `port` null where it is not known statically. */
export interface ConnectPort extends AccessBase {
  readonly kind: "connect";
  readonly protocol: "tcp" | "udp";
  readonly host: string | null;
  readonly port: number | null;
}

/** An outgoing connection to a unix socket. `path` null where it is not known statically. */
export interface ConnectSocket extends AccessBase {
  readonly kind: "connect";
  readonly protocol: "unix";
  readonly path: string | null;
  /** `dgram`: single datagrams, as for syslog. */
  readonly socket: "stream" | "dgram";
}

/** A listening port. `host` `*` for a bare port; a range such as `8000-8010` is one access with `port`..`lastPort`. */
export interface BindPort extends AccessBase {
  readonly kind: "bind";
  readonly protocol: "tcp" | "udp";
  readonly host: string | null;
  /** Null where it is not known statically; 0 where the kernel picks one. */
  readonly port: number | null;
  /** Last port of a range, equal to `port` otherwise. */
  readonly lastPort: number | null;
  /** Set for the local address of outgoing connections (`proxy_bind`): a worker binds it for each request. */
  readonly outgoing?: true;
}

/** A listening unix socket. */
export interface BindSocket extends AccessBase {
  readonly kind: "bind";
  readonly protocol: "unix";
  readonly path: string | null;
}

/**
 * What nginx does with a file; it decides the permissions that are needed. `-moved`: the file is made in a directory for
 * temporary files and renamed into this one, keeping its label (`ngx_ext_rename_file`). `include`: files that a wildcard
 * finds. `chdir`: the directory in which the workers run. `program`: it is executed.
 */
export type FileUse =
  | "config"
  | "include"
  | "certificate"
  | "code"
  | "content"
  | "listing"
  | "dav"
  | "dav-moved"
  | "log"
  | "cache"
  | "cache-moved"
  | "temp"
  | "store"
  | "store-moved"
  | "pid"
  | "chdir"
  | "module"
  | "program";

/** Something that nginx opens, lists or makes in the file system. */
export interface FileAccess extends AccessBase {
  readonly kind: "read" | "append" | "write";
  readonly protocol: "file";
  /** Absolute path (relative ones resolved against prefix or conf prefix); null where not known statically. */
  readonly path: string | null;
  /**
   * Where variables leave the rest open: the static directory, `/srv/www` of `/srv/www/$host`. Null where nothing is
   * known, and where the path is.
   */
  readonly below: string | null;
  readonly object: "file" | "dir";
  readonly use: FileUse;
  /** Of a use with `-moved`: the directory for temporary files that a directive names; left out for that of nginx's build. */
  readonly from?: string;
  /** Set for a document root `.../public` of a server that passes to php-fpm and the like: the program is beside it. */
  readonly besideProgram?: true;
  /**
   * Who does it: the master at load (nginx does not start) or a worker at request time (403, 500, 502). Both run in
   * nginx's domain.
   */
  readonly by: "master" | "worker";
}

/** A limit that nginx sets, soft and hard, `worker_rlimit_nofile`: `setrlimit` of nginx on itself. */
export interface LimitAccess extends AccessBase {
  readonly kind: "limit";
  readonly protocol: "process";
  /** RLIMIT_NOFILE, or RLIMIT_CORE in bytes. */
  readonly resource: "nofile" | "core";
  /** Null where the word is no number to nginx. */
  readonly amount: number | null;
}

/** A right of its own process that nginx makes use of, whatever the object is. */
export interface RightAccess extends AccessBase {
  readonly kind: "capability";
  readonly protocol: "process";
  /** CAP_NET_RAW, for addresses that are not this host's; memory that is written and executed. */
  readonly right: "net_raw" | "execmem";
}

export type Access = ConnectPort | ConnectSocket | BindPort | BindSocket | FileAccess | LimitAccess | RightAccess;

/** The user that the workers become: the `user` directive. */
export interface WorkerUser {
  readonly name: string;
  /** Null for the group of the user's name. */
  readonly group: string | null;
}
