/** The one implementation of the policy's semantics: facts under boolean values and local changes. */
import { always, evaluateCondition, inOrder } from "./conditions.ts";
import { FileContexts, isLiteralSpec } from "./fileContexts.ts";
import type { FileContextSpec } from "./fileContextLists.ts";
import { PortTable, firstRecord } from "./portTable.ts";
import type {
  AuditResult,
  Change,
  CheckResult,
  LabelAnswer,
  Policy,
  PolicyFacts,
  PortRecord,
  Protocol,
} from "./policy.ts";
import type { FileKind } from "./fileContextLists.ts";

/**
 * The facts under changes, applied in order: a later boolean value, port label or file context wins over an earlier
 * one, as on a host. A boolean that the policy does not have is ignored; the edges of the program refuse it by name.
 * Cheap: what is derived from the facts alone is computed once for all policies made of them.
 */
export function policyOf(facts: PolicyFacts, changes: readonly Change[] = []): Policy {
  return new FactsUnderChanges(facts, changes);
}

/** Up to so many local records are searched one by one; a table costs half a megabyte for a policy asked once. */
const fewRecords = 16;

const tablesOfFacts = new WeakMap<PolicyFacts, PortTable>();

function portTableOf(facts: PolicyFacts): PortTable {
  let table = tablesOfFacts.get(facts);
  if (table === undefined) {
    table = new PortTable(facts.ports);
    tablesOfFacts.set(facts, table);
  }
  return table;
}

type ChangeOf<Kind extends Change["kind"]> = Extract<Change, { readonly kind: Kind }>;

class FactsUnderChanges implements Policy {
  readonly facts: PolicyFacts;
  readonly changes: readonly Change[];
  readonly booleans: ReadonlyMap<string, boolean>;
  /** Local port records, newest first: libsemanage puts them in front of the policy's. */
  readonly #localPorts: readonly PortRecord[];
  #localTable: PortTable | null = null;
  readonly #allowed: ReadonlySet<string>;
  readonly #labels: LocalLabels | null;
  readonly #valueOf = (name: string): boolean => this.booleans.get(name) ?? false;

