/** Accesses as reports have them. */
import type { Access } from "../nginx/access.ts";
import type { ReportAccess } from "./report.ts";

/** What nginx names: an address and a port, or a path. */
export function targetOf(access: Access): Pick<ReportAccess, "host" | "port" | "lastPort" | "path"> {
  if (access.protocol === "process") return { host: null, port: null, path: null };
  if (access.protocol === "unix" || access.protocol === "file") return { host: null, port: null, path: access.path };
  const { host, port } = access;
  const last = access.kind === "bind" ? access.lastPort : port;
  return { host, port, ...(last === null || last === port ? {} : { lastPort: last }), path: null };
}
