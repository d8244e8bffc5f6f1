/** Configurations with one mistake each, made of one that nginx takes. */
import { parse } from "../../server/src/nginx/tree/parse.ts";
import type { Statement, Tree } from "../../server/src/nginx/tree/tree.ts";

/** One change of a text, in Latin-1. */
export interface Mutant {
  readonly kind: keyof typeof mutations;
  readonly text: string;
}

type Mutation = (text: string, tree: Tree, statement: Statement) => string | null;

const isSimple = (tree: Tree, s: Statement): boolean => tree.terminator(s) === "simple";
const replaced = (text: string, from: number, to: number, by: string): string =>
  text.slice(0, from) + by + text.slice(to);

/** By what is wrong afterwards; null where a statement does not lend itself to it. Many of them are no mistake at all. */
const mutations = {
  "an argument less": (text, tree, s) => {
    const last = tree.wordCount(s) - 1;
    if (!isSimple(tree, s) || last < 1) return null;
    const { start, end } = tree.wordSpan(s, last);
    return replaced(text, start, end, "");
  },
  "an argument more": (text, tree, s) => {
    if (!isSimple(tree, s)) return null;
    const { end } = tree.wordSpan(s, tree.wordCount(s) - 1);
    return replaced(text, end, end, " oracle");
  },
  "no semicolon": (text, tree, s) => {
    if (!isSimple(tree, s)) return null;
    const { end } = tree.span(s);
    return replaced(text, end - 1, end, "");
  },
  "a block for a statement": (text, tree, s) => {
    if (!isSimple(tree, s)) return null;
    const { end } = tree.span(s);
    return replaced(text, end - 1, end, " { }");
  },
  "another place": (text, tree, s) => {
    const { start, end } = tree.span(s);
    return `${text}\n${text.slice(start, end)}`;
  },
  twice: (text, tree, s) => {
    const { start, end } = tree.span(s);
    return replaced(text, end, end, ` ${text.slice(start, end)}`);
  },
  "an unknown variable": (text, tree, s) => {
    if (!["if", "return", "set", "proxy_pass", "rewrite"].includes(tree.name(s))) return null;
    const { end } = tree.wordSpan(s, 1);
    return replaced(text, end, end, tree.name(s) === "if" ? "" : "$oracle");
  },
} as const satisfies Readonly<Record<string, Mutation>>;

/**
 * Each kind of mistake, at every statement of a text that lends itself to it; without the statements in the first line,
 * which may be the oracle's own.
 */
export function mutantsOf(text: string): readonly Mutant[] {
  const tree = parse(Buffer.from(text, "latin1"));
  const mutants: Mutant[] = [];
  for (let s = 0; s < tree.size; s++) {
    if (tree.wordCount(s) === 0 || tree.line(s) < 2) continue;
    for (const kind of mutationKinds) {
      const changed = mutations[kind](text, tree, s);
      if (changed !== null) mutants.push({ kind, text: changed });
    }
  }
  return mutants;
}

export const mutationKinds = [
  "an argument less",
  "an argument more",
  "no semicolon",
  "a block for a statement",
  "another place",
  "twice",
  "an unknown variable",
] as const;
