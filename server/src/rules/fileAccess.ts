/** The part that read-path and write-path have in common. */
import { isWithin } from "../base/paths.ts";
import { isSourceBuild, normalPath } from "../fixes/directories.ts";
import { fileFixes } from "../fixes/offer.ts";
import { relabels, type Fix } from "../fixes/fix.ts";
import { quoteWord } from "../fixes/quote.ts";
import type { FileAccess } from "../nginx/access.ts";
import { decide } from "../selinux/decide.ts";
import { fileNeeds } from "../selinux/filePermissions.ts";
import type { Decision, FileQuery } from "../selinux/query.ts";
import { isMixed } from "./fileQueries.ts";
import { lazyVerdict } from "./lazyVerdict.ts";
import { NO_PROOF, NO_START, refusalMessage, shortPath } from "./message.ts";
import { confidence, evidence, unwritable } from "./phrases.ts";
import type { Asked } from "./asked.ts";
import { leftByRoot } from "./rootMade.ts";
import type { RuleContext } from "./context.ts";
import type { Severity } from "../base/severity.ts";
import type { Verdict } from "./rule.ts";

/** What read-path and write-path say of an access; null where it is allowed or not known. */
export function judgeFile(asked: Asked, context: RuleContext, severity: Severity): Verdict | null {
  const { access } = asked;
  if (access.protocol !== "file") return null;
  const files = asked.queries.filter((each) => each.kind === "file");
  const [query] = files;
  if (query === undefined || isMixed(query)) return null;
  const refusal = refusalOf(access, files, asked.answers, context, severity);
  return refusal ?? strayRefusal(access, query, context, severity);
}

/** What lies among other files and is refused, where they are not: moved into a document root, with the label that it had. */
function strayRefusal(access: FileAccess, query: FileQuery, context: RuleContext, severity: Severity): Verdict | null {
  if (access.use !== "content" || query.object !== "dir") return null;
  for (const { path, kind } of context.host?.strays?.get(query.path) ?? []) {
    const stray = { ...access, path, below: null, object: kind };
    const asked = { ...query, path, object: kind, exists: true };
    const refusal = refusalOf(stray, [asked], [decide(context.policy, asked, context)], context, severity);
    if (refusal !== null) return refusal;
  }
  return null;
}

/** The verdict on an access whose questions are all refused; else null. `decisions`: the answers to `files`. */
function refusalOf(
  access: FileAccess,
  files: readonly FileQuery[],
  decisions: readonly Decision[],
  context: RuleContext,
  severity: Severity,
): Verdict | null {
  const [query] = files;
  if (query === undefined) return null;
  // What does not exist cannot be read, whatever its label would be: nginx says so, and SELinux is not asked.
  if (access.kind === "read" && query.exists === false) return null;
  const decision = decisions[0];
  if (decision === undefined || decisions.some((each) => each.verdict !== "denied")) return null;
  const sure = confidence(context, known(access), severity, decision.exact && access.path !== null);
  // The domain of a running host's nginx is known.
  const built = isSourceBuild(query.path) && context.host?.nginx.domain !== context.policy.facts.domain;
  const failing: FileAccess = isMadeAlready(access, query, context) ? { ...access, by: "worker" } : access;
  const isFixed = isWithin(query.path, context.host?.fixedLabels ?? []);
  const advice = [
    ...(isFixed ? [FIXED_LABEL] : []),
    ...(built ? [SOURCE_BUILD] : []),
    ...restoreAdvice(query, files, context),
    ...leftByRoot(access, query, context),
    ...(context.host === null && access.by === "worker" ? homeAdvice(query) : []),
    ...(failing.by === "master" && access.use !== "include" && access.use !== "chdir" ? [NO_PROOF] : []),
  ];
  const seen = consequence(failing, decision);
  return lazyVerdict({
    decision,
    stops: seen === NO_START,
    severity: built && sure.severity !== "hint" ? "information" : sure.severity,
    message: () =>
      refusalMessage(
        {
          target: targetOf(access, query),
          label: labelOf(access, query, decision),
          act: ACTS[decision.permission ?? ""] ?? "use",
          consequence: seen,
          advice,
        },
        sure,
        context.policy.facts.info,
      ),
    fixes: () => {
      const fixes = fileFixes(context, files, access.besideProgram === true, decisions);
      return fixes.filter((fix) => !isFixed || !relabels(fix));
    },
    because: (fixes) => evidence(decision, access, ...unwritable(query.path), ...noFix(query, fixes), ...advice),
  });
}

