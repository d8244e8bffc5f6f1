/** What helps against a refusal, from the one engine of fixes, replayed on the policy. */
import { memo } from "../base/memo.ts";
import { isWithin } from "../base/paths.ts";
import { directoryNamed, isBind, type Refusal } from "../denials/gather.ts";
import type { Subject } from "../denials/subject.ts";
import { fixWith, relabels, type Fix } from "../fixes/fix.ts";
import {
  bindPortFixes,
  connectPeerFixes,
  connectPortFixes,
  connectSocketFixes,
  fileFixes,
  limitFixes,
  permissionFixes,
} from "../fixes/offer.ts";
import type { Access, FileAccess, FileUse } from "../nginx/access.ts";
import type { RuleContext } from "../rules/context.ts";
import { usedInPlace } from "../rules/fileQueries.ts";
import { isSocketConnect } from "../rules/sockets.ts";
import { ALL_HOMES } from "../fixes/purpose.ts";
import { isSharedParent } from "../fixes/directories.ts";
import { anyFileIn } from "../selinux/decideFile.ts";
import type { Change, Policy } from "../selinux/policy.ts";
import type { FileQuery } from "../selinux/query.ts";

/** Fixes for a record of the kernel, best first. `place`: the access that it was, where one explains it. */
export function fixesFor({ subject }: Refusal, place: Access | null, context: RuleContext): readonly Fix[] {
  const { target, cls, permissions, path, protocol } = subject;
  const { source } = context;
  const port = subject.port ?? portOf(place);
  if (permissions.includes("name_connect") && port !== null && protocol !== null && protocol !== "unix")
    return connectPortFixes(context, { kind: "connect-port", source, protocol, port });
  if (isBind(permissions) && port !== null && protocol !== null && protocol !== "unix")
    return bindPortFixes(context, [{ kind: "bind-port", source, protocol, port }]);
  if (permissions.includes("setrlimit")) return limitFixes(context, { kind: "set-limit", source });
  if (target === null || cls === null || isHarmless(permissions)) return [];
  if (cls === "unix_stream_socket" && permissions.includes("connectto"))
    return connectPeerFixes(
      context,
      { kind: "connect-peer", source, peer: target, socket: "stream" },
      servicePeer(path, context),
    );
  if (cls === "unix_dgram_socket" && permissions.includes("sendto"))
    return connectPeerFixes(
      context,
      { kind: "connect-peer", source, peer: target, socket: "dgram" },
      servicePeer(path, context),
    );
  const known = path ?? pathAt(place, subject);
  if (cls === "sock_file" && known !== null)
    return connectSocketFixes(context, { kind: "connect-socket", source, path: known });
  // A directory on the way to a socket: what `check` offers for the socket, since a label for files would not help.
  if (cls === "dir" && place !== null && isSocketConnect(place) && place.path !== null)
    return connectSocketFixes(context, { kind: "connect-socket", source, path: place.path });
  if ((cls === "file" || cls === "dir" || cls === "lnk_file") && known !== null) {
    const isFixed = isWithin(known, context.host?.fixedLabels ?? []);
    const some = fileFixes(context, queriesFor(known, cls, place, permissions, context));
    const fixes = isFixed ? some.filter((fix) => !relabels(fix)) : some;
    const meant = isInHome(known) ? fixes : fixes.filter((fix) => !opensHomes(fix));
    if (meant.length > 0) return meant;
  }
  return permissionFixes(context, { target, cls, permissions });
}

/** The path of an object whose record says only the name, where its place tells the rest. */
export function pathAt(place: Access | null, { name, cls }: Subject): string | null {
  if (place === null || !("path" in place) || place.path === null) return null;
  const { path } = place;
  if (name === null || path.endsWith(`/${name}`)) return path;
  if (cls === "dir") return directoryNamed(path, name) ?? path;
  return place.protocol === "file" && place.object === "dir" ? `${path.replace(/\/+$/u, "")}/${name}` : path;
}

/** The boolean for homes opens the file, and every user's with it: outside of a home its label is what is wrong. */
function opensHomes({ changes }: Fix): boolean {
  return changes.some((change) => change.kind === "boolean" && change.name === ALL_HOMES);
}

const HOME = /^\/(?:home|var\/home|export\/home)\/[^/]+(?:\/|$)/u;

/** True for a path in the home of a user, where homes usually are. */
export function isInHome(path: string): boolean {
  return HOME.test(path);
}

/** A rule or a table has the type of the port alone: the place has its number. */
function portOf(place: Access | null): number | null {
  return place !== null && (place.protocol === "tcp" || place.protocol === "udp") ? place.port : null;
}

/** Asking whether a log is a terminal: nothing of nginx needs it. */
function isHarmless(permissions: readonly string[]): boolean {
  return permissions.every((permission) => permission === "ioctl");
}

