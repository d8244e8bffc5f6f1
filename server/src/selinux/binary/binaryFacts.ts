/** PolicyFacts from a kernel policy file: exact answers, those of the kernel. */
import { BoundedMap, memo } from "../../base/memo.ts";
import type { LabelFacts } from "../hostLabels.ts";
import { always, evaluateCondition } from "../conditions.ts";
import type { Condition, PolicyFacts, PolicyInfo, RuleAnswer, TypeTransition } from "../policy.ts";
import { accessRulesOf } from "./accessRules.ts";
import type { AccessRules } from "./accessRules.ts";
import { ALLOW, AUDITDENY, TYPE_TRANSITION, scanItems } from "./avtab.ts";
import type { ItemList } from "./avtab.ts";
import { holds } from "./constraints.ts";
import { defaultContexts } from "./defaultContexts.ts";
import { forEachAttribute, readPolicyDb } from "./policyDb.ts";
import type { HandleUnknown, PolicyDb } from "./policyDb.ts";
import type { ClassSymbol } from "./symbols.ts";
import { findNameTransition, forEachNameTransition } from "./transitions.ts";

/** What a policy file knows beyond PolicyFacts. */
export interface BinaryFacts extends PolicyFacts {
  /** 24 to 35. */
  readonly version: number;
  readonly handleUnknown: HandleUnknown;
  /** Names of the ordinary types, in no particular order. */
  readonly types: readonly string[];
  /** Alias -> the type's real name. */
  readonly aliases: ReadonlyMap<string, string>;
  /** Permission names by class, those inherited from a common included. */
  readonly permissions: ReadonlyMap<string, readonly string[]>;
  /** Names of the attributes of a type; empty for a name that is no type. Nameless ones (optimised away) are left out. */
  attributesOf(type: string): readonly string[];
  /**
   * The type that a type_transition rule gives a new process or object: source domain, type of the executable or
   * directory, class of the new thing, and for an object its name. Null where no rule applies: then a process keeps
   * its domain and an object gets the directory's type.
   */
  newType(
    source: string,
    target: string,
    cls: string,
    objectName: string | null,
    holds: (condition: Condition) => boolean,
  ): string | null;
  /** Every type_transition rule without a file name whose source is exactly this type, in file order. */
  transitionsFrom(source: string): readonly TypeTransition[];
}

/** Initial SID of a port that no record contains, and the one that stands in for a missing one (kernel initial_sid_to_string.h). */
const SID_PORT = 9;
const SID_UNLABELED = 3;
/** Bounds are a chain of at most this many types (kernel POLICYDB_BOUNDS_MAXDEPTH). */
const MAX_BOUNDS = 4;

/** Remembered answers about transitions. */
const MOST_TRANSITIONS = 10_000;

/** Labels of a policy file that stands alone: none is known. */
const NO_LABELS: LabelFacts = {
  label: () => ({ type: null, exact: false, spec: null }),
  canonicalPath: (path) => path,
  equivalenceAgainst: () => undefined,
  definesFileContext: () => false,
};

/**
 * Reads a kernel policy file into PolicyFacts. `labels` answers for file contexts; `domain` is nginx's. The bytes are
 * kept and must not change. Throws PolicyFormatError.
 */
export function binaryFacts(
  bytes: Uint8Array,
  info: PolicyInfo,
  labels: LabelFacts = NO_LABELS,
  domain = "httpd_t",
): BinaryFacts {
  const questions = new Questions(readPolicyDb(bytes));
  const { db, names, permissions, states } = questions;
  const portSid = db.initialSids.get(SID_PORT) ?? db.initialSids.get(SID_UNLABELED);
  return {
    info,
    domain,
    ports: db.ports,
    defaultPortType: (portSid === undefined ? undefined : db.types.names[portSid]) ?? "port_t",
    booleans: states,
    booleanSince: new Map(),
    domains: domainsOf(db, names.types),
    version: db.version,
    handleUnknown: db.handleUnknown,
    types: names.types,
    aliases: names.aliases,
    permissions,
    contents: {
      types: names.types,
      aliases: names.aliases,
      permissions,
      fileContexts: labels.lists,
      dontauditTargets: (source, cls, permission) => questions.silencedTargets(source, cls, permission),
      transitionsFrom: (source) => [...questions.transitionsFrom(source), ...questions.nameTransitionsFrom(source)],
    },
    resolveType: (name) => questions.realName(name),
    rules: (...asked) => questions.rules(...asked),
    dontaudit: (...asked) => questions.dontaudit(...asked),
    targets: (...asked) => questions.allowedTargets(...asked),
    fileTransition: (source, directoryType, cls, name) =>
      questions.transition(source, directoryType, cls, name ?? null),
    processTransition: (source, execType) => questions.transition(source, execType, "process", null),
    attributesOf: (type) => questions.attributesOf(type),
    newType: (...asked) => questions.newType(...asked),
    transitionsFrom: (source) => questions.transitionsFrom(source),
    isPermissive: (name) => questions.isPermissive(name),
    label: (path, kind) => {
      const answer = labels.label(path, kind);
      const real = answer.type === null ? undefined : questions.realName(answer.type);
      return real === undefined ? answer : { ...answer, type: real };
    },
    canonicalPath: (path) => labels.canonicalPath(path),
    equivalenceAgainst: (spec) => labels.equivalenceAgainst(spec),
    definesFileContext: (spec) => labels.definesFileContext(spec),
    localFileContext: (spec) => labels.localFileContext?.(spec),
  };
}

