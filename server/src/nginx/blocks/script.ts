/** Words with variables in them, as nginx compiles them (`ngx_http_script_compile`). */

type Part = string | { readonly name: string };

/** Parts of a script, or nginx's words for what is wrong with it. */
export type Script =
  { readonly ok: true; readonly parts: readonly Part[] } | { readonly ok: false; readonly error: string };

function isNameCode(c: number): boolean {
  return (c >= 48 && c <= 57) || (c >= 65 && c <= 90) || (c >= 97 && c <= 122) || c === 95;
}

/** Splits a word at its variables: `$name`, `${name}`, `$1`. There is no way to escape a dollar sign. */
export function compileScript(text: string): Script {
  const parts: Part[] = [];
  let plain = 0;
  let at = text.indexOf("$");
  while (at >= 0) {
    if (at > plain) parts.push(text.slice(plain, at));
    let start = at + 1;
    const first = text.charCodeAt(start);
    let end = start;
    if (first >= 49 && first <= 57) {
      // A capture is one digit: `$12` is `$1` and a 2.
      end = start + 1;
      parts.push({ name: text.slice(start, end) });
    } else {
      const braced = text[start] === "{";
      if (braced) start++;
      if (start >= text.length) return { ok: false, error: "invalid variable name" };
      end = start;
      while (end < text.length && isNameCode(text.charCodeAt(end))) end++;
      const name = text.slice(start, end);
      if (braced) {
        if (text[end] !== "}") return { ok: false, error: `the closing bracket in "${name}" variable is missing` };
      }
      if (name === "") return { ok: false, error: "invalid variable name" };
      parts.push({ name });
      if (braced) end++;
    }
    plain = end;
    at = text.indexOf("$", end);
  }
  if (plain < text.length) parts.push(text.slice(plain));
  return { ok: true, parts };
}
