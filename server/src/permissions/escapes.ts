/** A path as /proc/self/mountinfo and getfacl(1) print it: blanks, line feeds and the like as `\\012`, a backslash doubled. */
export function unescaped(text: string): string {
  return text.replace(/\\(?:\\|([0-7]{3}))/g, (_, digits: string | undefined) =>
    digits === undefined ? "\\" : String.fromCharCode(Number.parseInt(digits, 8)),
  );
}