/** What is below a static directory is known as well as one of several values is. */
function known(access: FileAccess): FileAccess {
  return access.path === null ? { ...access, certainty: "one-of" } : access;
}

/** The path, or the place below which the files lie. */
function targetOf(access: FileAccess, { path }: FileQuery): string {
  return access.path === null ? `files below ${shortPath(path)}` : shortPath(path);
}

/** The label that decides, where it is another object's than the path's, and the link that leads there. */
function labelOf(access: FileAccess, query: FileQuery, { cls, permission, target }: Decision): string {
  const type = target ?? "unknown";
  const isDirectory = cls === "dir";
  const label =
    isDirectory && permission === "search"
      ? `${type} above it`
      : access.path === null || isDirectory === (query.object === "dir")
        ? type
        : isDirectory
          ? `in ${type}`
          : `files in it: ${type}`;
  return isLink(access, query) ? `${label}, behind ${shortPath(access.path ?? "")}` : label;
}

/** The label that the policy has for this place, where it would be allowed with it: it was moved here, or made elsewhere. */
function restoreAdvice(
  { path, object }: FileQuery,
  files: readonly FileQuery[],
  context: RuleContext,
): readonly string[] {
  if (context.host?.label(path).state !== "present") return [];
  const restored = context.policy.with([{ kind: "restore", path }]);
  if (files.some((file) => decide(restored, file, context).verdict !== "allowed")) return [];
  return [`it should have ${restored.label(path, object).type ?? "another label"}: run restorecon`];
}

/** True where a symbolic link leads elsewhere; a slash at the end does not. */
function isLink({ path }: FileAccess, query: FileQuery): boolean {
  return path !== null && normalPath(path) !== normalPath(query.path);
}

/** Permissions as acts of nginx. */
const ACTS: Readonly<Record<string, string>> = {
  open: "opening",
  read: "reading",
  getattr: "look-up",
  map: "mapping",
  execute: "execution",
  append: "appending",
  write: "writing",
  create: "new file",
  rename: "renaming",
  unlink: "removal",
  search: "search",
  add_name: "new file",
  remove_name: "removal",
};

/**
 * True for a directory that the master would make and that is there: it only looks it up, and the workers write in it.
 * One that is another user's it gives to theirs, which is refused as the writing is (`ngx_create_paths` in ngx_file.c).
 */
function isMadeAlready({ path }: FileAccess, { use, object, exists }: FileQuery, { host }: RuleContext): boolean {
  if (exists !== true || object !== "dir" || fileNeeds(use).makes?.itself !== true) return false;
  if (host === null || host.permissions === null || path === null) return true;
  const { ways, worker, master } = host.permissions;
  const there = ways.get(path)?.at(-1);
  const changesOwner = there?.state === "seen" && worker.uid !== null && there.uid !== worker.uid && master.uid === 0;
  return !changesOwner;
}

/** A main clause: what a user sees of it. */
export function consequence({ use, by, kind, fails }: FileAccess, { cls }: Pick<Decision, "cls">): string {
  if (fails !== undefined) return fails;
  if (use === "include" && cls === "dir") return "nginx starts without these files";
  if (use === "chdir") return "each worker exits";
  if (by === "master") return NO_START;
  switch (use) {
    case "content":
    case "listing":
      return "requests get 403";
    case "log":
      return "the entries are lost";
    case "certificate":
      return "handshakes fail";
    case "store":
    case "store-moved":
      return "nothing is stored";
    default:
      return kind === "read" ? "requests get 403 or 500" : "requests get 500";
  }
}

/** No label helps where the mode of the home refuses (`HOME_MODE` of login.defs in RHEL 8 and newer, `UMASK` before). */
function homeAdvice({ path }: FileQuery): readonly string[] {
  const home = /^\/home\/[^/]+/u.exec(path)?.[0];
  return home === undefined ? [] : ["RHEL's homes are 0700: nginx must get through as well (setfacl -m u:nginx:x)"];
}

const FIXED_LABEL = "the mount gives everything in it this label: change its option context=";
const SOURCE_BUILD = "nothing is refused if systemd starts an nginx that was built into /usr/local: it is not confined";

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
  program: "/usr/local/bin",
};
