/** The one implementation of the policy's semantics: facts under boolean values and local changes. */
import { BoundedMap, memo } from "../base/memo.ts";
import { always, evaluateCondition, inOrder } from "./conditions.ts";
import { FileContexts, unknownLabel, type FileContextMatch } from "./fileContexts.ts";
import { listOf, type FileContextSpec, type FileKind } from "./fileContextLists.ts";
import { PortTable, firstRecord } from "./portTable.ts";
import { RuleMap } from "./ruleMap.ts";
import { isLiteralSpec } from "./specText.ts";
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

/**
 * The facts under changes, applied in order: a later boolean value, port label or file context wins over an earlier
 * one, as on a host. A boolean that the policy does not have is ignored; the edges of the program refuse it by name.
 * Cheap: what is derived from the facts alone is computed once for all policies made of them.
 */
export function policyOf(facts: PolicyFacts, changes: readonly Change[] = []): Policy {
  return new FactsUnderChanges(facts, changes, null);
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

/**
 * A layer of changes over other layers: a replay adds a few changes to the thousands that a host has, and reads those of
 * the layers below it as they are.
 */
class FactsUnderChanges implements Policy {
  readonly facts: PolicyFacts;
  readonly booleans: ReadonlyMap<string, boolean>;
  readonly #below: FactsUnderChanges | null;
  readonly #own: readonly Change[];
  #all: readonly Change[] | null = null;
  /** Port records of this layer, newest first: libsemanage puts them in front of the policy's. */
  readonly #ports: readonly PortRecord[];
  #portTable: PortTable | null = null;
  readonly #allowed: RuleMap<true> | null;
  /** True where a change of this layer or of one below it allows something. */
  readonly #hasAllowed: boolean;
  /** What the rules of the facts come to under these booleans; other changes make no difference to that. */
  readonly #checked: RuleMap<CheckResult>;
  readonly #labels: LocalLabels | null;
  readonly #valueOf = (name: string): boolean => this.booleans.get(name) ?? false;

  constructor(facts: PolicyFacts, own: readonly Change[], below: FactsUnderChanges | null) {
    this.facts = facts;
    this.#own = own;
    this.#below = below;
    this.booleans = booleansUnder(below?.booleans ?? facts.booleans, own);
    this.#ports = own.some(({ kind }) => kind === "port") ? portsOf(facts, own) : noPorts;
    this.#allowed = own.some(({ kind }) => kind === "allow") ? rulesOf(facts, own) : null;
    this.#hasAllowed = this.#allowed !== null || (below !== null && below.#hasAllowed);
    this.#checked = checkedUnder(facts, this.booleans);
    this.#labels = LocalLabels.over(below === null ? null : below.#labels, facts, own);
  }

  get changes(): readonly Change[] {
    return (this.#all ??= this.#below === null ? this.#own : [...this.#below.changes, ...this.#own]);
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
    const isOwn =
      this.#ports.length > fewRecords
        ? this.#tableOfOwn().defines(protocol, low, high)
        : this.#ports.some((record) => record.protocol === protocol && record.low === low && record.high === high);
    return isOwn || (this.#below !== null && this.#below.#definesLocally(protocol, low, high));
  }

  #tableOfOwn(): PortTable {
    this.#portTable ??= new PortTable(this.#ports);
    return this.#portTable;
  }

  #localRecord(protocol: Protocol, port: number): PortRecord | null {
    const own =
      this.#ports.length <= fewRecords
        ? firstRecord(this.#ports, protocol, port)
        : this.#tableOfOwn().record(protocol, port);
    return own ?? (this.#below === null ? null : this.#below.#localRecord(protocol, port));
  }

  label(path: string, kind: FileKind): LabelAnswer {
    return this.#labels?.label(path, kind) ?? this.facts.label(path, kind);
  }

  #allows(domain: string, type: string, cls: string, permission: string): boolean {
    if (this.#allowed?.get(domain, type, cls, permission) === true) return true;
    return this.#below !== null && this.#below.#allows(domain, type, cls, permission);
  }

  check(source: string, target: string, cls: string, permission: string): CheckResult {
    if (this.#hasAllowed) {
      const isAllowed = this.#allows(realName(this.facts, source), realName(this.facts, target), cls, permission);
      if (isAllowed) return allowedByChange;
    }
    const known = this.#checked.get(source, target, cls, permission);
    if (known !== undefined) return known;
    const result = this.#checkRules(source, target, cls, permission);
    this.#checked.set(source, target, cls, permission, result);
    return result;
  }

  #checkRules(source: string, target: string, cls: string, permission: string): CheckResult {
    const answer = this.facts.rules(realName(this.facts, source), realName(this.facts, target), cls, permission);
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
    return FactsUnderChanges.#over(this, changes);
  }

  /** A layer that is no larger than those above it becomes one with them: there are never many. */
  static #over(top: FactsUnderChanges, changes: readonly Change[]): FactsUnderChanges {
    let own = changes;
    let below: FactsUnderChanges | null = top;
    while (below !== null && below.#own.length <= own.length) {
      own = [...below.#own, ...own];
      below = below.#below;
    }
    return new FactsUnderChanges(top.facts, own, below);
  }
}

const noPorts: readonly PortRecord[] = [];

function portsOf(facts: PolicyFacts, changes: readonly Change[]): readonly PortRecord[] {
  return changes.flatMap((change) => (change.kind === "port" ? [recordOf(facts, change)] : [])).reverse();
}

function rulesOf(facts: PolicyFacts, changes: readonly Change[]): RuleMap<true> {
  const rules = new RuleMap<true>();
  for (const change of changes) {
    if (change.kind !== "allow") continue;
    const { source, target, cls, permission } = change;
    rules.set(realName(facts, source), realName(facts, target), cls, permission, true);
  }
  return rules;
}

/** What is known of the facts' rules under some values of the booleans, whatever else is changed. */
function checkedUnder(facts: PolicyFacts, booleans: ReadonlyMap<string, boolean>): RuleMap<CheckResult> {
  const ofFacts = memo(checkedOf, facts, () => new WeakMap<ReadonlyMap<string, boolean>, RuleMap<CheckResult>>());
  return memo(ofFacts, booleans, () => new RuleMap<CheckResult>());
}

const checkedOf = new WeakMap<PolicyFacts, WeakMap<ReadonlyMap<string, boolean>, RuleMap<CheckResult>>>();

/** Equal values are the same object, near each other: what the rules come to under them is known then. */
function booleansUnder(below: ReadonlyMap<string, boolean>, changes: readonly Change[]): ReadonlyMap<string, boolean> {
  const turned = changes.filter((change) => change.kind === "boolean").filter(({ name }) => below.has(name));
  if (turned.length === 0) return below;
  const known = memo(turnedOver, below, () => new BoundedMap<string, ReadonlyMap<string, boolean>>(MOST_TURNED));
  return memo(known, JSON.stringify(turned), () => {
    const values = new Map(below);
    for (const { name, value } of turned) values.set(name, value);
    return values;
  });
}

const turnedOver = new WeakMap<ReadonlyMap<string, boolean>, BoundedMap<string, ReadonlyMap<string, boolean>>>();

/** Values of the booleans that are kept: fixes turn on one or two of a few dozen. */
const MOST_TURNED = 256;

function recordOf(facts: PolicyFacts, change: ChangeOf<"port">): PortRecord {
  const { protocol, low, high } = change;
  return { protocol, low, high, type: realName(facts, change.type) };
}

/** An allow rule that a change adds has no condition. */
const allowedByChange: CheckResult = { verdict: "allowed", by: [always] };

function realName(facts: PolicyFacts, type: string): string {
  return facts.resolveType(type) ?? type;
}

/** A label that was given to one object: the label, and how many file contexts had been set before. */
interface SetLabel {
  readonly type: string;
  readonly after: number;
}

/** Labels that the changes of a layer give, over those of the layers below: `chcon` on one object, and local file contexts. */
class LocalLabels {
  readonly #facts: PolicyFacts;
  readonly #below: LocalLabels | null;
  /** By canonical path. */
  readonly #set: ReadonlyMap<string, SetLabel>;
  /** Canonical paths below which the labels of the layers below are undone. */
  readonly #restored: readonly string[];
  readonly #specs: readonly FileContextSpec[];
  readonly #contexts: FileContexts;
  /** File contexts of all layers below. */
  readonly #before: number;

  /** The labels below where no change of the layer concerns labels. */
  static over(below: LocalLabels | null, facts: PolicyFacts, changes: readonly Change[]): LocalLabels | null {
    if (!changes.some(isOfLabels)) return below;
    const set = new Map<string, SetLabel>();
    const restored: string[] = [];
    const specs: FileContextSpec[] = [];
    const before = below?.count ?? 0;
    for (const change of changes) {
      if (change.kind === "label") {
        const label = { type: realName(facts, change.type), after: before + specs.length };
        set.set(facts.canonicalPath(change.path), label);
      } else if (change.kind === "restore") {
        const top = facts.canonicalPath(change.path);
        for (const path of set.keys()) if (isWithin(top, path)) set.delete(path);
        if (below !== null) restored.push(top);
      } else if (change.kind === "fileContext") {
        specs.push({ regex: change.spec, kind: change.fileKind, type: realName(facts, change.type) });
      }
    }
    if (set.size === 0 && specs.length === 0 && restored.length === 0) return below;
    return new LocalLabels(facts, below, { set, restored, specs });
  }

  private constructor(
    facts: PolicyFacts,
    below: LocalLabels | null,
    own: {
      readonly set: ReadonlyMap<string, SetLabel>;
      readonly restored: readonly string[];
      readonly specs: readonly FileContextSpec[];
    },
  ) {
    this.#facts = facts;
    this.#below = below;
    this.#set = own.set;
    this.#restored = own.restored;
    this.#specs = own.specs;
    this.#contexts = new FileContexts(listOf(own.specs));
    this.#before = below?.count ?? 0;
  }

  /** File contexts of this layer and of those below. */
  get count(): number {
    return this.#before + this.#specs.length;
  }

  label(path: string, kind: FileKind): LabelAnswer | null {
    const canonical = this.#facts.canonicalPath(path);
    const match = this.#match(canonical, kind);
    const set = this.#setLabel(canonical);
    // A file context comes with a restorecon, which undoes a label that was set before.
    if (set !== null && (match === null || match.position < set.after)) {
      return { type: set.type, exact: true, spec: null };
    }
    if (match === null) return null;
    const { found } = match;
    if ("refused" in found) return unknownLabel(found, "the changes");
    if (!found.literal && this.#literalInPolicy(path, kind)) return null;
    return { type: found.spec.type, exact: true, spec: found.spec.regex };
  }

  /** As in one list: those without metacharacters come before all others, and of each kind the last one wins. */
  #match(canonical: string, kind: FileKind): { readonly found: FileContextMatch; readonly position: number } | null {
    const found = this.#specs.length === 0 ? null : this.#contexts.match(canonical, kind);
    if (found !== null && isLiteralSpec(found.spec.regex)) return this.#placed(found);
    const below = this.#below === null ? null : this.#below.#match(canonical, kind);
    if (found === null || (below !== null && isLiteralSpec(below.found.spec.regex))) return below;
    return this.#placed(found);
  }

  #placed(found: FileContextMatch): { readonly found: FileContextMatch; readonly position: number } {
    return { found, position: this.#before + found.index };
  }

  #setLabel(canonical: string): SetLabel | null {
    const own = this.#set.get(canonical);
    if (own !== undefined) return own;
    if (this.#below === null || this.#restored.some((top) => isWithin(top, canonical))) return null;
    return this.#below.#setLabel(canonical);
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

function isOfLabels({ kind }: Change): boolean {
  return kind === "label" || kind === "restore" || kind === "fileContext";
}

/** True for a path itself and what lies below it. */
function isWithin(top: string, path: string): boolean {
  return path === top || path.startsWith(top === "/" ? top : `${top}/`);
}
