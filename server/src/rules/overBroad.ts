/** over-broad: a boolean that opens many ports is on, and this configuration needs less. */
import { narrowing } from "../fixes/narrow.ts";
import { CONNECT_ANY, RELAY } from "../fixes/purpose.ts";
import type { Access, ConnectPort } from "../nginx/access.ts";
import { decide } from "../selinux/decide.ts";
import { evidence, list, sentences } from "./phrases.ts";
import type { ConfigurationRule, PlacedVerdict, RuleContext } from "./rule.ts";

/** Widest first: of two that are on, the narrower one makes no difference. */
const WIDE: readonly string[] = [CONNECT_ANY, RELAY];

export const overBroad: ConfigurationRule = {
  judges: "configuration",
  id: "over-broad",
  title: "Boolean that opens more than this configuration needs",
  severity: "information",

  judge(accesses: readonly Access[], context: RuleContext): readonly PlacedVerdict[] {
    const boolean = WIDE.find((name) => context.policy.booleans.get(name) === true);
    if (boolean === undefined) return [];
    const first = new Map<number, ConnectPort>();
    for (const access of accesses) {
      if (access.kind !== "connect" || access.protocol !== "tcp") continue;
      if (access.port === null || access.certainty === "unknown") return [];
      if (!first.has(access.port)) first.set(access.port, access);
    }
    const narrow = narrowing(context, boolean, first.keys());
    const [anyPort] = first.keys();
    const port = [...first.keys()].find((each) => narrow?.needed.includes(each)) ?? anyPort;
    const access = port === undefined ? undefined : first.get(port);
    if (narrow === null || access === undefined || port === undefined) return [];
    const { source, policy } = context;
    const decision = decide(policy, { kind: "connect-port", source, protocol: "tcp", port }, context);
    const ports = list(narrow.needed.map(String));
    const need =
      narrow.needed.length === 0
        ? "nothing in this configuration needs it"
        : `this configuration needs it for tcp port${narrow.needed.length === 1 ? "" : "s"} ${ports} only, and less would do`;
    const verdict = {
      decision,
      severity: overBroad.severity,
      oncePerUpstream: false,
      message: sentences(`${boolean} is on: ${need}.`),
      because: evidence(decision, access),
      fixes: [narrow.fix],
    };
    return [{ access, key: boolean, verdict }];
  },
};
