/** A configuration: the main file and everything that its includes reach, each file parsed once. */
import type { Place } from "../access.ts";
import type { Prefixes } from "./pathMap.ts";
import type { Tree } from "../tree/tree.ts";

export interface ConfigFile {
  /** Absolute path or URI under which the host read it; what reports and diagnostics name. */
  readonly path: string;
  readonly tree: Tree;
}

/** A problem that stops nginx, found anywhere between bytes and accesses, with nginx's message. */
export interface ConfigProblem extends Place {
  readonly message: string;
  /** One-based line as nginx reports it. */
  readonly line: number;
}

/** Something that we could not see and nginx perhaps can: never an error, but the reason for what stays unknown. */
export interface Remark {
  readonly message: string;
  /** Set where this user may not read what nginx, started by root, reads. */
  readonly isDenied?: true;
  /** Set where only a file is missing that packages install: it makes nginx reach for nothing. */
  readonly isPackaged?: true;
}

/** A remark at the include that it is about. */
export interface ConfigNote extends Place, Remark {}

/** An `include` statement and the files that it pulls in, in the order in which nginx reads them. */
export interface IncludeEdge {
  /** Index of the including file. */
  readonly file: number;
  readonly statement: number;
  /** Indexes into `files`. Empty for a glob that matches nothing, a missing file, or a cycle that was cut. */
  readonly targets: readonly number[];
  /** True where directives belong here that were not read: of a file outside of a copy, a missing or unreadable one. */
  readonly unseen: boolean;
}

export interface Configuration {
  /** In the order in which nginx first reads them; `files[0]` is the main file (or the lone fragment). */
  readonly files: readonly ConfigFile[];
  /** Include edges by `includeKey(file, statement)`. */
  readonly includes: ReadonlyMap<number, IncludeEdge>;
  /** Syntax problems of every file, and missing, unreadable or cyclic includes. */
  readonly problems: readonly ConfigProblem[];
  /** Includes that were not followed, where this is no mistake of the configuration. */
  readonly notes: readonly ConfigNote[];
  /**
   * Set for a fragment that no main file reaches: the context that its directives imply. Then nothing outside of the
   * file is known, and what depends on it is not reported as certain. Null for a whole configuration.
   */
  readonly fragmentContext: string | null;
  /** True where a file looks like a template (`{{ }}`, `{% %}`, `${PORT}` of envsubst): nginx will never read this text. */
  readonly template: readonly boolean[];
  /** What relative paths are relative to. */
  readonly prefixes: Prefixes;
}

/** Key of an include edge: a file index below 2^21, a statement below 2^32. */
export function includeKey(file: number, statement: number): number {
  return file * 2 ** 32 + statement;
}
