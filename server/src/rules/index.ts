/** The rules, in the order of their ids. A rule that is not in this list does not exist. */
import { connectPort } from "./connectPort.ts";
import { connectSocket } from "./connectSocket.ts";
import { listenPort } from "./listenPort.ts";
import { nginxSyntax } from "./nginxSyntax.ts";
import type { Rule, RuleInfo } from "./rule.ts";
import { targetUnknown } from "./targetUnknown.ts";

/** Rules that judge accesses. */
export const rules: readonly Rule[] = [connectPort, connectSocket, listenPort, targetUnknown];

/** Everything that can be the `rule` of a finding; what pages, settings and documentation are made from. */
export const ruleInfos: readonly RuleInfo[] = [connectPort, connectSocket, listenPort, nginxSyntax, targetUnknown];
