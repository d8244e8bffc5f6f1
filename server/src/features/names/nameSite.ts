/** A place where a configuration defines or uses a name: an upstream, a named location, a variable, a zone of shared memory. */
import type { Span } from "../../base/text.ts";
import type { Statement } from "../../nginx/tree/tree.ts";

/** `zone` and `cache` are apart: nginx keeps shared memory by the module that asks for it (ngx_shared_memory_add, `tag`). */
export type NameKind =
  "upstream" | "location" | "variable" | "request zone" | "connection zone" | "cache" | "log format";

/** What a word of a statement says of a name, before its file and its scope are known. */
export interface NameInWord {
  readonly kind: NameKind;
  /** As nginx compares it: upstreams in lower case, a named location with its `@`, a variable without its `$`, in lower case. */
  readonly name: string;
  readonly isDefinition: boolean;
  /** Bytes of the name alone. */
  readonly span: Span;
}

export interface NameSite extends NameInWord {
  /** Index into the configuration's files. */
  readonly file: number;
  readonly statement: Statement;
}
