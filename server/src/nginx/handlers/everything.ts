/** True for the regular expressions that people write for every path. */
export function isEverything(pattern: string): boolean {
  return (
    /^(?:\^|\(|\/|\.\*|\)|\$)*$|^\.$/.test(pattern) &&
    pattern !== "$" &&
    pattern !== "^$" &&
    pattern !== "^/$" &&
    pattern !== "/$"
  );
}
