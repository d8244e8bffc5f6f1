/** Remarks on what was not read. */
import type { Remark } from "./configuration.ts";
import type { ReadFailure } from "./reader.ts";

/** The remark on a file or directory that this user may not read. nginx's master process, which is root, may. */
export function deniedRemark(path: string, { message }: ReadFailure): Remark {
  return { message: `"${path}" is ${message}; not checked`, isDenied: true };
}
