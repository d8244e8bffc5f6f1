/** Default labels from a host's own file_contexts files. */
import {
  canonicalisePath,
  equivalenceAgainst,
  FileContexts,
  parseEquivalences,
  parseFileContexts,
  unknownLabel,
} from "./fileContexts.ts";
import { listOf, type FileContextLists } from "./fileContextLists.ts";
import type { PolicyFacts } from "./policy.ts";

/** The part of PolicyFacts that file_contexts answers. */
export type LabelFacts = Pick<
  PolicyFacts,
  "label" | "canonicalPath" | "equivalenceAgainst" | "definesFileContext" | "localFileContext"
> & {
  /** What they answer from, where that can be listed. */
  readonly lists?: FileContextLists;
};

/** Texts of the files below `contexts/files`, decoded as UTF-8; "" for a file that is not there. */
export interface FileContextTexts {
  /** `file_contexts`. */
  readonly base: string;
  /** `file_contexts.homedirs`. */
  readonly homedirs: string;
  /** `file_contexts.local`. */
  readonly local: string;
  /** `file_contexts.subs`. */
  readonly subs: string;
  /** `file_contexts.subs_dist`. */
  readonly subsDist: string;
}

/** Answers from these files, in libselinux's order: base, homedirs, local; equivalences local before the distribution's. */
export function hostLabels(texts: FileContextTexts): LabelFacts {
  const [base, homedirs, local] = [texts.base, texts.homedirs, texts.local].map(
    (text) => parseFileContexts(text).specs,
  );
  const specs = [...(base ?? []), ...(homedirs ?? []), ...(local ?? [])];
  const contexts = new FileContexts(listOf(specs));
  const homes = base?.length ?? 0;
  const own = homes + (homedirs?.length ?? 0);
  const fileOf = (index: number): string =>
    index < homes ? "file_contexts" : index < own ? "file_contexts.homedirs" : "file_contexts.local";
  const subs = parseEquivalences(texts.subs);
  const subsDist = parseEquivalences(texts.subsDist);
  // `semanage fcontext -a` looks at these two, at the spec's text and its kind; without -f the kind is `any`.
  const defined = new Set(
    [...(base ?? []), ...(local ?? [])].filter((spec) => spec.kind === "any").map((s) => s.regex),
  );
  const localTypes = new Map(
    (local ?? []).flatMap((s) => (s.kind === "any" && s.type !== null ? [[s.regex, s.type]] : [])),
  );
  const canonicalPath = (path: string): string => canonicalisePath(path, subs, subsDist);
  return {
    lists: { specs, defined, subs, subsDist },
    canonicalPath,
    equivalenceAgainst: (spec) => equivalenceAgainst(spec, subs) ?? equivalenceAgainst(spec, subsDist),
    definesFileContext: (spec) => defined.has(spec),
    localFileContext: (spec) => localTypes.get(spec),
    label: (path, kind) => {
      const match = contexts.match(canonicalPath(path), kind);
      if (match === null) {
        return { type: null, exact: true, spec: null };
      }
      return "refused" in match
        ? unknownLabel(match, fileOf(match.index))
        : { type: match.spec.type, exact: true, spec: match.spec.regex };
    },
  };
}