/** The questions to one policy, which is not changed by them; what answers them is made once. */
class Questions {
  readonly db: PolicyDb;
  readonly names: NameTables;
  readonly permissions: ReadonlyMap<string, readonly string[]>;
  /** The booleans as they are stored. */
  readonly states: ReadonlyMap<string, boolean>;
  readonly #allow: AccessRules;
  readonly #silencing: AccessRules;
  readonly #classNames: ReadonlyMap<number, string>;
  readonly #transitions = new BoundedMap<string, string | null>(MOST_TRANSITIONS);

  constructor(db: PolicyDb) {
    this.db = db;
    this.names = nameTables(db);
    this.permissions = new Map([...db.classes.values()].map((cls) => [cls.name, [...cls.permissions.keys()]]));
    this.states = new Map(db.booleans.map(({ name, state }) => [name, state]));
    this.#allow = accessRulesOf(db, ALLOW);
    this.#silencing = accessRulesOf(db, AUDITDENY);
    this.#classNames = new Map([...db.classes.values()].map(({ name, value }) => [value, name]));
  }

  /** The name of a type itself for one of its names; undefined where there is no such type. */
  realName(name: string): string | undefined {
    const value = this.#typeValue(name);
    return value === undefined ? undefined : this.db.types.names[value];
  }

  isPermissive(name: string): boolean {
    return this.db.permissive.has(this.#typeValue(name) ?? 0);
  }

  allowedTargets(source: string, cls: string, permission: string): ReadonlyMap<string, readonly Condition[]> {
    return this.#targetsBy(this.#allow, source, cls, permission, (...given) => this.#passed(...given));
  }

  silencedTargets(source: string, cls: string, permission: string): ReadonlyMap<string, readonly Condition[]> {
    return this.#targetsBy(this.#silencing, source, cls, permission, (_from, _target, _cls, _bit, given) => given);
  }

  #holdsAsStored(condition: Condition): boolean {
    return evaluateCondition(condition, (name) => this.states.get(name) ?? false);
  }

