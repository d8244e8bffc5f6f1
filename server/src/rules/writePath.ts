/** write-path: nginx makes or changes a file in a place whose label its domain may not write to. */
import type { Asked } from "./asked.ts";
import { judgeFile } from "./fileAccess.ts";
import { madeByRoot } from "./rootMade.ts";
import type { RuleContext } from "./context.ts";
import type { AccessRule, Verdict } from "./rule.ts";

export const writePath: AccessRule = {
  judges: "access",
  id: "write-path",
  title: "File or directory that SELinux does not let nginx write",
  severity: "error",
  needsHost: false,

  judge(asked: Asked, context: RuleContext): Verdict | null {
    if (asked.access.kind === "read") return null;
    return judgeFile(asked, context, writePath.severity) ?? madeByRoot(asked, context);
  },
};