  constructor(facts: PolicyFacts, changes: readonly Change[]) {
    this.facts = facts;
    this.changes = changes;
    this.booleans = booleansUnder(facts, changes);
    this.#localPorts = changes.flatMap((change) => (change.kind === "port" ? [recordOf(facts, change)] : [])).reverse();
    this.#allowed = new Set(
      changes.flatMap((change) =>
        change.kind === "allow"
          ? [ruleKey(realName(facts, change.source), realName(facts, change.target), change.cls, change.permission)]
          : [],
      ),
    );
    this.#labels = LocalLabels.from(facts, changes);
  }

  portRecord(protocol: Protocol, port: number): PortRecord | null {
    return this.#localRecord(protocol, port) ?? portTableOf(this.facts).record(protocol, port);
  }

  portType(protocol: Protocol, port: number): string {
    return this.portRecord(protocol, port)?.type ?? this.facts.defaultPortType;
  }

  definesPort(protocol: Protocol, low: number, high: number): boolean {
    return this.#definesLocally(protocol, low, high) || portTableOf(this.facts).defines(protocol, low, high);
  }

  #definesLocally(protocol: Protocol, low: number, high: number): boolean {
    if (this.#localPorts.length > fewRecords) return this.#tableOfLocal().defines(protocol, low, high);
    return this.#localPorts.some(
      (record) => record.protocol === protocol && record.low === low && record.high === high,
    );
  }

  #tableOfLocal(): PortTable {
    this.#localTable ??= new PortTable(this.#localPorts);
    return this.#localTable;
  }

  #localRecord(protocol: Protocol, port: number): PortRecord | null {
    if (this.#localPorts.length <= fewRecords) return firstRecord(this.#localPorts, protocol, port);
    return this.#tableOfLocal().record(protocol, port);
  }

  label(path: string, kind: FileKind): LabelAnswer {
    return this.#labels?.label(path, kind) ?? this.facts.label(path, kind);
  }

  check(source: string, target: string, cls: string, permission: string): CheckResult {
    const [domain, type] = [realName(this.facts, source), realName(this.facts, target)];
    if (this.#allowed.has(ruleKey(domain, type, cls, permission))) return { verdict: "allowed", by: [always] };
    const answer = this.facts.rules(domain, type, cls, permission);
    if (!answer.known) return { verdict: "unknown", reason: answer.reason };
    const conditions = inOrder(answer.conditions);
    const by = conditions.filter((condition) => evaluateCondition(condition, this.#valueOf));
    return by.length > 0 ? { verdict: "allowed", by } : { verdict: "denied", conditions };
  }

  dontaudit(source: string, target: string, cls: string, permission: string): AuditResult {
    const answer = this.facts.dontaudit(realName(this.facts, source), realName(this.facts, target), cls, permission);
    if (!answer.known) return { verdict: "unknown", reason: answer.reason };
    const by = inOrder(answer.conditions).filter((condition) => evaluateCondition(condition, this.#valueOf));
    return by.length > 0 ? { verdict: "silent", by } : { verdict: "recorded" };
  }

  with(changes: readonly Change[]): Policy {
    return new FactsUnderChanges(this.facts, [...this.changes, ...changes]);
  }
}

function booleansUnder(facts: PolicyFacts, changes: readonly Change[]): ReadonlyMap<string, boolean> {
  if (!changes.some((change) => change.kind === "boolean")) return facts.booleans;
  const values = new Map(facts.booleans);
  for (const change of changes) {
    if (change.kind === "boolean" && values.has(change.name)) values.set(change.name, change.value);
  }
  return values;
}

function recordOf(facts: PolicyFacts, change: ChangeOf<"port">): PortRecord {
  const { protocol, low, high } = change;
  return { protocol, low, high, type: realName(facts, change.type) };
}

function realName(facts: PolicyFacts, type: string): string {
  return facts.resolveType(type) ?? type;
}

function ruleKey(source: string, target: string, cls: string, permission: string): string {
  return `${source} ${target} ${cls} ${permission}`;
}

/** Labels that changes of this session give: `chcon` on one object, and local file contexts. */
class LocalLabels {
  readonly #facts: PolicyFacts;
  /** For each canonical path that was given a label: the label, and how many file contexts had been set before. */
  readonly #set: ReadonlyMap<string, { readonly type: string; readonly after: number }>;
  readonly #specs: readonly FileContextSpec[];
  readonly #contexts: FileContexts;

  /** Null where no change concerns labels. */
  static from(facts: PolicyFacts, changes: readonly Change[]): LocalLabels | null {
    const set = new Map<string, { readonly type: string; readonly after: number }>();
    const specs: FileContextSpec[] = [];
    for (const change of changes) {
      if (change.kind === "label") {
        set.set(facts.canonicalPath(change.path), { type: realName(facts, change.type), after: specs.length });
      } else if (change.kind === "restore") {
        const top = facts.canonicalPath(change.path);
        const below = top === "/" ? top : `${top}/`;
        for (const path of set.keys()) if (path === top || path.startsWith(below)) set.delete(path);
      } else if (change.kind === "fileContext") {
        specs.push({ regex: change.spec, kind: change.fileKind, type: realName(facts, change.type) });
      }
    }
    return set.size === 0 && specs.length === 0 ? null : new LocalLabels(facts, set, specs);
  }

  private constructor(
    facts: PolicyFacts,
    set: ReadonlyMap<string, { readonly type: string; readonly after: number }>,
    specs: readonly FileContextSpec[],
  ) {
    this.#facts = facts;
    this.#set = set;
    this.#specs = specs;
    this.#contexts = new FileContexts(specs);
  }

  label(path: string, kind: FileKind): LabelAnswer | null {
    const canonical = this.#facts.canonicalPath(path);
    const match = this.#contexts.match(canonical, kind);
    const set = this.#set.get(canonical);
    // A file context comes with a restorecon, which undoes a label that was set before.
    if (set !== undefined && (match === null || this.#specs.lastIndexOf(match.spec) < set.after)) {
      return { type: set.type, exact: true, spec: null };
    }
    if (match === null) return null;
    if ("refused" in match) return { type: null, exact: false, spec: match.spec.regex };
    if (!match.literal && this.#literalInPolicy(path, kind)) return null;
    return { type: match.spec.type, exact: true, spec: match.spec.regex };
  }

  /**
   * True where the policy's own spec has no metacharacter, so that it comes before a local one that has. The list of a
   * bundled release is not the policy's list: nothing follows from how its specs are written.
   */
  #literalInPolicy(path: string, kind: FileKind): boolean {
    if (!this.#facts.info.exactLabels) return false;
    const { spec } = this.#facts.label(path, kind);
    return spec !== null && isLiteralSpec(spec);
  }
}