  #typeValue(name: string): number | undefined {
    const value = this.db.types.values.get(name);
    return value === undefined || !isType(this.db, value) ? undefined : value;
  }

  /** Value of source and target, or the answer that says which of them is none. */
  #typePair(source: string, target: string): readonly [number, number] | string {
    const from = this.#typeValue(source);
    const to = this.#typeValue(target);
    if (from === undefined || to === undefined) {
      return `the policy has no type ${from === undefined ? source : target}`;
    }
    return [from, to];
  }

  /** Conditions that pass constraints and bounds. `given` are those of the allow rules. */
  #passed(source: number, target: number, cls: ClassSymbol, bit: number, given: readonly Condition[]) {
    if (given.length === 0 || isConstrained(this.db, source, target, cls, bit)) {
      return [];
    }
    let conditions = given;
    let child = source;
    let object = target;
    for (let depth = 0; depth < MAX_BOUNDS; depth++) {
      // A bounded domain has no more than its parent has (kernel services.c, type_attribute_bounds_av).
      const parent = this.db.types.bounds[child] ?? 0;
      if (parent === 0) {
        break;
      }
      object = this.db.types.bounds[object] || object;
      const ofParent = this.#allow.conditionsOf(parent, object, cls.value, bit);
      if (ofParent.length === 0 || isConstrained(this.db, parent, object, cls, bit)) {
        return [];
      }
      conditions = bothOf(conditions, ofParent);
      child = parent;
    }
    return conditions;
  }

  rules(source: string, target: string, cls: string, permission: string): RuleAnswer {
    const pair = this.#typePair(source, target);
    if (typeof pair === "string") {
      return { known: false, reason: pair };
    }
    const classSymbol = this.db.classes.get(cls);
    const bit = classSymbol?.permissions.get(permission);
    if (classSymbol === undefined || bit === undefined) {
      return unknownAnswer(this.db.handleUnknown, classSymbol === undefined ? cls : `${cls} ${permission}`);
    }
    const given = this.#allow.conditionsOf(pair[0], pair[1], classSymbol.value, bit);
    return { known: true, conditions: this.#passed(pair[0], pair[1], classSymbol, bit, given) };
  }

  dontaudit(source: string, target: string, cls: string, permission: string): RuleAnswer {
    const pair = this.#typePair(source, target);
    const classSymbol = this.db.classes.get(cls);
    const bit = classSymbol?.permissions.get(permission);
    if (typeof pair === "string" || classSymbol === undefined || bit === undefined) {
      return { known: false, reason: typeof pair === "string" ? pair : `the policy has no ${cls} ${permission}` };
    }
    return { known: true, conditions: this.#silencing.conditionsOf(pair[0], pair[1], classSymbol.value, bit) };
  }

  /** Targets of the rules of one kind; `kept` gives the conditions that remain for a target. */
  #targetsBy(
    rulesOfKind: AccessRules,
    source: string,
    cls: string,
    permission: string,
    kept: (
      from: number,
      target: number,
      cls: ClassSymbol,
      bit: number,
      given: readonly Condition[],
    ) => readonly Condition[],
  ): ReadonlyMap<string, readonly Condition[]> {
    const from = this.#typeValue(source);
    const classSymbol = this.db.classes.get(cls);
    const bit = classSymbol?.permissions.get(permission);
    const answer = new Map<string, readonly Condition[]>();
    if (from === undefined || classSymbol === undefined || bit === undefined) {
      return answer;
    }
    for (const [target, given] of rulesOfKind.targetsOf(from, classSymbol.value, bit)) {
      const conditions = kept(from, target, classSymbol, bit, given);
      const name = this.db.types.names[target];
      if (conditions.length > 0 && name !== undefined) {
        answer.set(name, conditions);
      }
    }
    return answer;
  }

  newType(
    source: string,
    target: string,
    cls: string,
    objectName: string | null,
    isTrue: (condition: Condition) => boolean,
  ): string | null {
    const pair = this.#typePair(source, target);
    const classSymbol = this.db.classes.get(cls);
    if (typeof pair === "string" || classSymbol === undefined) {
      return null;
    }
    if (objectName !== null) {
      const name = new TextEncoder().encode(objectName);
      const named = findNameTransition(
        this.db.view,
        this.db.nameTransitions,
        pair[0],
        pair[1],
        classSymbol.value,
        name,
      );
      if (named !== undefined) {
        return this.db.types.names[named] ?? null;
      }
    }
    let found: number | null = null;
    scanTransitions(this.db, (from, to, itemClass, data, condition) => {
      if (found === null && from === pair[0] && to === pair[1] && itemClass === classSymbol.value) {
        found = isTrue(condition()) ? data : null;
      }
    });
    return found === null ? null : (this.db.types.names[found] ?? null);
  }

  transitionsFrom(source: string): readonly TypeTransition[] {
    const value = this.#typeValue(source);
    const found: TypeTransition[] = [];
    scanTransitions(this.db, (from, to, itemClass, data, condition) => {
      const target = this.db.types.names[to];
      const cls = this.#classNames.get(itemClass);
      const newName = this.db.types.names[data];
      if (from === value && target !== undefined && cls !== undefined && newName !== undefined) {
        found.push({ target, cls, newType: newName, condition: condition(), name: null });
      }
    });
    return found;
  }

  nameTransitionsFrom(source: string): readonly TypeTransition[] {
    const found: TypeTransition[] = [];
    forEachNameTransition(
      this.db.view,
      this.db.nameTransitions,
      this.#typeValue(source) ?? 0,
      (bytes, to, itemClass, data) => {
        const target = this.db.types.names[to];
        const cls = this.#classNames.get(itemClass);
        const newName = this.db.types.names[data];
        if (target !== undefined && cls !== undefined && newName !== undefined) {
          const name = new TextDecoder().decode(bytes);
          found.push({ target, cls, newType: newName, condition: always, name });
        }
      },
    );
    return found;
  }

  attributesOf(type: string): readonly string[] {
    const value = this.#typeValue(type);
    const found: string[] = [];
    if (value !== undefined) {
      forEachAttribute(this.db, value, (attribute) => {
        const name = this.db.types.names[attribute];
        if (name !== undefined && this.db.types.isAttribute[attribute] === 1) {
          found.push(name);
        }
      });
    }
    return found;
  }

  /** Each question scans the whole policy, and the same few are asked over and over. */
  transition(source: string, target: string, cls: string, name: string | null): string | undefined {
    const key = `${source} ${target} ${cls} ${name ?? ""}`;
    const found = memo(this.#transitions, key, () =>
      this.newType(source, target, cls, name, (condition) => this.#holdsAsStored(condition)),
    );
    return found ?? undefined;
  }
}

/** True for a value that has a name and is no attribute. */
function isType(db: PolicyDb, value: number): boolean {
  return db.types.names[value] !== undefined && db.types.isAttribute[value] === 0;
}

interface NameTables {
  readonly types: readonly string[];
  readonly aliases: ReadonlyMap<string, string>;
}

function nameTables(db: PolicyDb): NameTables {
  const types: string[] = [];
  const aliases = new Map<string, string>();
  for (const [name, value] of db.types.values) {
    const real = db.types.names[value];
    if (real === undefined || !isType(db, value)) {
      continue;
    }
    if (real === name) {
      types.push(name);
    } else {
      aliases.set(name, real);
    }
  }
  return { types, aliases };
}

/** Types that a process can have: those with the attribute `domain`; all types where the policy kept no such attribute. */
function domainsOf(db: PolicyDb, types: readonly string[]): readonly string[] {
  const attribute = db.types.values.get("domain");
  if (attribute === undefined || db.types.isAttribute[attribute] !== 1) {
    return types;
  }
  return types.filter((name) => {
    let found = false;
    forEachAttribute(db, db.types.values.get(name) ?? 0, (value) => {
      found ||= value === attribute;
    });
    return found;
  });
}

/** True where a constraint takes the permission away between the two types' usual contexts. */
function isConstrained(db: PolicyDb, source: number, target: number, cls: ClassSymbol, bit: number): boolean {
  const relevant = cls.constraints.filter((constraint) => (constraint.permissions & bit) !== 0);
  if (relevant.length === 0) {
    return false;
  }
  const contexts = defaultContexts(db, source, target);
  const dominates = (role: number): number | null => db.roles.find(({ value }) => value === role)?.dominates ?? null;
  return relevant.some((constraint) => !holds(db.view, constraint, contexts.source, contexts.target, dominates));
}

/** Conditions under which one of each list holds. */
function bothOf(left: readonly Condition[], right: readonly Condition[]): readonly Condition[] {
  if (right.some(({ op }) => op === "true")) {
    return left;
  }
  const either = anyOf(right);
  return left.map((condition) => (condition.op === "true" ? either : { op: "and", left: condition, right: either }));
}

/** A tree as shallow as can be: conditions are evaluated by recursion. */
function anyOf(conditions: readonly Condition[]): Condition {
  let level = conditions;
  while (level.length > 1) {
    const above: Condition[] = [];
    for (let index = 0; index < level.length; index += 2) {
      const left = level[index];
      const right = level[index + 1];
      if (left !== undefined) {
        above.push(right === undefined ? left : { op: "or", left, right });
      }
    }
    level = above;
  }
  return level[0] ?? { op: "not", of: { op: "true" } };
}

/** What the kernel answers for a class or permission that the policy does not define (services.c, unmap_perm and allow_unknown). */
function unknownAnswer(handleUnknown: HandleUnknown, what: string): RuleAnswer {
  switch (handleUnknown) {
    case "allow":
      return { known: true, conditions: [{ op: "true" }] };
    case "deny":
      return { known: true, conditions: [] };
    case "reject":
      return { known: false, reason: `the policy does not define ${what}, and a kernel that does would not load it` };
  }
}

/** Calls `visit` with every type_transition: values of source, target, class and new type, and the condition. */
function scanTransitions(
  db: PolicyDb,
  visit: (source: number, target: number, cls: number, data: number, condition: () => Condition) => void,
): void {
  const scan = (list: ItemList, condition: () => Condition): void =>
    scanItems(db.view, list, TYPE_TRANSITION, (source, target, cls, data) =>
      visit(source, target, cls, data, condition),
    );
  scan(db.rules, () => ({ op: "true" }));
  for (const block of db.conditionals) {
    scan(block.whenTrue, () => block.condition);
    scan(block.whenFalse, () => ({ op: "not", of: block.condition }));
  }
}
