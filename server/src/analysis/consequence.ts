/** Which findings keep nginx from starting: those come first wherever findings are ordered. */
import { nginxSyntax } from "../rules/nginxSyntax.ts";
import type { Finding } from "./finding.ts";

/** Rules on what works now, and not after a reboot or a relabel. */
const LATER: readonly string[] = ["boolean-not-persistent", "label-not-persistent"];

/**
 * True where nginx does not start if the finding is right: the configuration is refused by nginx itself, or the master
 * fails to listen or to open a file. The rule knows more than the access where it depends on what is there, or on what is
 * refused: a wildcard in a directory that may not be read is passed over by nginx, a file that it finds is not.
 */
export function stopsNginx({ rule, severity, access, verdict }: Finding): boolean {
  if (severity !== "error" && severity !== "warning") return false;
  if (rule === nginxSyntax.id) return true;
  if (access === null || LATER.includes(rule)) return false;
  if (verdict?.stops !== undefined) return verdict.stops;
  if (access.kind === "bind") return access.protocol === "unix" || access.outgoing !== true;
  if (access.kind === "connect") return access.fails === "nginx does not start";
  return access.protocol === "file" && access.by === "master" && access.use !== "include" && access.use !== "chdir";
}
