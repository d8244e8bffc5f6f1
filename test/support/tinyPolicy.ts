/** A policy of a few lines, for tests of what is built on the policy. */
import { booleansOf, parseCondition } from "../../server/src/selinux/conditions.ts";
import { listOf } from "../../server/src/selinux/fileContextLists.ts";
import { parseEquivalences, parseFileContexts } from "../../server/src/selinux/fileContexts.ts";
import { policyOf } from "../../server/src/selinux/model.ts";
import type { Change, Condition, Policy, PolicyFacts } from "../../server/src/selinux/policy.ts";
import { factsOfTables, transitionKey } from "../../server/src/selinux/files/tables.ts";
import type { RuleTable } from "../../server/src/selinux/files/ruleTable.ts";

export interface TinyPolicy {
  /** For example `["tcp 80 http_port_t", "tcp 3000-3001 ntop_port_t"]`, the first match wins. */
  readonly ports?: readonly string[];
  /**
   * `"class permission"` to target types under conditions, for example
   * `{ "tcp_socket name_connect": { always: ["dns_port_t"], httpd_can_network_connect: ["http_port_t"] } }`.
   */
  readonly allow?: { readonly [classPermission: string]: { readonly [condition: string]: readonly string[] } };
  /** Refusals that leave no AVC, in the same form; left out: unknown. */
  readonly dontaudit?: TinyPolicy["allow"];
  /** Shipped values. Booleans that only rules name are off. */
  readonly booleans?: { readonly [name: string]: boolean };
  readonly since?: { readonly [name: string]: string };
  /** Lines of file_contexts; the type alone will do for the context, for example `/run(/.*)? var_run_t`. */
  readonly labels?: readonly string[];
  /** Lines of file_contexts.subs_dist, for example `/run /var/run`. */
  readonly equivalences?: readonly string[];
  readonly aliases?: { readonly [alias: string]: string };
  /** Default true: labels are the host's own. */
  readonly exactLabels?: boolean;
  /** Specs that the policy defines, where labels are inexact. */
  readonly definedFileContexts?: readonly string[];
  readonly permissive?: boolean;
  /** Lines like `httpd_t var_run_t sock_file httpd_var_run_t`, perhaps with a name at the end. */
  readonly fileTransitions?: readonly string[];
  /** Lines like `init_t httpd_exec_t httpd_t`. */
  readonly processTransitions?: readonly string[];
  readonly title?: string;
}

/** The facts of a tiny policy. The only domain is `httpd_t`; the table knows every type that exists. */
export function tinyFacts(policy: TinyPolicy): PolicyFacts {
  const ports = (policy.ports ?? []).map((line) => {
    const [protocol = "", range = "", type = ""] = line.split(" ");
    const [low = "", high = low] = range.split("-");
    return { protocol, low: Number(low), high: Number(high), type };
  });
  const specs = parseFileContexts((policy.labels ?? []).map(withContext).join("\n")).specs;
  const rules = ruleTables(policy.allow ?? {});
  const dontaudit = policy.dontaudit === undefined ? null : ruleTables(policy.dontaudit);
  const named = [...rules.values(), ...(dontaudit?.values() ?? [])]
    .flatMap(({ byTarget }) => [...byTarget.values()].flat())
    .flatMap((condition) => booleansOf(condition));
  const exactLabels = policy.exactLabels ?? true;
  return factsOfTables({
    info: {
      source: "snapshot",
      name: "tiny",
      title: policy.title ?? "Tiny policy",
      provenance: "made for a test",
      mode: "assumed",
      exactLabels,
    },
    domain: "httpd_t",
    permissive: new Set(policy.permissive === true ? ["httpd_t"] : []),
    types: new Set([
      "httpd_t",
      "port_t",
      ...ports.map(({ type }) => type),
      ...specs.flatMap(({ type }) => (type === null ? [] : [type])),
      ...[...rules.values()].flatMap(({ byTarget }) => [...byTarget.keys()]),
      ...Object.values(policy.aliases ?? {}),
    ]),
    allTypes: true,
    noTypes: new Set(),
    aliases: new Map(Object.entries(policy.aliases ?? {})),
    ports,
    defaultPortType: "port_t",
    booleans: new Map([...named.map((name) => [name, false] as const), ...Object.entries(policy.booleans ?? {})]),
    booleanSince: new Map(Object.entries(policy.since ?? {})),
    rules: new Map([["httpd_t", rules]]),
    dontaudit: dontaudit === null ? null : new Map([["httpd_t", dontaudit]]),
    fileTransitions: new Map(
      (policy.fileTransitions ?? []).map((line) => {
        const [source = "", directory = "", cls = "", type = "", ...name] = line.split(" ");
        return [transitionKey(source, directory, cls, ...name), type];
      }),
    ),
    processTransitions: new Map(
      (policy.processTransitions ?? []).map((line) => {
        const [source = "", executable = "", domain = ""] = line.split(" ");
        return [transitionKey(source, executable), domain];
      }),
    ),
    equivalences: parseEquivalences((policy.equivalences ?? []).join("\n")),
    localEquivalences: [],
    fileContexts: () => listOf(specs),
    definedFileContexts: () => (exactLabels ? null : new Set(policy.definedFileContexts)),
  });
}

/** A tiny policy under changes. */
export function tinyPolicy(policy: TinyPolicy, changes: readonly Change[] = []): Policy {
  return policyOf(tinyFacts(policy), changes);
}

function ruleTables(tables: NonNullable<TinyPolicy["allow"]>): ReadonlyMap<string, RuleTable> {
  return new Map(Object.entries(tables).map(([key, table]) => [key, ruleTable(table)]));
}

function ruleTable(table: { readonly [condition: string]: readonly string[] }): RuleTable {
  const byTarget = new Map<string, Condition[]>();
  for (const [text, targets] of Object.entries(table))
    for (const target of targets) byTarget.set(target, [...(byTarget.get(target) ?? []), conditionOf(text)]);
  return { byTarget, conditionsOf: (target) => byTarget.get(target) ?? [] };
}

function conditionOf(text: string): Condition {
  return text === "always" ? { op: "true" } : parseCondition(text);
}

/** `/run(/.*)? var_run_t` to `/run(/.*)? system_u:object_r:var_run_t:s0`. */
function withContext(line: string): string {
  return line.replace(/(?<= )([\w-]+_t)$/, "system_u:object_r:$1:s0");
}
