/** The target of an access as the page names it. */
import type { ReportDecision } from "./report.ts";

/** A port with the host as it is written, a path, or "unknown". */
export function targetName({ host, port, lastPort, path, protocol, kind }: ReportDecision): string {
  if (path !== null) return path;
  if (protocol === "process") return kind === "limit" ? "its own limits" : "its own rights";
  if (port === null) return "unknown";
  const name = host === null || host === "*" ? "" : host.includes(":") ? `[${host}]:` : `${host}:`;
  return `${name}${port}${lastPort === undefined ? "" : `-${lastPort}`}`;
}
