/** The process at the other end of a unix socket, as a question to the policy: the one place where it is made. */
import { decisionWith } from "../selinux/conclude.ts";
import { SHARED_DIRECTORY_TYPES } from "../fixes/purpose.ts";
import type { Access, ConnectSocket } from "../nginx/access.ts";
import { decide } from "../selinux/decide.ts";
import type { SocketPeer } from "../selinux/host/hostState.ts";
import type { Decision, PeerQuery } from "../selinux/query.ts";
import type { RuleContext } from "./context.ts";
import { isTemporary } from "./phrases.ts";
import { isFastcgi, isSocketConnect, SERVICE_DOMAIN } from "./sockets.ts";

/** The question about the other end of a socket, and its answer. */
export interface AskedPeer {
  readonly query: PeerQuery;
  /** Inexact where the process was not seen. */
  readonly decision: Decision;
  /** The process that listens; null where its domain is an assumption about services of the usual kind. */
  readonly found: KnownPeer | null;
  /** Why the process that listens was not seen although there is one; null where there is none or it was seen. */
  readonly hidden: string | null;
}

type KnownPeer = Extract<SocketPeer, { readonly domain: string }>;

/** Null where the policy is not asked: no socket, nginx's own socket, or a service that is not known to be usual. */
export function peerOf(access: Access, context: RuleContext): AskedPeer | null {
  if (!isSocketConnect(access) || access.path === null || access.certainty === "unknown") return null;
  const { policy, source, host, ownSockets } = context;
  // nginx's own domain answers on a socket that nginx listens on.
  if (ownSockets.has(policy.facts.canonicalPath(access.path))) return null;
  const peer = host?.peer(access.path);
  const found = peer === undefined || peer.domain === null ? null : peer;
  if (found === null && !isUsualService(access, access.path, context)) return null;
  const unseen = peer === undefined || peer.domain !== null ? null : peer;
  const domain = found?.domain ?? unseen?.usual ?? SERVICE_DOMAIN;
  const query = { kind: "connect-peer", source, peer: domain, socket: access.socket } as const;
  const exact = found !== null && !found.assumed;
  const hidden = unseen?.isHidden === true ? unseen.reason : null;
  return { query, decision: decisionWith(decide(policy, query, context), { exact }), found, hidden };
}

/**
 * Why nothing is known of a php-fpm that listens, where that matters: this user may not see it, and in the domain of an
 * ordinary service of this host it would be refused. Null for all others.
 */
export function hiddenPhp(access: ConnectSocket, context: RuleContext): string | null {
  const { policy, source, host, ownSockets } = context;
  if (access.path === null || !isFastcgi(access) || ownSockets.has(policy.facts.canonicalPath(access.path)))
    return null;
  const peer = host?.peer(access.path);
  if (peer === undefined || peer.domain !== null || peer.isHidden !== true || peer.usual === undefined) return null;
  const query = { kind: "connect-peer", source, peer: peer.usual, socket: access.socket } as const;
  if (decide(policy, query, context).verdict !== "denied") return null;
  return `${peer.reason}, so its domain is not checked; root can: sudo nginx-selinux check`;
}

/** What users and their applications make in homes. */
const HOMES: readonly string[] = ["user_home_t", "user_home_dir_t", "admin_home_t"];

/**
 * Whether the other end may be a service of the usual kind: HTTP or the like, over a socket with a generic label.
 * php-fpm is not, nor is a service whose socket has a type of its own (`mysqld_var_run_t`): its domain is its own too.
 */
function isUsualService(access: ConnectSocket, path: string, { policy }: RuleContext): boolean {
  if (access.socket === "dgram" || isFastcgi(access) || isTemporary(path)) return false;
  // Sockets of php-fpm, and those that nginx makes for itself in another file than is seen here.
  if (/php|\/nginx\//iu.test(path)) return false;
  const { type } = policy.label(path, "sock");
  return type === null || type.startsWith("httpd_") || SHARED_DIRECTORY_TYPES.includes(type) || HOMES.includes(type);
}
