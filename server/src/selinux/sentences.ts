/** What the policy says, in short factual sentences: the type of a port, a rule, the booleans of its condition. */
import { booleansOf, isUnconditional, renderCondition } from "./conditions.ts";
import type { Condition, Policy, PortRecord, Protocol } from "./policy.ts";
import type { Evidence } from "./query.ts";

/** For example `tcp port 3000 has type ntop_port_t (record tcp 3000-3001)`. */
export function portSentence(policy: Policy, protocol: Protocol, port: number): string {
  const record = policy.portRecord(protocol, port);
  const type = policy.portType(protocol, port);
  return `${protocol} port ${port} has type ${type} (${record === null ? "no record, the default" : recordName(policy, record)})`;
}

function recordName(policy: Policy, record: PortRecord): string {
  const local = localRecords(policy).has(`${record.protocol} ${record.low} ${record.high}`);
  const range = record.low === record.high ? `${record.low}` : `${record.low}-${record.high}`;
  return `${local ? "local record" : "record"} ${record.protocol} ${range}`;
}

/** The port records that changes have made, by protocol and range; gathered once, a plan makes thousands. */
function localRecords(policy: Policy): ReadonlySet<string> {
  let records = localRecordsOf.get(policy);
  if (records === undefined) {
    records = new Set(
      policy.changes.flatMap((change) =>
        change.kind === "port" ? [`${change.protocol} ${change.low} ${change.high}`] : [],
      ),
    );
    localRecordsOf.set(policy, records);
  }
  return records;
}

const localRecordsOf = new WeakMap<Policy, ReadonlySet<string>>();

/** What was looked up and what came of it, in words. */
export function ruleSentences(policy: Policy, { source, target, cls, permission, result }: Evidence): string[] {
  const what = `${source} may ${permission} ${connective(cls, permission)}${target}`;
  switch (result.verdict) {
    case "unknown":
      return [result.reason];
    case "allowed": {
      if (isUnconditional(result.by)) return [what];
      const by = result.by.map(renderCondition);
      return [`${what} because of: ${by.join("; ")}`, ...result.by.flatMap((one) => booleanSentences(policy, one))];
    }
    default: {
      if (result.conditions.length === 0) return [`${what.replace(" may ", " may not ")}, and no boolean changes that`];
      const only = result.conditions.map(renderCondition);
      return [
        `${what} only with: ${only.join("; ")}`,
        ...new Set(result.conditions.flatMap((one) => booleanSentences(policy, one))),
      ];
    }
  }
}

function connective(cls: string, permission: string): string {
  if (permission === "name_connect" || permission === "name_bind") return "to ";
  if (cls === "dir") return "directories of type ";
  if (cls === "sock_file") return "to sockets of type ";
  return "";
}

/** For example `httpd_can_network_connect is off (default off)`. */
function booleanSentences(policy: Policy, condition: Condition): string[] {
  return booleansOf(condition).map((name) => {
    const value = policy.booleans.get(name);
    if (value === undefined) return `${name} is not in this policy`;
    const since = policy.facts.booleanSince.get(name);
    const from = since === undefined ? "" : `; exists from ${since} on`;
    return `${name} is ${onOff(value)} (default ${onOff(policy.facts.booleans.get(name) ?? value)}${from})`;
  });
}

function onOff(value: boolean): string {
  return value ? "on" : "off";
}
