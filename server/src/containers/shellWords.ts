/** Words of shells and variables of build files, read tolerantly and in one pass. */
import { UNKNOWN } from "./serverPlaces.ts";

/** Values that are kept of variables; longer ones are cut, so that values made of values cannot grow without end. */
const LONGEST_VALUE = 1024;

/**
 * Words of a command: quotes and backslashes removed. Where `operators` is true, `;`, `&`, `|` and line ends become words
 * of their own, `;`.
 */
export function wordsOf(text: string, operators = false): readonly string[] {
  const words: string[] = [];
  let word: string | null = null;
  let quote = "";
  for (let i = 0; i < text.length; i++) {
    const c = text[i] ?? "";
    if (c === quote) quote = "";
    else if (quote !== "") word = (word ?? "") + c;
    else if (c === '"' || c === "'") {
      quote = c;
      word ??= "";
    } else if (c === "\\" && i + 1 < text.length) word = (word ?? "") + (text[++i] ?? "");
    else if (/\s/.test(c) || (operators && /[;&|]/.test(c))) {
      if (word !== null) words.push(word);
      word = null;
      if (operators && /[;&|\n]/.test(c)) words.push(";");
    } else word = (word ?? "") + c;
  }
  if (word !== null) words.push(word);
  return words;
}

/**
 * Replaces `$NAME`, `${NAME}` and `${NAME:-default}`. What `valueOf` does not know is `UNKNOWN`, or its default where
 * it has one. `$$` is a dollar, as in compose files.
 */
export function expand(text: string, valueOf: (name: string) => string | undefined): string {
  if (!text.includes("$")) return text;
  const parts: string[] = [];
  let from = 0;
  for (let at = text.indexOf("$"); at >= 0; at = text.indexOf("$", from)) {
    parts.push(text.slice(from, at));
    const next = text[at + 1] ?? "";
    const close = next === "{" ? text.indexOf("}", at) : -1;
    if (next === "{" && close < 0) {
      parts.push(UNKNOWN);
      return parts.join("");
    }
    if (next === "{") {
      const inside = text.slice(at + 2, close);
      const name = /^\w{1,200}/.exec(inside)?.[0] ?? "";
      const fallback = /^:?-/.exec(inside.slice(name.length));
      const otherwise = fallback === null ? UNKNOWN : inside.slice(name.length + fallback[0].length);
      parts.push(valueOf(name) ?? otherwise);
      from = close + 1;
    } else if (next === "$") {
      parts.push("$");
      from = at + 2;
    } else {
      const name = /^\w{1,200}/.exec(text.slice(at + 1, at + 201))?.[0] ?? "";
      parts.push(name === "" ? "$" : (valueOf(name) ?? UNKNOWN));
      from = at + 1 + name.length;
    }
  }
  parts.push(text.slice(from));
  return parts.join("");
}

/** The value as it is kept. */
export function boundedValue(value: string): string {
  return value.slice(0, LONGEST_VALUE);
}
