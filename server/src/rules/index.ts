/** The rules, in the order of their ids. A rule that is not in this list does not exist. */
import { booleanNotPersistent } from "./booleanNotPersistent.ts";
import { connectPeer } from "./connectPeer.ts";
import { connectPort } from "./connectPort.ts";
import { connectSocket } from "./connectSocket.ts";
import { containerMount } from "./containerMount.ts";
import { labelNotPersistent } from "./labelNotPersistent.ts";
import { listenPort } from "./listenPort.ts";
import { listenSocket } from "./listenSocket.ts";
import { deniedInLog } from "./deniedInLog.ts";
import { nginxSyntax } from "./nginxSyntax.ts";
import { notConfined } from "./notConfined.ts";
import { overBroad } from "./overBroad.ts";
import { processRight } from "./processRight.ts";
import { readPath } from "./readPath.ts";
import { resourceLimit } from "./resourceLimit.ts";
import type { AccessRule, Rule, RuleInfo } from "./rule.ts";
import { targetUnknown } from "./targetUnknown.ts";
import { unixPermissions } from "./unixPermissions.ts";
import { writePath } from "./writePath.ts";

/** Every rule. */
export const rules: readonly Rule[] = [
  booleanNotPersistent,
  connectPeer,
  connectPort,
  connectSocket,
  containerMount,
  labelNotPersistent,
  listenPort,
  listenSocket,
  notConfined,
  overBroad,
  processRight,
  readPath,
  resourceLimit,
  targetUnknown,
  unixPermissions,
  writePath,
];

/** Rules that judge accesses one by one. */
export const accessRules: readonly AccessRule[] = rules.filter((rule) => rule.judges === "access");

/** The ids of these. */
export const accessRuleIds: ReadonlySet<string> = new Set(accessRules.map(({ id }) => id));

/** Everything that can be the `rule` of a finding; what pages, settings and documentation are made from. */
export const ruleInfos: readonly RuleInfo[] = [...rules, deniedInLog, nginxSyntax].sort((a, b) =>
  a.id < b.id ? -1 : 1,
);
