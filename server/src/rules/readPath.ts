/** read-path: nginx reads a file, or what is in a directory, whose label its domain may not read. */
import type { Asked } from "./asked.ts";
import { judgeFile } from "./fileAccess.ts";
import type { RuleContext } from "./context.ts";
import type { AccessRule, Verdict } from "./rule.ts";

export const readPath: AccessRule = {
  judges: "access",
  id: "read-path",
  title: "File or directory that SELinux does not let nginx read",
  severity: "error",
  needsHost: false,

  judge(asked: Asked, context: RuleContext): Verdict | null {
    return asked.access.kind === "read" ? judgeFile(asked, context, readPath.severity) : null;
  },
};
