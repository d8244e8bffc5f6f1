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

/** The path that a spec made here stands for, and whether it stands for everything below too. */
export function pathOfSpec(spec: string): { readonly path: string; readonly below: boolean } {
  const below = spec.endsWith(BELOW);
  const path = (below ? spec.slice(0, -BELOW.length) : spec).replaceAll(
    /((?:\[\\x[0-9a-f]{2}\])+)|\\(.)/gsu,
    (_, bytes: string | undefined, character: string | undefined) => character ?? textOf(bytes ?? ""),
  );
  return { path, below };
}

/** The text of classes of one byte each. */
function textOf(classes: string): string {
  const bytes = Array.from(classes.matchAll(/x(..)/gu), ([, digits]) => parseInt(digits ?? "", 16));
  return new TextDecoder().decode(Uint8Array.from(bytes));
}

/** End of a spec that means a directory and everything in it. */
export const BELOW = "(/.*)?";

/** The spec of a directory and everything below it, in the form that policies use: `/var/run/myapp(/.*)?`. */
export function directorySpec(path: string): string {
  return `${escapePath(path)}${BELOW}`;
}
