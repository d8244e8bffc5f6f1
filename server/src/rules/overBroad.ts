/** over-broad: a boolean that opens many ports is on, and this configuration needs less. */
import { narrowing } from "../fixes/narrow.ts";
import { CONNECT_ANY, RELAY } from "../fixes/purpose.ts";
import type { Access, ConnectPort } from "../nginx/access.ts";
import { decide } from "../selinux/decide.ts";
import { evidence, list, sentences } from "./phrases.ts";
import type { PlacedVerdict, Rule, RuleContext } from "./rule.ts";

/** Widest first: of two that are on, the narrower one makes no difference. */
const WIDE: readonly string[] = [CONNECT_ANY, RELAY];

export const overBroad: Rule = {
  id: "over-broad",
  title: "Boolean that opens more than this configuration needs",
  severity: "information",
  docs: {
    what: `\`httpd_can_network_connect\` (or \`httpd_can_network_relay\`) is on, and this configuration works with less: the ports that it connects to can be opened one by one. Nothing is refused; it is said once, at the first connection that needs the boolean.`,
    why: `\`httpd_can_network_connect\` lets everything that runs as \`httpd_t\` connect to every TCP port of every host. If a web application is taken over, that is the way to the database, the metadata service and the neighbours. A label for the backend's port with \`httpd_graceful_shutdown\` opens exactly the web ports.

It is not said where a target is not known before a request comes, where more than ten ports would have to be opened one by one, or where nginx connects to nothing. Other programs share the domain: php-fpm and Apache run as \`httpd_t\` too, and a PHP application may need the boolean for its own connections.`,
    evidence: `Every TCP connection of the configuration was decided again with the boolean off; for each that is refused then, the narrowest fix of plain commands was taken; and all of them were decided once more with those fixes.`,
    verify: `\`\`\`sh
getsebool httpd_can_network_connect         # off
curl -i http://localhost/                   # no 502
sudo ausearch -m avc -ts recent | grep name_connect   # nothing, after a day of normal use
\`\`\``,
    wrongAdvice: `- **"It is on everywhere, so it is safe."** It is in most how-tos because it always works, not because it is narrow.
- **"Turn it off first and see."** Open the ports first, then turn it off: the commands are in that order.`,
  },

  appliesTo: () => false,
  targetKey: () => "",
  judge: () => null,

  judgeConfiguration(accesses: readonly Access[], context: RuleContext): readonly PlacedVerdict[] {
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
      message: sentences(`${boolean} is on: ${need}.`),
      because: evidence(decision, access),
      fixes: [narrow.fix],
    };
    return [{ access, key: boolean, verdict }];
  },
};
