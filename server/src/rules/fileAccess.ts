/** The part that read-path and write-path have in common. */
import { isSourceBuild, normalPath } from "../fixes/directories.ts";
import { fileFixes } from "../fixes/offer.ts";
import type { Fix } from "../fixes/fix.ts";
import { quoteWord } from "../fixes/quote.ts";
import type { FileAccess } from "../nginx/access.ts";
import { decide } from "../selinux/decide.ts";
import type { Decision, FileQuery } from "../selinux/query.ts";
import { isMixed } from "./fileQueries.ts";
import { LazyVerdict } from "./lazyVerdict.ts";
import { confidence, evidence, releaseName, sentences, unwritable } from "./phrases.ts";
import type { Confidence } from "./phrases.ts";
import type { Asked } from "./asked.ts";
import type { RuleContext } from "./context.ts";
import type { Severity } from "../base/severity.ts";
import type { Verdict } from "./rule.ts";

/** What read-path and write-path say of an access; null where it is allowed or not known. */
export function judgeFile({ access, queries }: Asked, context: RuleContext, severity: Severity): Verdict | null {
  if (access.protocol !== "file") return null;
  const files = queries.filter((each) => each.kind === "file");
  const [query] = files;
  if (query === undefined || isMixed(query)) return null;
  // What does not exist cannot be read, whatever its label would be: nginx says so, and SELinux is not asked.
  if (access.kind === "read" && query.exists === false) return null;
  const decisions = files.map((each) => decide(context.policy, each, context));
  const decision = decisions[0];
  if (decision === undefined || decisions.some((each) => each.verdict !== "denied")) return null;
  const sure = confidence(context, known(access), severity, decision.exact && access.path !== null);
  const built = isSourceBuild(query.path);
  return new LazyVerdict({
    decision,
    severity: built && sure.severity !== "hint" ? "information" : sure.severity,
    message: sentences(
      `SELinux ${sure.verb} refuse this: ${refusal(access, query, decision, context)} (${consequence(access, decision, sure)}).`,
      built ? SOURCE_BUILD : "",
      sure.remark,
    ),
    fixes: () => fileFixes(context, files),
    because: (fixes) => evidence(decision, access, ...unwritable(query.path), ...noFix(query, fixes)),
  });
}

/** What is below a static directory is known as well as one of several values is. */
function known(access: FileAccess): FileAccess {
  return access.path === null ? { ...access, certainty: "one-of" } : access;
}

function refusal(access: FileAccess, query: FileQuery, decision: Decision, context: RuleContext): string {
  const { cls, permission, target, exact } = decision;
  const { source, policy } = context;
  const release = releaseName(policy.facts.info);
  const type = target ?? "unknown";
  const byDefault = exact ? "" : " by default";
  const where =
    access.path === null
      ? `what is below ${query.path}`
      : `${query.path}${isLink(access, query) ? ` behind ${access.path}` : ""}`;
  if (cls === "dir" && permission === "search") {
    return `a directory above ${where} is labelled ${type} and ${source} may not search it on ${release}`;
  }
  const isDirectory = cls === "dir";
  const whose =
    isDirectory === (query.object === "dir")
      ? where
      : isDirectory
        ? `the directory of ${where}`
        : `what is in ${where}`;
  return `${whose} is labelled ${type}${byDefault} and ${source} may not ${ACTS[permission ?? ""] ?? permission ?? ""} ${
    isDirectory ? "such a directory" : "such a file"
  } on ${release}`;
}

/** True where a symbolic link leads elsewhere; a slash at the end does not. */
function isLink({ path }: FileAccess, query: FileQuery): boolean {
  return path !== null && normalPath(path) !== normalPath(query.path);
}

/** Permissions as verbs of what nginx does. */
const ACTS: Readonly<Record<string, string>> = {
  open: "open",
  read: "read",
  getattr: "look at",
  map: "map",
  execute: "execute",
  append: "append to",
  write: "write to",
  create: "create",
  rename: "rename",
  unlink: "remove",
  add_name: "add files to",
  remove_name: "remove files from",
};

const DENIED = '"13: Permission denied"';
const NO_START = `nginx logs ${DENIED} and does not start; "nginx -t" as root passes all the same`;

/** What a user sees of it. */
function consequence({ use, by, kind }: FileAccess, { cls }: Decision, { verb }: Confidence): string {
  const may = verb === "will" ? "" : "then ";
  if (use === "include" && cls === "dir") return `${may}nginx starts without these files, and says nothing`;
  if (use === "chdir") return `${may}nginx logs ${DENIED} and each worker exits, so that no request is answered`;
  if (by === "master") return may + NO_START;
  switch (use) {
    case "content":
    case "listing":
      return `${may}nginx logs ${DENIED} and answers 403`;
    case "log":
      return `${may}nginx logs ${DENIED} and the entries are lost`;
    case "certificate":
      return `${may}nginx logs ${DENIED} and the handshake fails`;
    case "store":
    case "store-moved":
      return `${may}nginx logs ${DENIED} and stores nothing`;
    default:
      return `${may}nginx logs ${DENIED} and ${kind === "read" ? "the request fails with 403 or 500" : "the request fails with 500"}`;
  }
}

const SOURCE_BUILD =
  "An nginx that was built into /usr/local is not confined if systemd starts it from there: then nothing is refused.";

/** Where the files belong, for a place that must keep its label. */
function noFix({ use, path }: FileQuery, fixes: readonly Fix[]): readonly string[] {
  if (fixes.some((fix) => fix.durable) || !quoteWord(path).ok) return [];
  return [
    `the label of this place is left alone, for others need it as it is; ${HOMES[use]} would be right by default`,
  ];
}

const HOMES: Readonly<Record<FileQuery["use"], string>> = {
  config: "/etc/nginx",
  include: "/etc/nginx",
  certificate: "/etc/pki/tls or /etc/nginx",
  code: "/etc/nginx",
  content: "/var/www or /usr/share/nginx",
  listing: "/var/www or /usr/share/nginx",
  "dav-moved": "a directory of its own below /srv or /var/www with the label httpd_sys_rw_content_t",
  chdir: "/var/lib/nginx",
  dav: "a directory of its own below /srv or /var/www with the label httpd_sys_rw_content_t",
  log: "/var/log/nginx",
  cache: "/var/cache/nginx",
  "cache-moved": "/var/cache/nginx",
  temp: "/var/lib/nginx",
  "store-moved": "a directory of its own below /var/www with the label httpd_sys_rw_content_t",
  store: "a directory of its own below /var/www with the label httpd_sys_rw_content_t",
  pid: "/run/nginx.pid",
  module: "/usr/lib64/nginx/modules",
};