function servicePeer(
  path: string | null,
  { host }: RuleContext,
): { readonly unit: string; readonly program: string } | null {
  const peer = path === null || host === null ? null : host.peer(path);
  return peer === null || peer.domain === null ? null : (peer.service ?? null);
}

/** The file itself, and what is in the directory that the configuration names. */
function queriesFor(
  path: string,
  cls: string,
  place: Access | null,
  permissions: readonly string[],
  { source }: RuleContext,
): readonly FileQuery[] {
  const use = place?.protocol === "file" ? useAt(place, cls, permissions) : useOf(path, cls, permissions);
  const own: FileQuery = {
    kind: "file",
    source,
    path,
    object: cls === "dir" ? "dir" : "file",
    use,
    exists: !permissions.includes("create"),
  };
  if (place?.protocol !== "file") return [own];
  const directory = place.below ?? (place.object === "dir" ? place.path : null);
  if (directory === null || directory === path || isSharedParent(directory)) return [own];
  return [{ ...own, path: directory, object: "dir", exists: true }, ...(cls === "file" ? [own] : [])];
}

/** What nginx makes in a place to which it was to rename something lies on another file system: it is copied there. */
function useAt({ use }: FileAccess, cls: string, permissions: readonly string[]): FileUse {
  return cls === "file" && permissions.some((each) => MAKES.has(each)) ? usedInPlace(use) : use;
}

/** Permissions on a file that no rename asks for (`ngx_copy_file`). */
const MAKES: ReadonlySet<string> = new Set(["create", "write"]);

/** A general label that nginx may not use: stands for one that is not known, but is not the default. */
const FOREIGN = "default_t";

/**
 * Fixes for a file that is refused although its default label would do: it has another one, which the line does not say.
 * Those that help whatever that label is. The same for all files of a directory with the same default label.
 */
export function foreignLabelFixes(
  path: string,
  use: FileUse,
  place: Access | null,
  context: RuleContext,
): readonly Fix[] {
  const named = place?.protocol === "file" ? (place.below ?? (place.object === "dir" ? place.path : null)) : null;
  const above = path.slice(0, path.lastIndexOf("/"));
  const directory = named !== null && !isSharedParent(named) ? named : isSharedParent(above) ? null : above;
  if (directory === null) return foreignFixes(path, null, use, context);
  const { policy } = context;
  const known = memo(foreign, policy, () => new Map<string, readonly Fix[]>());
  const key = [directory, use, policy.label(path, "file").type].join("\0");
  return memo(known, key, () => foreignFixes(path, directory, use, context));
}

const foreign = new WeakMap<Policy, Map<string, readonly Fix[]>>();

function foreignFixes(path: string, directory: string | null, use: FileUse, context: RuleContext): readonly Fix[] {
  const { source, policy } = context;
  const paths = directory === null ? [path] : [directory, anyFileIn(directory), path];
  const changes: readonly Change[] = paths.map((each) => ({ kind: "label", path: each, type: FOREIGN }));
  const own: FileQuery = { kind: "file", source, path, object: "file", use, exists: true };
  const queries: readonly FileQuery[] = directory === null ? [own] : [{ ...own, path: directory, object: "dir" }, own];
  const fixes = fileFixes({ ...context, policy: policy.with(changes) }, queries);
  // The label that is there is not known, so nothing is said of it, and nothing gives it back.
  return fixes
    .filter(({ id }) => id !== "chcon")
    .map((fix) =>
      fix.id === "restorecon"
        ? fixWith(fix, { title: fix.title.replace(/: default_t becomes (\w+)$/u, " ($1)"), undo: [] })
        : fix,
    );
}

/** What nginx does with a file that no place of the configuration names, from its name and the permission. */
export function useOf(path: string, cls: string | null, permissions: readonly string[]): FileUse {
  if (path.endsWith(".pid")) return "pid";
  if (/\.(?:pem|key|crt|cer|crl)$/u.test(path)) return "certificate";
  if (path.endsWith(".so")) return "module";
  if (path.endsWith(".conf") || /\/\.?htpasswd/u.test(path)) return "config";
  const writes = permissions.some((each) =>
    /^(?:write|append|create|unlink|rename|add_name|remove_name|setattr|mkdir|pwrite|chown)$/u.test(each),
  );
  if (/\.log(?:$|\.)|\/logs?\//u.test(path) || permissions.includes("append")) return "log";
  if (!writes) return cls === "dir" && permissions.includes("read") ? "listing" : "content";
  if (/\/(?:[a-z_]*temp|tmp|client_body|proxy|fastcgi|uwsgi|scgi)\//u.test(path)) return "temp";
  return /cache/u.test(path) ? "cache" : "store";
}
