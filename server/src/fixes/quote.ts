/** Words for a POSIX shell: what a command line may contain, and what it must not. */

/** A quoted word, or why it cannot be written so that the command does exactly what its reader sees. */
export type Quoted = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly reason: string };

/** Characters that no shell treats specially in an argument. `~`, `!`, `#`, `{`, `*` and blanks are not among them. */
const SAFE_WORD = /^[A-Za-z0-9_@%+=:,./-]+$/u;

/** A command is one line that is read before it is run: C0, DEL and C1 controls can end it or rewrite the terminal. */
const CONTROL = /\p{Cc}/u;

/**
 * Line separators, the format characters (bidirectional overrides, zero width) and the blanks beside the plain one
 * (no-break space): they show another text than runs, and `semanage import` splits words at such blanks.
 */
const INVISIBLE = /[\p{Cf}\p{Zl}\p{Zp}]|(?! )\p{Zs}/u;

/** What a decoder leaves of bytes that were not UTF-8: the replacement character, or half of a surrogate pair. */
const NOT_UTF8 = /[\uFFFD\p{Cs}]/u;

/**
 * Quotes one argument for a POSIX shell: as it is when every character is safe, else in single quotes.
 * Refused: the empty word, control and invisible characters, bytes that were not UTF-8 (decoded as U+FFFD) or lone
 * surrogates, and a leading dash, which the command would read as an option.
 */
export function quoteWord(word: string): Quoted {
  // Nearly every word: decided without a look at the Unicode tables.
  if (SAFE_WORD.test(word) && !word.startsWith("-")) return { ok: true, text: word };
  const reason = refusal(word);
  if (reason !== null) return { ok: false, reason };
  return { ok: true, text: `'${word.replaceAll("'", String.raw`'\''`)}'` };
}

function refusal(word: string): string | null {
  if (word === "") return "it is empty";
  if (CONTROL.test(word)) return "it contains a control character";
  if (INVISIBLE.test(word)) return "it contains an invisible character";
  if (NOT_UTF8.test(word)) return "it contains bytes that are not UTF-8";
  if (word.startsWith("-")) return "it begins with a dash, which commands read as an option";
  return null;
}
