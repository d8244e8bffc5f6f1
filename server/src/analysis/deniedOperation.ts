/** What nginx was doing when it was refused, as far as a line tells. */
import type { Denial, NginxLine } from "../denials/denial.ts";
import { isBind } from "../denials/gather.ts";

/** `any`: a file was opened, for reading or for writing. */
export type Operation = "connect" | "bind" | "send" | "limit" | "read" | "write" | "any" | "other";

const WRITES = new Set(
  "write append create unlink rename add_name remove_name setattr rmdir link reparent mkdir rename unlink chown chmod pwrite writev utimes".split(
    " ",
  ),
);
const READS = new Set(
  "read getattr map execute stat lstat index fopen dlopen pread faccessat access readdir".split(" "),
);
const FILES = new Set("file dir lnk_file fifo_file chr_file blk_file".split(" "));

/** The operation of a line; `line` is nginx's own, where there is one beside it. */
export function operationOf(denial: Denial, line: NginxLine | undefined): Operation {
  switch (denial.kind) {
    case "avc":
    case "setroubleshoot":
    case "rule":
      return ofPermissions(denial.cls, denial.permissions);
    case "nginx":
      return ofCall(denial.call);
    default:
      return line === undefined ? "other" : ofCall(line.call);
  }
}

function ofPermissions(cls: string | null, permissions: readonly string[]): Operation {
  if (permissions.includes("name_connect")) return "connect";
  if (isBind(permissions)) return "bind";
  if (permissions.includes("setrlimit")) return "limit";
  if (cls === "unix_stream_socket" || cls === "unix_dgram_socket") return "connect";
  if (cls === "sock_file")
    return permissions.some((each) => each === "create" || each === "unlink" || each === "setattr")
      ? "bind"
      : "connect";
  if (cls !== null && !FILES.has(cls)) return "other";
  if (permissions.some((each) => WRITES.has(each))) return "write";
  return permissions.some((each) => READS.has(each)) ? "read" : "any";
}

function ofCall(call: string | null): Operation {
  if (call === null) return "any";
  if (call === "connect" || call === "bind") return call;
  if (call === "setrlimit") return "limit";
  if (call.startsWith("send")) return "send";
  if (WRITES.has(call)) return "write";
  return READS.has(call) ? "read" : "any";
}
