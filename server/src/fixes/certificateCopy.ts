/** A key or certificate in a home, below /root, or of another service: a copy where the system keeps them, which the configuration then names. */
import { nameOf, parentOf } from "../base/paths.ts";
import type { FixContext } from "./candidate.ts";
import { normalPath } from "./directories.ts";
import type { EditCandidate } from "./edit.ts";
import type { FileCopy } from "./fileCopy.ts";
import { solves } from "./replay.ts";

/** Where the distributions keep keys and certificates (cert_t in every release): Red Hat's, then Debian's. */
const TREES: readonly string[] = ["/etc/pki/tls", "/etc/ssl"];

/** A user's home, or root's. */
const HOME = /^\/(?:(?:var\/|export\/)?home\/[^/]+|root)\//u;

/** True for a path that only its user should have files at. */
export function isInHome(path: string): boolean {
  return HOME.test(normalPath(path) ?? "");
}

/** Names that say what a file is, not whose it is; the web server's packages bring `localhost`. */
const GENERIC_FILE =
  /^(?:cert|certificate|chain|fullchain|bundle|ca|ca-bundle|key|privkey|private|server|ssl|tls|localhost|dhparam|dh)$/iu;
const GENERIC_DIRECTORY = /^(?:certs?|certificates?|ssl|tls|keys?|pki|private|live|home|root|var|export)$/iu;
/** What needs no quotes in nginx.conf. */
const PLAIN = /^[A-Za-z0-9][A-Za-z0-9._-]*$/u;

/**
 * Paths for the copy of a key or certificate, the best one first; empty where its name would need quotes. A name like
 * `fullchain.pem` gets that of the nearest telling directory in front.
 */
export function copyPaths(path: string, isSecret: boolean): readonly string[] {
  const normal = normalPath(path);
  if (normal === null) return [];
  const leaf = nameOf(normal);
  if (!PLAIN.test(leaf)) return [];
  const directories = parentOf(normal).split("/").reverse();
  const telling = directories.find((each) => PLAIN.test(each) && !GENERIC_DIRECTORY.test(each));
  const longer = telling === undefined ? [] : [`${telling}-${leaf}`];
  const isGeneric = GENERIC_FILE.test(leaf.replace(/\.[^.]*$/u, ""));
  const names = isGeneric ? longer : [leaf, ...longer];
  return TREES.flatMap((tree) => names.map((name) => `${tree}/${isSecret ? "private" : "certs"}/${name}`));
}

/** The copy as a fix, with the edit that names it; nothing where nginx could not read it there either. */
export function certificateCopies(context: FixContext, copy: FileCopy): readonly EditCandidate[] {
  const { source } = context;
  const { from, to, isSecret } = copy;
  const query = { kind: "file", source, path: to, object: "file", use: "certificate", exists: null } as const;
  if (!solves(context, [query], { changes: [] })) return [];
  return [
    {
      id: "copy",
      tier: "copy",
      title: `Copy the ${isSecret ? "key" : "certificate"} to ${to} and name the copy in the configuration`,
      edit: { kind: "path", path: to },
      copy,
      changes: [],
      restore: null,
      durable: true,
      notes: () => [
        "Opens nothing: the web server reads keys and certificates there by default.",
        isRenewed(from)
          ? "What renews this certificate must install the copy too (acme.sh --install-cert, a deploy hook)."
          : "Whoever renews it must write the copy too.",
      ],
    },
  ];
}

function isRenewed(path: string): boolean {
  return /\/(?:\.acme\.sh|\.lego|letsencrypt|dehydrated|acme)\//u.test(path);
}
