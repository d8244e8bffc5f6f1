/** Parts of decisions: permissions that are looked up, what they come to, and the sentences that say so. */
import { directoriesAbove } from "../base/paths.ts";
import { booleansOf, compareBooleans, evaluateCondition, renderCondition } from "./conditions.ts";
import type { CheckResult, Condition, LabelAnswer, Policy, PortRecord, Protocol } from "./policy.ts";
import type { Decision, Evidence } from "./query.ts";

/** `<<none>>`, no spec at all, a spec that a bundled table has without its type, or one that cannot be evaluated. */
export function noLabel(path: string, { unknown }: LabelAnswer): string {
  return unknown === undefined
    ? `no default label is known for ${path}: it has the one that its creator gave it`
    : `the default label of ${path} is not known: ${unknown}`;
}

/** A label in words: a label of file_contexts is what a path would get; one without a spec is what it has. */
export function labelSentence(what: string, label: LabelAnswer): string {
  return label.spec === null ? `${what} is labelled ${label.type}` : `${what} has the default label ${label.type}`;
}

/** `search` on every directory above a path, the root first. */
export interface Way {
  readonly evidence: readonly Evidence[];
  readonly because: readonly string[];
  /** False where a directory that may not be searched has an inexact label. */
  readonly exact: boolean;
  readonly unknown: string | null;
}

/** What the kernel checks on the way to an absolute path. */
export function wayTo(policy: Policy, source: string, path: string): Way {
  const because: string[] = [];
  const evidence: Evidence[] = [];
  let exact = true;
  let unknown: string | null = null;
  for (const directory of directoriesAbove(path.replace(/\/{2,}/g, "/")).reverse()) {
    const label = policy.label(directory, "dir");
    if (label.type === null) {
      unknown ??= noLabel(directory, label);
      continue;
    }
    const found = lookUp(policy, source, label.type, "dir", "search");
    evidence.push(found);
    if (found.result.verdict === "denied") because.push(labelSentence(directory, label));
    // A directory that may be searched decides nothing, so what is not sure about it does not matter.
    if (found.result.verdict !== "allowed") exact &&= label.exact;
  }
  return { evidence, because, exact, unknown };
}

export function lookUp(policy: Policy, source: string, target: string, cls: string, permission: string): Evidence {
  return { source, target, cls, permission, result: policy.check(source, target, cls, permission) };
}

interface Circumstances {
  readonly exact: boolean;
  readonly because: readonly string[];
  /** Why the query cannot be allowed for certain. */
  readonly unknown?: string;
}

export function conclude(policy: Policy, evidence: readonly Evidence[], given: Circumstances): Decision {
  const denied = evidence.filter((item) => item.result.verdict === "denied");
  const unanswered = evidence.find((item) => item.result.verdict === "unknown");
  const because = [...given.because];
  const common = { evidence, exact: given.exact };
  if (denied[0] !== undefined) {
    const certain = unanswered === undefined && given.unknown === undefined;
    for (const item of denied) because.push(...ruleSentences(policy, item));
    return {
      ...common,
      ...permissionOf(denied[0]),
      verdict: "denied",
      flips: certain ? flipsThatAllow(policy, evidence) : [],
      because: told(because, given.exact, policy),
    };
  }
  if (given.unknown !== undefined) {
    return {
      ...common,
      ...nothing,
      verdict: "unknown",
      because: told([...because, given.unknown], given.exact, policy),
    };
  }
  const deciding = unanswered ?? evidence.at(-1);
  if (deciding !== undefined) because.push(...ruleSentences(policy, deciding));
  return {
    ...common,
    ...(deciding === undefined ? nothing : permissionOf(deciding)),
    verdict: unanswered === undefined ? "allowed" : "unknown",
    flips: [],
    because: told(because, given.exact, policy),
  };
}

const nothing = { target: null, cls: null, permission: null, flips: [] } as const;

function permissionOf({ target, cls, permission }: Evidence): Pick<Decision, "target" | "cls" | "permission"> {
  return { target, cls, permission };
}

const inexactLabels = "labels of a bundled release are right nearly always and never certain";

const unseenLabels = "the labels of the files themselves were not looked at";

/** The sentences, each once, and how far to trust them. */
function told(sentences: readonly string[], exact: boolean, { facts }: Policy): readonly string[] {
  const doubt = facts.info.exactLabels ? unseenLabels : inexactLabels;
  return [...new Set(exact ? sentences : [...sentences, doubt])];
}

export function nothingChecked(sentence: string): Decision {
  return { ...nothing, verdict: "allowed", evidence: [], exact: true, because: [sentence] };
}

/** What is not known rests on nothing: no deciding type, no evidence, only the reasons. */
export function undecided(...reasons: readonly string[]): Decision {
  return { ...nothing, verdict: "unknown", evidence: [], exact: false, because: reasons };
}

/** Single booleans whose other value makes every check hold: those that were denied, and still those that were not. */
function flipsThatAllow(policy: Policy, evidence: readonly Evidence[]): Decision["flips"] {
  const denied = evidence.filter((item) => item.result.verdict === "denied").map((item) => conditionsOf(item.result));
  const conditional = evidence.filter(({ result }) => result.verdict === "allowed" && !unconditional(result.by));
  return [...new Set(denied[0]?.flatMap(booleansOf) ?? [])]
    .filter((name) => policy.booleans.has(name))
    .map((name) => ({ name, value: !policy.booleans.get(name) }))
    .filter((flip) => {
      const valueOf = (name: string): boolean =>
        name === flip.name ? flip.value : (policy.booleans.get(name) ?? false);
      if (!denied.every((conditions) => conditions.some((one) => evaluateCondition(one, valueOf)))) return false;
      if (conditional.length === 0) return true;
      const flipped = policy.with([{ kind: "boolean", ...flip }]);
      return conditional.every((item) => {
        return flipped.check(item.source, item.target, item.cls, item.permission).verdict === "allowed";
      });
    })
    .sort((a, b) => compareBooleans(a.name, b.name));
}

function unconditional(conditions: readonly Condition[]): boolean {
  return conditions.some((condition) => condition.op === "true");
}

function conditionsOf(result: CheckResult): readonly Condition[] {
  return result.verdict === "denied" ? result.conditions : [];
}

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

function ruleSentences(policy: Policy, { source, target, cls, permission, result }: Evidence): string[] {
  const what = `${source} may ${permission} ${connective(cls, permission)}${target}`;
  switch (result.verdict) {
    case "unknown":
      return [result.reason];
    case "allowed": {
      if (unconditional(result.by)) return [what];
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
