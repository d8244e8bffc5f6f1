/** What a use of files needs: the permissions that the kernel checks, each on the label that it is checked on. */

/** What a server does with files. It decides the permissions; the names are those of the uses, not of directives. */
export const fileUses = [
  "config",
  "include",
  "certificate",
  "code",
  "content",
  "listing",
  "dav",
  "dav-moved",
  "log",
  "cache",
  "cache-moved",
  "temp",
  "store",
  "store-moved",
  "pid",
  "chdir",
  "module",
  "program",
] as const;
export type FileUse = (typeof fileUses)[number];

/** Permissions of class `file` and class `dir`; empty where nothing of the kind is asked. */
export interface FileNeeds {
  /** On a file that is there. */
  readonly file: readonly string[];
  /** On the directory whose content is used. */
  readonly dir: readonly string[];
  /** What is made new, where the use makes something. */
  readonly makes: {
    /** On a file that is made. */
    readonly file: readonly string[];
    /** On the directory in which it is made. */
    readonly dir: readonly string[];
    /** True where the directory itself is made too if it does not exist (`ngx_create_paths`). */
    readonly itself: boolean;
  } | null;
}

/** `open` and `read`, and the `fstat` that nginx does on every file that it has opened. */
const reading = ["open", "read", "getattr"] as const;
const enter = ["search"] as const;
const addTo = ["search", "write", "add_name"] as const;
const changeIn = ["search", "write", "add_name", "remove_name"] as const;
/** A file that is written under a temporary name and moved into place (`ngx_ext_rename_file`). */
const replacing = ["create", "open", "read", "write", "getattr", "rename", "unlink"] as const;

const readers: FileNeeds = { file: reading, dir: enter, makes: null };

const needs: Readonly<Record<FileUse, FileNeeds>> = {
  config: readers,
  // glob(3) opens the directory, and finds nothing where it may not (`ngx_open_glob`).
  include: { file: reading, dir: ["search", "read", "open", "getattr"], makes: null },
  chdir: { file: [], dir: enter, makes: null },
  certificate: readers,
  code: readers,
  content: readers,
  // dlopen maps the file into memory and executes it (kernel `file_map_prot_check`).
  module: { file: [...reading, "map", "execute"], dir: enter, makes: null },
  // execve(2): the file is opened for execution (`do_open_execat`). What it does then is another matter.
  program: { file: ["open", "execute"], dir: enter, makes: null },
  // opendir; a file whose status cannot be read is left out of the list.
  listing: { file: [], dir: ["search", "open", "read", "getattr"], makes: null },
  // Opened with O_APPEND|O_CREAT (`NGX_FILE_APPEND`): append, never write.
  log: {
    file: ["open", "append"],
    dir: enter,
    makes: { file: ["create", "open", "append"], dir: addTo, itself: false },
  },
  cache: { file: [], dir: changeIn, makes: { file: replacing, dir: changeIn, itself: true } },
  temp: { file: [], dir: changeIn, makes: { file: replacing, dir: changeIn, itself: true } },
  // Made in the directory for temporary files, and renamed: a file keeps its label. Between file systems it is copied,
  // which would ask for more; where the two lie is not known here.
  "cache-moved": { file: [], dir: changeIn, makes: { file: [], dir: changeIn, itself: true } },
  "store-moved": { file: [], dir: addTo, makes: { file: [], dir: addTo, itself: false } },
  "dav-moved": { file: [], dir: changeIn, makes: { file: [], dir: changeIn, itself: false } },
  store: { file: [], dir: addTo, makes: { file: replacing, dir: addTo, itself: false } },
  dav: { file: [], dir: changeIn, makes: { file: replacing, dir: changeIn, itself: false } },
  // Opened read-write and cut (`ngx_create_pidfile`), unlinked at the end.
  pid: {
    file: ["open", "read", "write", "unlink"],
    dir: enter,
    makes: { file: ["create", "open", "read", "write", "unlink"], dir: changeIn, itself: false },
  },
};

/** The permissions of a use. */
export function fileNeeds(use: FileUse): FileNeeds {
  return needs[use];
}

/** Every permission that some use asks for, by class. */
export const usedPermissions: ReadonlyMap<"file" | "dir", ReadonlySet<string>> = new Map([
  ["file", new Set(Object.values(needs).flatMap(({ file, makes }) => [...file, ...(makes?.file ?? [])]))],
  // The directories above are searched, and one that is not there is made.
  ["dir", new Set(["create", ...Object.values(needs).flatMap(({ dir, makes }) => [...dir, ...(makes?.dir ?? [])])])],
]);

/** Permissions that are left out where a policy's table does not tell them: the others decide then. */
export const optionalPermissions: readonly string[] = ["execute"];
