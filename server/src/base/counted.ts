/** Numbers of things, in words. */

/** `2 errors`, `1 file`; "information" has no plural. */
export function counted(count: number, one: string, many = one === "information" ? one : `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
