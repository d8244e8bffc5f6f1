/** File-context specs: regular expressions (PCRE) that stand for exactly one path, or for a directory and its content. */

/** Metacharacters of PCRE outside a character class (pcre2pattern(3), "Characters and metacharacters"). */
const META = /[\\^$.[\]|()?*+{}]/gu;

/**
 * Escapes a path for a file-context regex. A blank separates fields in file_contexts, and `semanage fcontext` refuses
 * it ("File specification can not include spaces"), so it becomes the class `[\x20]`. The class is needed: libselinux
 * takes the first component as a literal prefix unless it sees an opening bracket or another metacharacter in it.
 * Quotes become classes too: `semanage import` has quotes but no way to write one (its own `mkargv`). So do the bytes of
 * characters beyond ASCII: setfiles refuses a file_contexts that has any ("Non-ASCII characters found").
 */
export function escapePath(path: string): string {
  return path
    .replaceAll(META, String.raw`\$&`)
    .replaceAll(/[ "']|[^\0-\x7f]/gu, (character) =>
      Array.from(encoder.encode(character), (byte) => `[\\x${byte.toString(16)}]`).join(""),
    );
}

const encoder = new TextEncoder();

/** The spec of a directory and everything below it, in the form that policies use: `/var/run/myapp(/.*)?`. */
export function directorySpec(path: string): string {
  return `${escapePath(path)}(/.*)?`;
}
