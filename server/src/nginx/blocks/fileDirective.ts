import type { Failing, FileAccess, FileUse } from "../access.ts";

/** A directive whose argument is a path: what nginx does there. */
export interface FileDirective {
  readonly kind: FileAccess["kind"];
  readonly use: FileUse;
  readonly object: FileAccess["object"];
  readonly by: FileAccess["by"];
  /**
   * What a relative path is relative to: the prefix that nginx was built with (or given by `-p`), the directory of
   * nginx.conf, or the directory in which nginx was started.
   */
  readonly base: "prefix" | "conf" | "cwd";
  /** Index of the word that is the path; the last one where it is 0. */
  readonly argument: number;
  /** The path stands in whichever argument begins so (`state=`), in place of at `argument`. Null for a plain one. */
  readonly option: string | null;
  /** Variables are expanded, and with them a worker opens the file for each request. */
  readonly variables: boolean;
  /** Values that name no file. */
  readonly except: RegExp | null;
  /** What fails where this is refused; null for what follows from the use. */
  readonly fails: Failing | null;
}
