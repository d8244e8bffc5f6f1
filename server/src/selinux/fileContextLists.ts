/** The content of file_contexts files, parsed. */

/** File kinds as libselinux distinguishes them; `any` only in specs. */
export type FileKind = "any" | "file" | "dir" | "sock" | "link" | "char" | "block" | "pipe";

/** One line of file_contexts. `type` null is `<<none>>`. */
export interface FileContextSpec {
  readonly regex: string;
  readonly kind: FileKind;
  readonly type: string | null;
}

/** Specs in file order. A release has thousands, and few are needed: each is read when it is asked for. */
export interface SpecList {
  readonly regexes: readonly string[];
  at(index: number): FileContextSpec | undefined;
}

/** The same specs as a list. */
export function listOf(specs: readonly FileContextSpec[]): SpecList {
  return { regexes: specs.map(({ regex }) => regex), at: (index) => specs[index] };
}

/** `to` stands for `from`, itself and everything below: a line `from to` of file_contexts.subs or .subs_dist. */
export interface PathEquivalence {
  readonly from: string;
  readonly to: string;
}

/** Parsed file_contexts files. */
export interface FileContextLists {
  /** In the order in which they are matched. */
  readonly specs: readonly FileContextSpec[];
  /** Spec texts of any kind of file that `semanage fcontext -a` refuses. */
  readonly defined: ReadonlySet<string>;
  /** In `.subs` order. */
  readonly subs: readonly PathEquivalence[];
  /** In `.subs_dist` order. */
  readonly subsDist: readonly PathEquivalence[];
}
