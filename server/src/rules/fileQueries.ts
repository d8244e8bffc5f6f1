/** File accesses as questions to the policy. */
import { isWithin } from "../base/paths.ts";
import { normalPath } from "../fixes/directories.ts";
import type { FileAccess, FileUse } from "../nginx/access.ts";
import type { FileQuery } from "../selinux/query.ts";
import type { PolicyContext } from "./context.ts";
import { realPath } from "./realPath.ts";

/**
 * The questions that a file access puts; none where nothing of its path is known. Where variables leave the rest open,
 * everything below the static directory must have the same answer, so two questions are put: a file in the directory,
 * and one that lies deeper.
 */
export function fileQueries(access: FileAccess, context: PolicyContext): readonly FileQuery[] {
  const query = fileQuery(access, context);
  if (query === null) return [];
  if (access.path !== null) return access.certainty === "unknown" ? [] : [query];
  const directory = normalPath(query.path);
  return directory === null ? [] : [query, { ...query, path: `${directory}/some` }];
}

/** True for a directory of every system: it holds too many things for one answer about its content. */
export function isMixed({ object, path }: FileQuery): boolean {
  const directory = normalPath(path);
  return object === "dir" && directory !== null && MIXED.has(directory);
}

function fileQuery(access: FileAccess, context: PolicyContext): FileQuery | null {
  const { source } = context;
  const use = useOf(access, context);
  if (access.path !== null) {
    const { path, object } = access;
    if (access.kind === "write" && isRemoved(path, context))
      return { kind: "file", source, path: realPath(path, context), object, use, exists: false, isRemoved: true };
    return { kind: "file", source, path: realPath(path, context), object, use, exists: existsOnDisk(path, context) };
  }
  if (access.below === null) return null;
  return { kind: "file", source, path: realPath(access.below, context), object: "dir", use, exists: true };
}

/**
 * What is renamed into a place on the same file system keeps its label. Where the host mounts something between the two,
 * nginx copies the file into the place, as if it had made it there (`ngx_ext_rename_file`).
 */
function useOf({ use, path, from }: FileAccess, { host }: PolicyContext): FileUse {
  const inPlace = usedInPlace(use);
  if (inPlace === use || path === null || host?.mounts === undefined) return use;
  const target = mountOf(path, host.mounts);
  const sources = from === undefined ? DEFAULT_TEMPORARY : [from];
  return sources.every((source) => mountOf(source, host.mounts ?? []) !== target) ? inPlace : use;
}

/** The use of what is made in its place, for one whose files are renamed into it; any other is itself. */
export function usedInPlace(use: FileUse): FileUse {
  return IN_PLACE[use] ?? use;
}

const IN_PLACE: Readonly<Partial<Record<FileUse, FileUse>>> = {
  "cache-moved": "cache",
  "dav-moved": "dav",
  "store-moved": "store",
};

/** Where the packages of distributions and of nginx.org have their temporary directories. */
const DEFAULT_TEMPORARY = ["/var/lib/nginx", "/var/cache/nginx"];

/** The mount that holds a path: the innermost one. */
function mountOf(path: string, mounts: readonly string[]): string {
  let found = "/";
  for (const mount of mounts) if (mount.length > found.length && isWithin(path, [mount])) found = mount;
  return found;
}

/** True for a file that the unit of the host's nginx removes before each start. */
function isRemoved(path: string, { host }: PolicyContext): boolean {
  const inRun = (each: string): string => each.replace(/^\/var\/run\//, "/run/");
  return host?.unit?.removes.some((each) => inRun(each) === inRun(path)) === true;
}

/** Whether a path exists; null where no host is asked or the host does not tell. */
function existsOnDisk(path: string, { host }: PolicyContext): boolean | null {
  const state = host?.label(path).state;
  return state === "present" ? true : state === "missing" ? false : null;
}

const MIXED: ReadonlySet<string> = new Set([
  "/",
  "/home",
  "/var",
  "/usr",
  "/run",
  "/mnt",
  "/media",
  "/var/lib",
  "/opt",
]);
