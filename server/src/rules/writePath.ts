/** write-path: nginx makes or changes a file in a place whose label its domain may not write to. */
import type { Access } from "../nginx/access.ts";
import { fileKey, isFileAccess, judgeFile } from "./fileAccess.ts";
import type { AccessRule, RuleContext, Verdict } from "./rule.ts";

export const writePath: AccessRule = {
  judges: "access",
  id: "write-path",
  title: "File or directory that SELinux does not let nginx write",
  severity: "error",
  needsHost: false,

  appliesTo: (access: Access) => isFileAccess(access) && access.kind !== "read",
  targetKey: (access: Access) => (isFileAccess(access) ? fileKey(access) : ""),
  judge(access: Access, context: RuleContext): Verdict | null {
    return isFileAccess(access) ? judgeFile(access, context, writePath.severity) : null;
  },
};
