/** read-path: nginx reads a file, or what is in a directory, whose label its domain may not read. */
import type { Access } from "../nginx/access.ts";
import { fileKey, isFileAccess, judgeFile } from "./fileAccess.ts";
import type { AccessRule, RuleContext, Verdict } from "./rule.ts";

export const readPath: AccessRule = {
  judges: "access",
  id: "read-path",
  title: "File or directory that SELinux does not let nginx read",
  severity: "error",
  needsHost: false,

  appliesTo: (access: Access) => isFileAccess(access) && access.kind === "read",
  targetKey: (access: Access) => (isFileAccess(access) ? fileKey(access) : ""),
  judge(access: Access, context: RuleContext): Verdict | null {
    return isFileAccess(access) ? judgeFile(access, context, readPath.severity) : null;
  },
};
