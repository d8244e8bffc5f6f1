/** A host that records every path that it is asked about. */
import type { Host } from "../../server/src/host/host.ts";

export interface RecordingHost extends Host {
  /** In the order of asking. */
  readonly touched: readonly string[];
}

export function recordingHost(host: Host): RecordingHost {
  const touched: string[] = [];
  const noted = (path: string): string => {
    touched.push(path);
    return path;
  };
  return {
    ...host,
    touched,
    readFile: (path, limit) => host.readFile(noted(path), limit),
    stat: (path) => host.stat(noted(path)),
    linkStat: (path) => host.linkStat(noted(path)),
    readDirectory: (path) => host.readDirectory(noted(path)),
    realPath: (path) => host.realPath(noted(path)),
    readLink: (path) => host.readLink(noted(path)),
  };
}
