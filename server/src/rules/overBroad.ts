/** over-broad: a boolean that opens many ports is on, and this configuration needs less. */
import { narrowing } from "../fixes/narrow.ts";
import { CONNECT_ANY, RELAY } from "../fixes/purpose.ts";
import type { Access } from "../nginx/access.ts";
import type { QueryOf } from "../selinux/query.ts";
import { evidence, list, sentences } from "./phrases.ts";
import type { ConfigurationRule, PlacedVerdict } from "./rule.ts";

/** Widest first: of two that are on, the narrower one makes no difference. */
const WIDE: readonly string[] = [CONNECT_ANY, RELAY];

/** Ports that the message names. */
const MOST_PORTS = 5;

interface Connection {
  readonly access: Access;
  readonly query: QueryOf<"connect-port">;
}

export const overBroad: ConfigurationRule = {
  judges: "configuration",
  needsWhole: true,
  id: "over-broad",
  title: "Boolean that opens more than this configuration needs",
  severity: "information",

  judge(accesses, ask, context): readonly PlacedVerdict[] {
    const boolean = WIDE.find((name) => context.policy.booleans.get(name) === true);
    if (boolean === undefined) return [];
    const first = new Map<number, Connection>();
    for (const access of accesses) {
      if (access.kind !== "connect" || access.protocol !== "tcp") continue;
      if (access.port === null || access.certainty === "unknown") return [];
      if (first.has(access.port)) continue;
      const [query] = ask(access).queries;
      if (query?.kind === "connect-port") first.set(query.port, { access, query });
    }
    const all = [...first.values()];
    const narrow = narrowing(
      context,
      boolean,
      all.map(({ query }) => query),
    );
    const connection = all.find(({ query }) => narrow?.needed.includes(query.port)) ?? all[0];
    if (narrow === null || connection === undefined) return [];
    const { access } = connection;
    const { answer: decision } = ask(access);
    const rest = narrow.needed.length - MOST_PORTS;
    const ports = list([...narrow.needed.slice(0, MOST_PORTS).map(String), ...(rest > 0 ? [`${rest} more`] : [])]);
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
