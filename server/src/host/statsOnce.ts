/** A host whose parts of one computation agree about what they see. */
import { memo } from "../base/memo.ts";
import type { FileStat, Host } from "./host.ts";

/** The host for one computation: it is asked for the facts of each path once. */
export function statsOnce(host: Host): Host {
  const stats = new Map<string, Promise<FileStat>>();
  return { ...host, stat: (path) => memo(stats, path, () => host.stat(path)) };
}
